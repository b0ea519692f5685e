import { downOnAbort } from '@p2pshare/netlab'
import { isLan } from '../pairs.ts'
import type { MatrixOptions } from '../options.ts'
import type { Cell, RunResult } from '../results.ts'
import { runCell } from './cell.ts'
import type { Tell, WantedCell } from './cell.ts'
import { runCli } from './cli-run.ts'
import { runNodes } from './node-run.ts'
import { setScene } from './scene.ts'
import { Stage } from './stage.ts'

/** All cells, in the order in which they are wanted. Aborting the signal takes down the lab that is up. */
export async function runCells(options: MatrixOptions, tell: Tell, signal: AbortSignal): Promise<Cell[]> {
  const wanted = options.losses.flatMap((lossPercent) => options.pairs.map((pair) => ({ pair, lossPercent })))
  return options.harness === 'cli' ? cliCells(wanted, options, tell, signal) : nodeCells(wanted, options, tell, signal)
}

/** Each in a lab of its own. */
async function cliCells(
  wanted: readonly WantedCell[],
  options: MatrixOptions,
  tell: Tell,
  signal: AbortSignal
): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const cell of wanted) {
    await using scene = await setScene(cell.pair, cell.lossPercent, { signal })
    using _ = downOnAbort(signal, scene)
    cells.push(await runCell(cell, options, async () => whole(runCli(scene), signal), tell))
  }
  return cells
}

/** All of one loss in one lab, but neighbours, who have one for each pair. */
async function nodeCells(
  wanted: readonly WantedCell[],
  options: MatrixOptions,
  tell: Tell,
  signal: AbortSignal
): Promise<Cell[]> {
  const cells = new Map<WantedCell, Cell>()
  for (const [at, group] of groupsOf(wanted).entries()) {
    const pairs = group.map(({ pair }) => pair)
    const name = `matrix-${process.pid}-${at}`
    await using stage = await Stage.build(pairs, { lossPercent: group[0]?.lossPercent ?? 0, name }, { signal })
    using _ = downOnAbort(signal, stage)
    const left = [...group]
    const worker = async (): Promise<void> => {
      for (let cell = takeFree(left, stage); cell !== undefined; cell = takeFree(left, stage)) {
        const { pair } = cell
        const release = stage.take(pair)
        cells.set(cell, await runCell(cell, options, async () => whole(runNodes(stage, pair), signal), tell))
        release()
      }
    }
    while (left.length > 0) {
      await Promise.all(Array.from({ length: options.jobs }, worker))
    }
  }
  return wanted.flatMap((cell) => cells.get(cell) ?? [])
}

/** A run whose lab was taken from under it has no result. */
async function whole(run: Promise<RunResult>, signal: AbortSignal): Promise<RunResult> {
  const result = await run
  signal.throwIfAborted()
  return result
}

/** Which cells share a lab. */
function groupsOf(wanted: readonly WantedCell[]): WantedCell[][] {
  const groups = new Map<string, WantedCell[]>()
  for (const cell of wanted) {
    const key = `${cell.lossPercent} ${isLan(cell.pair) ? cell.pair.a : ''}`
    groups.set(key, [...(groups.get(key) ?? []), cell])
  }
  return [...groups.values()]
}

/** The first whose hosts nobody else uses. */
function takeFree(left: WantedCell[], stage: Stage): WantedCell | undefined {
  const at = left.findIndex(({ pair }) => stage.isFree(pair))
  return at === -1 ? undefined : left.splice(at, 1)[0]
}
