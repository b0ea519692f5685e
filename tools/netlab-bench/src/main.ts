// npm run bench:nat: transfers behind two NATs. One line of JSON a run on standard output. Exits 1 if a copy was wrong, 2 if
// the command line makes no sense, 3 where there can be no lab, 130 if somebody ended it.
import { parseArgs } from 'node:util'
import { stopSignal } from '@p2pshare/netlab'
import { BenchUsageError } from './errors.ts'
import { tellVerdict, verdictOn } from './goals.ts'
import { lineRun } from './line.ts'
import { moveRun, restartRun, switchRun, throughputRun } from './runs.ts'
import type { Findings, RunOptions } from './runs.ts'

const RUNS: Readonly<Record<string, (options: RunOptions) => Promise<Findings>>> = {
  move: moveRun,
  restart: restartRun,
  throughput: throughputRun,
  line: lineRun,
  switches: switchRun
}
const EXIT = { wrong: 1, usage: 2, noLab: 3, stopped: 130 } as const
const MEBIBYTE = 1024 * 1024
/** In MiB; of runs that would be over too soon with it, more. */
const SIZE = 256
const SIZES: Readonly<Record<string, number>> = { switches: 1280 }
const USAGE = `bench:nat [${Object.keys(RUNS).join('|')}] [--size MIB] [--loss PERCENT] [--side a|b] [--renumber] [--streams] [--relay MIB] [--runs N] [--verbose]`

const signal = stopSignal()
try {
  await main()
} catch (error) {
  if (signal.aborted) {
    process.exitCode = EXIT.stopped
  } else if (error instanceof BenchUsageError || (error instanceof TypeError && 'code' in error)) {
    process.stderr.write(`${error.message}\n${USAGE}\n`)
    process.exitCode = EXIT.usage
  } else if (error instanceof Error && (error.name === 'MissingToolsError' || error.name === 'NoNamespacesError')) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT.noLab
  } else {
    throw error
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string' },
      loss: { type: 'string', default: '0' },
      side: { type: 'string', default: 'b' },
      runs: { type: 'string', default: '1' },
      relay: { type: 'string' },
      renumber: { type: 'boolean', default: false },
      streams: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false }
    }
  })
  const names = positionals.length === 0 ? Object.keys(RUNS) : positionals
  const size = values.size === undefined ? undefined : number('size', values.size, 1, 1024 * 1024)
  const lossPercent = number('loss', values.loss, 0, 90)
  const options: Omit<RunOptions, 'bytes'> = {
    signal,
    lossPercent,
    relayBytes: values.relay === undefined ? undefined : number('relay', values.relay, 1, 1024 * 1024) * MEBIBYTE,
    side: sideOf(values.side),
    renumber: values.renumber,
    streams: values.streams,
    verbose: values.verbose
  }
  for (const name of names) {
    const run = RUNS[name]
    if (run === undefined) {
      throw new BenchUsageError(`there is no run ${name}`)
    }
    const bytes = (size ?? SIZES[name] ?? SIZE) * MEBIBYTE
    for (let at = 0; at < number('runs', values.runs, 1, 1000); at++) {
      const findings = await run({ ...options, bytes })
      signal.throwIfAborted()
      const verdict = verdictOn(name, lossPercent, findings)
      process.stdout.write(
        `${JSON.stringify({ run: name, ...verdict, ...findings }, undefined, values.verbose ? 1 : 0)}\n`
      )
      process.stderr.write(verdict === undefined ? '' : tellVerdict(name, findings, verdict))
      if (findings['hashEqual'] === false) {
        process.exitCode = EXIT.wrong
      }
    }
  }
}

function sideOf(text: string): 'a' | 'b' {
  if (text !== 'a' && text !== 'b') {
    throw new BenchUsageError(`--side ${text}: a or b`)
  }
  return text
}

function number(option: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (!(value >= least && value <= most)) {
    throw new BenchUsageError(`--${option} ${text}: from ${least} to ${most}`)
  }
  return value
}
