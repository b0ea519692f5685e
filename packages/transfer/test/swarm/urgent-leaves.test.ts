import { expect, test } from 'vitest'
import { MAX_URGENT_LEAVES, UrgentLeaves } from '../../src/swarm/urgent-leaves.ts'
import { all } from './support/share-policy.ts'

test('MAX_URGENT_LEAVES of one receiver are urgent, one more is not', () => {
  const urgent = new UrgentLeaves<string>()
  urgent.set('a', all(MAX_URGENT_LEAVES + 1))
  expect(urgent.has('a', MAX_URGENT_LEAVES - 1)).toBe(true)
  expect(urgent.has('a', MAX_URGENT_LEAVES)).toBe(false)
})

test('the first that can be offered is next, and those that cannot are forgotten', () => {
  const urgent = new UrgentLeaves<string>()
  urgent.set('a', [1, 2, 3])
  expect(urgent.next('a', (leaf) => leaf !== 1)).toBe(2)
  expect(urgent.has('a', 1)).toBe(false)
  urgent.offered('a', 2)
  expect(urgent.next('a', () => true)).toBe(3)
  expect(urgent.next('b', () => true)).toBeUndefined()
})

test('a receiver that says it again says all of it; with nothing, or gone, it hurries nobody', () => {
  const urgent = new UrgentLeaves<string>()
  urgent.set('a', [1])
  urgent.set('a', [2])
  expect([urgent.has('a', 1), urgent.has('a', 2)]).toEqual([false, true])
  urgent.set('a', [])
  expect(urgent.isEmpty).toBe(true)
  urgent.set('a', [1])
  urgent.delete('a')
  expect(urgent.isEmpty).toBe(true)
})
