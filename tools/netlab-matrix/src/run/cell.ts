import { expectationOf } from '../pairs.ts'
import type { Pair } from '../pairs.ts'
import { loadNow, today } from '../recorded.ts'
import { cellOf } from '../results.ts'
import type { Cell, Harness, RunResult } from '../results.ts'

/** So many runs may be made once more for each that counts. On a machine that is always busy the last ones count. */
const MAX_REPEATS = 1

/** A cell that is to be run. */
export interface WantedCell {
  readonly pair: Pair
  readonly lossPercent: number
}

/** How often, and who. */
export interface CellOptions {
  readonly runs: number
  readonly harness: Harness
  readonly maxWaitedMs: number
}

/** Called with each run, also with one that has to be made once more. */
export type Tell = (result: RunResult, cell: WantedCell, which: string) => void

/** All runs of one cell. */
export async function runCell(
  cell: WantedCell,
  { runs, harness, maxWaitedMs }: CellOptions,
  run: () => Promise<RunResult>,
  tell: Tell
): Promise<Cell> {
  const results: RunResult[] = []
  let repeats = MAX_REPEATS * runs
  while (results.length < runs) {
    const result: RunResult = { ...(await run()), load: loadNow(), day: today() }
    // of the real programs it is not known; a run that failed counts, whatever held it up
    const isHeldUp = (result.waitedMs ?? 0) > maxWaitedMs && isAsExpected(cell.pair, result)
    if (isHeldUp && repeats-- > 0) {
      tell({ ...result, heldUp: true }, cell, 'once more, held up')
      continue
    }
    results.push(result)
    tell(result, cell, `${results.length} of ${runs}`)
  }
  return cellOf(cell.pair, cell.lossPercent, results, harness)
}

function isAsExpected(pair: Pair, { connected, path }: RunResult): boolean {
  return connected && (path === 'direct') === (expectationOf(pair) === 'direct')
}
