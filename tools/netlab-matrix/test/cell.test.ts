import { describe, expect, it } from 'vitest'
import { runCell } from '../src/run/cell.ts'
import { mostWaitedMs } from '../src/run/processor.ts'

const CELL = { pair: { a: 'rst', b: 'rst' }, lossPercent: 0 } as const

/** Runs a cell whose runs waited so long for a processor, one after the other. */
async function runsOf(waited: readonly number[], runs: number): Promise<[counted: number, told: string[]]> {
  const left = [...waited]
  const told: string[] = []
  const cell = await runCell(
    CELL,
    { runs, harness: 'node', maxWaitedMs: 40 },
    async () => ({ connected: true, path: 'direct', waitedMs: left.shift() ?? 0 }),
    (_result, _cell, which) => told.push(which)
  )
  return [cell.runs, told]
}

describe('a run that was held up', () => {
  it('is made once more', async () => {
    expect(await runsOf([40, 41, 0], 2)).toEqual([2, ['1 of 2', 'once more, held up', '2 of 2']])
  })

  it('counts where there are as many of them as runs: the machine is always busy', async () => {
    expect(await runsOf([99, 99, 99], 1)).toEqual([1, ['once more, held up', '1 of 1']])
  })
})

describe('a run that was held up and failed', () => {
  it('counts', async () => {
    const told: string[] = []
    const cell = await runCell(
      CELL,
      { runs: 1, harness: 'node', maxWaitedMs: 40 },
      async () => ({ connected: true, path: 'relay', waitedMs: 99 }),
      (_result, _cell, which) => told.push(which)
    )
    expect([cell.runs, cell.direct, told]).toEqual([1, 0, ['1 of 1']])
  })
})

describe('a run that was held up, and direct where no way leads through', () => {
  it('counts', async () => {
    const told: string[] = []
    const cell = await runCell(
      { pair: { a: 'symmetric', b: 'symmetric' }, lossPercent: 0 },
      { runs: 1, harness: 'node', maxWaitedMs: 40 },
      async () => ({ connected: true, path: 'direct', waitedMs: 99 }),
      (_result, _cell, which) => told.push(which)
    )
    expect([cell.direct, told]).toEqual([1, ['1 of 1']])
  })
})

describe('the wait of a run', () => {
  it('is the longest of its processes, between its begin and its end', () => {
    expect(mostWaitedMs([10, 500], [25, 507])).toBe(15)
    expect(mostWaitedMs([], [])).toBe(0)
  })
})
