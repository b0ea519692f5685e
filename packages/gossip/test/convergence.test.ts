import { expect, test } from 'vitest'
import { convergence } from '../src/index.ts'

const at = (...times: number[]): { atMs: number; hops: number }[] => times.map((atMs, hops) => ({ atMs, hops }))

test('it says when half, 90 % and 99 % of the nodes knew, and the longest way', () => {
  const seen = Array.from({ length: 100 }, (_, n) => ({ atMs: 1_000 + n, hops: n % 5 }))
  expect(convergence(seen, { startMs: 1_000, nodes: 100 })).toEqual({
    known: 100,
    nodes: 100,
    rounds: 4,
    t50Ms: 49,
    t90Ms: 89,
    t99Ms: 98,
    allMs: 99
  })
})

test('the order of the observations does not matter', () => {
  expect(convergence(at(30, 10, 20), { startMs: 0, nodes: 3 })).toMatchObject({ t50Ms: 20, allMs: 30 })
})

test('of those that never heard nothing is said', () => {
  const { known, t50Ms, t90Ms, allMs } = convergence(at(5, 6), { startMs: 0, nodes: 4 })
  expect([known, t50Ms, t90Ms, allMs]).toEqual([2, 6, undefined, undefined])
})

test('nobody heard of it', () => {
  expect(convergence([], { startMs: 0, nodes: 3 })).toEqual({
    known: 0,
    nodes: 3,
    rounds: 0,
    t50Ms: undefined,
    t90Ms: undefined,
    t99Ms: undefined,
    allMs: undefined
  })
})
