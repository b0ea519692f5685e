import { describe, expect, test } from 'vitest'
import { MAX_BROKEN_RULES, MAX_OFFENDERS, PENALTIES, Reputation } from '../../src/bans/reputation.ts'
import { MAX_WRONG_LEAVES } from '../../src/swarm/misdeeds.ts'
import { FORGIVE_MS } from '../../src/swarm/tally.ts'

const { banMs } = PENALTIES['wrong-bytes']

describe('a reputation', () => {
  test('is lost with MAX_WRONG_LEAVES wrong leaves, nodes or blocks, not with one less', () => {
    const reputation = new Reputation()
    for (let time = 1; time < MAX_WRONG_LEAVES; time++) {
      expect(reputation.blame('a', 'wrong-bytes', 0)).toBeUndefined()
    }
    expect(reputation.blame('a', 'wrong-bytes', 0)).toEqual({ count: MAX_WRONG_LEAVES, banMs })
    expect(reputation.blame('b', 'wrong-bytes', 0)).toBeUndefined()
  })

  test('is lost when the peer broke rules MAX_BROKEN_RULES times; other offences are counted apart', () => {
    const reputation = new Reputation()
    reputation.blame('a', 'wrong-bytes', 0)
    reputation.blame('a', 'wrong-bytes', 0)
    for (let time = 1; time < MAX_BROKEN_RULES; time++) {
      expect(reputation.blame('a', 'broken-rules', 0)).toBeUndefined()
    }
    expect(reputation.blame('a', 'broken-rules', 0)?.count).toBe(MAX_BROKEN_RULES)
  })

  test('comes back: one offence is forgiven each FORGIVE_MS since the last one', () => {
    const reputation = new Reputation()
    reputation.blame('a', 'wrong-bytes', 0)
    reputation.blame('a', 'wrong-bytes', 0)
    expect(reputation.blame('a', 'wrong-bytes', FORGIVE_MS)).toBeUndefined()
    expect(reputation.blame('a', 'wrong-bytes', 2 * FORGIVE_MS - 1)?.count).toBe(MAX_WRONG_LEAVES)
    expect(reputation.blame('a', 'wrong-bytes', 100 * FORGIVE_MS)).toBeUndefined()
  })

  test('is as new when the peer is forgiven', () => {
    const reputation = new Reputation()
    reputation.blame('a', 'wrong-bytes', 0)
    reputation.blame('a', 'wrong-bytes', 0)
    reputation.forgive('a')
    expect(reputation.blame('a', 'wrong-bytes', 0)).toBeUndefined()
  })

  test('of MAX_OFFENDERS peers is remembered; of one more the first is forgotten', () => {
    const banned = (others: number): boolean => {
      const reputation = new Reputation()
      reputation.blame('first', 'wrong-bytes', 0)
      reputation.blame('first', 'wrong-bytes', 0)
      for (let other = 0; other < others; other++) {
        reputation.blame(`other ${other}`, 'wrong-bytes', 0)
      }
      return reputation.blame('first', 'wrong-bytes', 0) !== undefined
    }
    expect([banned(MAX_OFFENDERS - 1), banned(MAX_OFFENDERS)]).toEqual([true, false])
  })

  test('does not suffer from a clock that goes back', () => {
    const reputation = new Reputation()
    reputation.blame('a', 'wrong-bytes', FORGIVE_MS)
    reputation.blame('a', 'wrong-bytes', 0)
    expect(reputation.blame('a', 'wrong-bytes', 0)?.count).toBe(MAX_WRONG_LEAVES)
  })
})
