// npm run netlab:matrix: the programs at both ends of every pair of NATs, in a lab. Exits 1 if a pair that must be direct
// is not, or one that cannot be is; 2 if the command line makes no sense, 3 where there can be no lab, 130 if somebody ended it.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { NAT_TYPES, stopSignal } from '@p2pshare/netlab'
import { MatrixUsageError, isNoLab } from './errors.ts'
import { describeMachine } from './machine.ts'
import { resolveOptions } from './options.ts'
import type { MatrixOptions } from './options.ts'
import { pageOf } from './page.ts'
import type { Setting } from './page.ts'
import { pairName } from './pairs.ts'
import { cellsOf, runLine, today } from './recorded.ts'
import { shortfall } from './results.ts'
import type { Cell, RunResult } from './results.ts'
import type { Tell } from './run/cell.ts'
import { runCells } from './run/cells.ts'
import { rowOf, textTable } from './table.ts'

const PAGE = fileURLToPath(new URL('../../../docs/nat-matrix.md', import.meta.url))
const EXIT = { ok: 0, short: 1, usage: 2, noLab: 3, stopped: 130 } as const
/** One way: a to the relay 15 + 5, b to the relay 25 + 5; a to b 15 + 25. As @p2pshare/netlab has it unless told. */
const RELAY_RTT_MS = 100
const DIRECT_RTT_MS = 80
const USAGE = `netlab:matrix [--types A,B,..|A:B,..] [--runs N] [--loss 0,5] [--harness cli|node] [--jobs N] [--waited MS]
  [--json] [--write] [--slice]
  or, for the table and the page of what was said with --json before: [--write] --from FILE...`

const signal = stopSignal()
try {
  process.exitCode = await main()
} catch (error) {
  if (signal.aborted) {
    process.exitCode = EXIT.stopped
  } else if (error instanceof MatrixUsageError || (error instanceof TypeError && 'code' in error)) {
    process.stderr.write(`${error.message}\n${USAGE}\n`)
    process.exitCode = EXIT.usage
  } else if (isNoLab(error)) {
    process.stderr.write(`${error.message}\n${error.advice ?? ''}\n`)
    process.exitCode = EXIT.noLab
  } else {
    throw error
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      types: { type: 'string' },
      runs: { type: 'string' },
      loss: { type: 'string' },
      harness: { type: 'string' },
      jobs: { type: 'string' },
      waited: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      slice: { type: 'boolean', default: false },
      from: { type: 'string', multiple: true }
    }
  })
  const options = resolveOptions(values)
  const cells = values.from === undefined ? await runAll(options, values.json) : await readCells(values.from)
  if (!values.json) {
    process.stdout.write(`${textTable(cells.map(rowOf))}\n`)
  }
  if (values.write) {
    await writeFile(PAGE, pageOf(setting(), cells))
  }
  return cells.some((cell) => shortfall(cell) !== undefined) ? EXIT.short : EXIT.ok
}

async function runAll(options: MatrixOptions, json: boolean): Promise<Cell[]> {
  const tell: Tell = (result, { pair, lossPercent }, which) => {
    if (json) {
      process.stdout.write(runLine(pair, lossPercent, result, options.harness))
    }
    process.stderr.write(`${pairName(pair)}, ${lossPercent} % loss, ${which}: ${inWords(result)}\n`)
  }
  return runCells(options, tell, signal)
}

/** What earlier runs said with `--json`. */
async function readCells(files: readonly string[]): Promise<Cell[]> {
  const cells = cellsOf(await Promise.all(files.map(async (file) => readFile(file, 'utf8'))))
  return cells.toSorted((one, other) => rankOf(one) - rankOf(other))
}

/** As a run of everything has it; one harness after the other. */
function rankOf({ harness, pair, lossPercent }: Cell): number {
  const types = Object.keys(NAT_TYPES)
  const [a, b] = [types.indexOf(pair.a), types.indexOf(pair.b)]
  const first = harness === 'cli' ? 0 : 200 * types.length ** 2
  return (
    first +
    (lossPercent * types.length + (pair.b === 'lan' ? types.length : a)) * types.length +
    (pair.b === 'lan' ? a : b)
  )
}

function inWords({ connected, path, way, directMs, error }: RunResult): string {
  const time = directMs === undefined ? '' : ` in ${Math.round(directMs)} ms`
  return `${connected ? path : 'failed'}${way === undefined ? '' : ` by ${way}${time}`}${error === undefined ? '' : `: ${error}`}`
}

function setting(): Setting {
  return {
    day: today(),
    relayRttMs: RELAY_RTT_MS,
    directRttMs: DIRECT_RTT_MS,
    machine: describeMachine()
  }
}
