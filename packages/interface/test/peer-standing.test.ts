import { expect, test } from 'vitest'
import { compareStanding, isGone, rankByStanding, standingOf } from '../src/peer-standing.ts'
import type { PeerStanding } from '../src/peer-standing.ts'

function ranked(standings: Record<string, PeerStanding>): string[] {
  return rankByStanding(Object.entries(standings), ([, standing]) => standing).map(([name]) => name)
}

test('alive comes before unknown, unknown before suspect, and who is gone last', () => {
  expect(
    ranked({
      left: { state: 'left', rttMs: 1 },
      dead: { state: 'dead', rttMs: 2 },
      suspect: { state: 'suspect', rttMs: 1 },
      unknown: {},
      alive: { state: 'alive', rttMs: 900 }
    })
  ).toEqual(['alive', 'unknown', 'suspect', 'left', 'dead'])
})

test('of the same liveness the near one comes first, an unmeasured one in the middle', () => {
  expect(
    ranked({
      far: { state: 'alive', rttMs: 250 },
      unmeasured: { state: 'alive' },
      near: { state: 'alive', rttMs: 20 }
    })
  ).toEqual(['near', 'unmeasured', 'far'])
})

test('one that says it has nothing comes after those that have something or do not say', () => {
  expect(
    ranked({
      empty: { rttMs: 1, have: { leaves: 8, held: 0 } },
      silent: { rttMs: 50 },
      some: { rttMs: 40, have: { leaves: 8, held: 1 } }
    })
  ).toEqual(['some', 'silent', 'empty'])
})

test('equals stay in their order', () => {
  expect(ranked({ a: {}, b: {}, c: {} })).toEqual(['a', 'b', 'c'])
  expect(compareStanding({}, {})).toBe(0)
})

test('only dead and left ones are gone', () => {
  const states = ['alive', 'suspect', 'dead', 'left', undefined] as const
  const gone = states.map((state) => isGone(state === undefined ? {} : { state }))
  expect(gone).toEqual([false, false, true, true, false])
})

test('without membership, or of a peer it never heard of, nothing is known', () => {
  // the peer is only handed on
  const peer = {} as Parameters<typeof standingOf>[0]
  expect(standingOf(peer, undefined)).toEqual({})
  expect(standingOf(peer, { member: () => undefined }, { leaves: 1, held: 1 })).toEqual({
    have: { leaves: 1, held: 1 }
  })
})
