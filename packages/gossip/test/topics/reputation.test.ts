import { expect, test } from 'vitest'
import { MAX_REPUTATIONS } from '../../src/topics/constants.ts'
import { Reputation } from '../../src/topics/reputation.ts'

/** gossipsub's default: below it a peer is not listened to. */
const GRAYLIST = -80

test('an unknown peer has no faults', () => {
  expect(new Reputation(2).score('a', 0)).toBe(0)
})

test('one bad message is forgiven, ten at once are not', () => {
  const reputation = new Reputation(2)
  reputation.fault('a', 0)
  expect(reputation.score('a', 0)).toBe(-1)
  for (let i = 0; i < 9; i++) {
    reputation.fault('a', 0)
  }
  expect(reputation.score('a', 0)).toBeLessThan(GRAYLIST)
})

test('faults fade and are forgotten', () => {
  const reputation = new Reputation(2)
  reputation.fault('a', 0)
  reputation.fault('a', 0)
  expect(reputation.score('a', 60_000)).toBe(-1)
  expect(reputation.score('a', 10 * 60_000)).toBe(0)
})

test('remembers a bounded number of peers, those with the newest faults', () => {
  const reputation = new Reputation(2)
  reputation.fault('a', 0)
  reputation.fault('b', 1)
  reputation.fault('a', 2)
  reputation.fault('c', 3)
  expect(['a', 'b', 'c'].map((peer) => reputation.score(peer, 3) < 0)).toEqual([true, false, true])
})

test('as many peers are remembered as the bound; one more has the first forgotten', () => {
  const reputation = new Reputation(MAX_REPUTATIONS)
  for (let n = 0; n < MAX_REPUTATIONS; n++) {
    reputation.fault(`peer ${n}`, 0)
  }
  expect(reputation.score('peer 0', 0)).toBeLessThan(0)
  reputation.fault('one more', 0)
  expect(reputation.score('peer 0', 0)).toBe(0)
})
