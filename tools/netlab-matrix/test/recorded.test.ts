import { describe, expect, it } from 'vitest'
import { cellsOf, runLine } from '../src/recorded.ts'
import type { RunResult } from '../src/results.ts'

const EASY = { a: 'public', b: 'rst' } as const
const direct: RunResult = { connected: true, path: 'direct', way: 'udp-punch', directMs: 400, load: 2.5 }
const relayed: RunResult = { connected: true, path: 'relay', load: 9 }

describe('runs that were written down', () => {
  it('make up their cells, whatever files they are in', () => {
    const one = runLine(EASY, 0, direct) + runLine(EASY, 5, relayed)
    const other = runLine(EASY, 0, { ...direct, directMs: 500 })
    const [first, second, ...rest] = cellsOf([one, other])
    expect(first).toMatchObject({ pair: EASY, lossPercent: 0, runs: 2, direct: 2, directMs: { n: 2, max: 500 } })
    expect(second).toMatchObject({ pair: EASY, lossPercent: 5, runs: 1, direct: 0, loads: [9] })
    expect(rest).toEqual([])
    expect(cellsOf([one, runLine(EASY, 0, direct, 'node')]).map(({ harness }) => harness)).toEqual([
      'cli',
      'cli',
      'node'
    ])
  })

  it('do not count when they were made once more', () => {
    expect(cellsOf([runLine(EASY, 0, direct) + runLine(EASY, 0, { ...direct, heldUp: true })])[0]?.runs).toBe(1)
  })

  it('are told from lines that say something else', () => {
    const lines = [
      'nothing',
      '{"type":"cell","pair":{"a":"public","b":"rst"},"lossPercent":0}',
      '{"type":"run","pair":{"a":"public","b":"cone"},"lossPercent":0}',
      '{"type":"run","lossPercent":0}',
      '{"type":"run","pair":{"a":"public","b":"rst"}}'
    ]
    expect(cellsOf([lines.join('\n')])).toEqual([])
  })
})
