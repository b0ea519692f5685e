import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deadlines, MAX_DEADLINE_LEAVES, MAX_DEADLINES } from '../../src/swarm/deadlines.ts'
import { all } from './support/share-policy.ts'

const deadline = (leaves: readonly number[], dueMs = 0, eachMs = 1) => ({ leaves, dueMs, eachMs })
const any = (): boolean => true

describe('what is due first', () => {
  test('is the first leaf of the earliest reader, then readers take turns', () => {
    const deadlines = new Deadlines()
    deadlines.set({}, deadline([5, 6, 7], 100, 250))
    deadlines.set({}, deadline([9, 8], 0, 250))
    expect(deadlines.first(any)).toBe(9)
    expect(deadlines.inOrder()).toEqual([9, 5, 8, 6, 7])
  })

  test('is what can be had: leaves that do not pass are passed over', () => {
    const deadlines = new Deadlines()
    deadlines.set({}, deadline([1, 2, 3]))
    expect(deadlines.first((leaf) => leaf > 1)).toBe(2)
    expect(deadlines.first(() => false)).toBeUndefined()
  })

  test('vanishes with its reader, and is replaced when the reader seeks', () => {
    const [deadlines, reader] = [new Deadlines(), {}]
    deadlines.set(reader, deadline([1, 2]))
    deadlines.set(reader, deadline([7]))
    expect(deadlines.inOrder()).toEqual([7])
    deadlines.delete(reader)
    expect([deadlines.isEmpty, deadlines.first(any)]).toEqual([true, undefined])
  })

  test('is late from its time on, each leaf at its own', () => {
    const deadlines = new Deadlines()
    deadlines.set({}, deadline([4, 5], 1000, 250))
    expect([999, 1000].map((now) => deadlines.isDue(4, now))).toEqual([false, true])
    expect([1249, 1250].map((now) => deadlines.isDue(5, now))).toEqual([false, true])
    expect(deadlines.isDue(6, 1e9)).toBe(false)
  })
})

describe('bounds', () => {
  test('MAX_DEADLINES readers come first, one more is refused until one has left', () => {
    const deadlines = new Deadlines()
    const readers = all(MAX_DEADLINES).map((leaf) => ({ leaf }))
    expect(readers.every((reader) => deadlines.set(reader, deadline([reader.leaf])))).toBe(true)
    expect(deadlines.set({}, deadline([9999]))).toBe(false)
    expect(deadlines.has(9999)).toBe(false)
    // one that is there may change what it needs
    expect(deadlines.set(readers[3] ?? {}, deadline([5000]))).toBe(true)
    deadlines.delete(readers[0] ?? {})
    expect(deadlines.set({}, deadline([9999]))).toBe(true)
  })

  test('of one deadline MAX_DEADLINE_LEAVES leaves count', () => {
    const deadlines = new Deadlines()
    deadlines.set({}, deadline(all(MAX_DEADLINE_LEAVES + 1)))
    expect(deadlines.has(MAX_DEADLINE_LEAVES - 1)).toBe(true)
    expect(deadlines.has(MAX_DEADLINE_LEAVES)).toBe(false)
  })
})

test('whatever is set, the order is by due time, and each leaf is in it once', () => {
  const one = fc.record({
    leaves: fc.uniqueArray(fc.nat(50), { maxLength: 20 }),
    dueMs: fc.nat(1000),
    eachMs: fc.nat(100)
  })
  fc.assert(
    fc.property(fc.array(one, { maxLength: 8 }), (each) => {
      const deadlines = new Deadlines()
      const due = new Map<number, number>()
      for (const { leaves, dueMs, eachMs } of each) {
        deadlines.set({}, { leaves, dueMs, eachMs })
        leaves.forEach((leaf, at) => due.set(leaf, Math.min(due.get(leaf) ?? Infinity, dueMs + at * eachMs)))
      }
      const times = deadlines.inOrder().map((leaf) => due.get(leaf) ?? -1)
      expect(times).toEqual([...due.values()].sort((a, b) => a - b))
      const first = deadlines.first(any)
      expect(first === undefined ? undefined : due.get(first)).toBe(times[0])
    }),
    { numRuns: 50 }
  )
})
