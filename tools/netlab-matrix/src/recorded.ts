import { loadavg } from 'node:os'
import { isNatType } from '@p2pshare/netlab'
import { jsonLine } from './observe.ts'
import type { JsonLine } from './observe.ts'
import { pairName } from './pairs.ts'
import type { Pair } from './pairs.ts'
import { cellOf } from './results.ts'
import type { Cell, Harness, RunResult } from './results.ts'

/** How busy the machine was when a run ended: its load average over a minute. A busy machine makes every time longer. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}

/** As 2026-11-22. */
export function today(): string {
  return new Date().toISOString().slice(0, 10)
}

/** A run as a line of `--json`, for `cellsOf`. */
export function runLine(pair: Pair, lossPercent: number, result: RunResult, harness: Harness = 'cli'): string {
  return `${JSON.stringify({ type: 'run', harness, pair, lossPercent, ...result })}\n`
}

/**
 * The cells of runs that were written with `--json`, in the order in which they first came. Runs of one cell may be
 * anywhere: a matrix of days is run in parts. Lines that are something else do not count.
 */
export function cellsOf(texts: readonly string[]): Cell[] {
  const cells = new Map<string, { pair: Pair; lossPercent: number; results: RunResult[]; harness: Harness }>()
  for (const line of texts.flatMap((text) => text.split('\n').flatMap((each) => jsonLine(each) ?? []))) {
    const { pair, lossPercent } = line
    const harness = line['harness'] === 'node' ? 'node' : 'cli'
    if (line.type === 'run' && line['heldUp'] !== true && isPair(pair) && typeof lossPercent === 'number') {
      const key = `${harness} ${pairName(pair)} ${lossPercent}`
      const cell = cells.get(key) ?? { pair, lossPercent, results: [], harness }
      cells.set(key, cell)
      cell.results.push(resultIn(line))
    }
  }
  return [...cells.values()].map(({ pair, lossPercent, results, harness }) =>
    cellOf(pair, lossPercent, results, harness)
  )
}

function isPair(value: unknown): value is Pair {
  const { a, b } = (value ?? {}) as Partial<Record<keyof Pair, unknown>>
  return typeof a === 'string' && isNatType(a) && typeof b === 'string' && isNatType(b)
}

/** Written by `runLine` of the same user. */
function resultIn({ type: _type, harness: _harness, pair: _pair, lossPercent: _loss, ...result }: JsonLine): RunResult {
  return result as unknown as RunResult
}
