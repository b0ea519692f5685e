import { describe, expect, it } from 'vitest'
import { Tally } from '../../src/bulk/tally.ts'

describe('a tally', () => {
  it('has room up to each bound, and names the bound at one more', () => {
    const tally = new Tally(3, 2)
    expect([tally.take('a'), tally.take('a')].map((place) => typeof place)).toEqual(['function', 'function'])
    expect(tally.take('a')).toBe(2)
    expect(typeof tally.take('b')).toBe('function')
    expect(tally.take('c')).toBe(3)
    expect(tally.total).toBe(3)
  })

  it('has room again when a place is given back, once', () => {
    const tally = new Tally(2, 1)
    const release = tally.take('a')
    if (typeof release === 'number') {
      throw new TypeError('there was room')
    }
    tally.take('b')
    release()
    release()
    expect(tally.total).toBe(1)
    expect(typeof tally.take('a')).toBe('function')
    expect(tally.take('c')).toBe(2)
  })
})
