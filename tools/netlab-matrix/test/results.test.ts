import { describe, expect, it } from 'vitest'
import { cellOf, shortfall } from '../src/results.ts'
import type { RunResult } from '../src/results.ts'

const PAIR = { a: 'port-restricted', b: 'symmetric' } as const
/** No way leads through. */
const HARD = { a: 'symmetric', b: 'symmetric' } as const
const punched: RunResult = { connected: true, path: 'direct', way: 'birthday', directMs: 500, firstByteMs: 300 }
const dialled: RunResult = { connected: true, path: 'direct', way: 'dial' }
const relayed: RunResult = { connected: true, path: 'relay', firstByteMs: 400 }
const failed: RunResult = { connected: false, path: 'none', error: 'nobody answered' }

describe('a cell', () => {
  it('sums up how its runs ended', () => {
    expect(cellOf(PAIR, 5, [punched, dialled, punched, relayed, failed, failed])).toMatchObject({
      lossPercent: 5,
      expected: 'direct',
      runs: 6,
      connected: 4,
      direct: 3,
      ways: [
        ['birthday', 2],
        ['dial', 1]
      ],
      directMs: { n: 2, p50: 500 },
      errors: ['nobody answered']
    })
  })

  it('has no time where nothing was coordinated', () => {
    expect(cellOf(PAIR, 0, [dialled])).not.toHaveProperty('directMs')
  })
})

describe('a shortfall', () => {
  it('is a run without a connection, or a relay where direct is possible', () => {
    expect(shortfall(cellOf(PAIR, 0, [punched, failed]))).toBe('1 of 2 did not connect')
    expect(shortfall(cellOf(PAIR, 0, [punched, relayed]))).toBe('1 of 2 stayed on the relay')
    expect(shortfall(cellOf(PAIR, 0, [punched]))).toBeUndefined()
  })

  it('is not a relay where no way leads through', () => {
    expect(shortfall(cellOf(HARD, 0, [relayed]))).toBeUndefined()
  })

  it('is a direct connection where no way leads through, with loss too', () => {
    expect(shortfall(cellOf(HARD, 0, [relayed, dialled]))).toBe('1 of 2 direct where no way leads through')
    expect(shortfall(cellOf(HARD, 5, Array(21).fill(punched)))).toBe('21 of 21 direct where no way leads through')
    expect(shortfall(cellOf(HARD, 0, [dialled, failed]))).toBe('1 of 2 did not connect')
  })

  it('allows one run in twenty to stay on the relay with loss', () => {
    const most = Array.from({ length: 19 }, () => punched)
    expect(shortfall(cellOf(PAIR, 5, [...most, relayed]))).toBeUndefined()
    expect(shortfall(cellOf(PAIR, 5, [...most, relayed, relayed]))).toBe('2 of 21 stayed on the relay')
  })
})
