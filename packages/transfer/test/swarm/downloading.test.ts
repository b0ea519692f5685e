import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { END_LEAVES, MAX_ASKED_BYTES } from '../../src/swarm/asker.ts'
import { MAX_IN_FLIGHT_BYTES } from '../../src/swarm/fetching.ts'
import { BUSY_PAUSE_MS, GRANT_HOLD_MS, MAX_OFFERS, MAX_STALLS, SNUB_MS } from '../../src/swarm/leech.ts'
import { MAX_REMEMBERED_PEERS, MAX_WRONG_LEAVES } from '../../src/swarm/misdeeds.ts'
import { MIN_RATE_BPS, REQUEST_TIMEOUT_MS, SLOW_AFTER_MS } from '../../src/swarm/source.ts'
import { MAX_STEP_MS } from '../../src/swarm/steady-clock.ts'
import {
  all,
  deliver,
  MIB,
  named,
  ofType,
  pass,
  policyOf,
  requested,
  runsTo,
  wholeRun
} from './support/share-policy.ts'

const BLOCKS = MIB / BLOCK_BYTES

describe('asking', () => {
  test('nothing is asked for before a peer says that it is the turn', () => {
    const policy = policyOf({ leafCount: 3, peers: ['a'] })
    expect(policy.onHave('a', all(3), 0)).toEqual([])
    expect(requested(policy.onGrant('a', 1, 0), 'a')).toHaveLength(1)
    expect(policy.inFlightBytes).toBe(MIB)
  })

  test('a grant of many leaves is answered with as many, in one message', () => {
    const policy = policyOf({ leafCount: 100, peers: ['a'] })
    policy.onHave('a', all(100), 0)
    const effects = policy.onGrant('a', 12, 0)
    expect(new Set(requested(effects, 'a')).size).toBe(12)
    expect(effects).toHaveLength(1)
  })

  test('of leaves larger than the mean fewer are asked for: a grant is a promise of bytes', () => {
    const leafBytes = (leaf: number): number => (leaf < 50 ? 1024 : 64 * 1024)
    const policy = policyOf({ leafCount: 100, leafBytes, missing: all(100).slice(50), peers: ['a'] })
    policy.onHave('a', all(100), 0)
    expect(requested(policy.onGrant('a', 8, 0), 'a')).toHaveLength(4)
  })

  test('the rarest leaf is asked for first', () => {
    const policy = policyOf({ leafCount: 20, peers: ['a', 'b', 'c'] })
    policy.onHave('b', all(19), 0)
    policy.onHave('c', all(19), 0)
    policy.onHave('a', all(20), 0)
    expect(requested(policy.onGrant('a', 1, 0), 'a')).toEqual([19])
  })

  test('a leaf is asked of one peer only', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a', 'b'] })
    policy.onHave('a', [0], 0)
    policy.onHave('b', [0], 0)
    expect(requested(policy.onGrant('a', 1, 0), 'a')).toEqual([0])
    expect(policy.onGrant('b', 1, 0)).toEqual([{ type: 'pass', peer: 'b', ranges: [] }])
    expect([policy.takes(0, 0, 'a'), policy.takes(0, 0, 'b')]).toEqual([true, false])
  })

  test('what is held is not asked for', () => {
    const policy = policyOf({ leafCount: 3, missing: [1], peers: ['a'] })
    policy.onHave('a', all(3), 0)
    expect(requested(policy.onGrant('a', 5, 0), 'a')).toEqual([1])
    expect(policy.isMissing(0)).toBe(false)
  })

  test('a grant of a peer that has nothing to give is passed', () => {
    const policy = policyOf({ leafCount: 3, peers: ['a'] })
    expect(policy.onGrant('a', 1, 0)).toEqual([{ type: 'pass', peer: 'a', ranges: [] }])
  })

  test('a leaf that was begun and left is finished first, with what is missing of it', () => {
    const policy = policyOf({ leafCount: 20, peers: ['a', 'b'] })
    policy.onHave('a', [7], 0)
    policy.onHave('b', all(20), 0)
    policy.onGrant('a', 1, 0)
    policy.onBlocks('a', { leaf: 7, first: 0, count: 10 }, 10)
    policy.peerLeft('a', 20)
    expect(runsTo(policy.onGrant('b', 1, 30), 'request', 'b')).toEqual([{ leaf: 7, first: 10, count: BLOCKS - 10 }])
    expect(policy.onBlocks('b', { leaf: 7, first: 10, count: BLOCKS - 10 }, 40)).toEqual([{ type: 'verify', leaf: 7 }])
  })

  test('what nobody has any more is given up, and its memory is free', () => {
    const policy = policyOf({ leafCount: 2, peers: ['a'] })
    policy.onHave('a', [0], 0)
    policy.onGrant('a', 1, 0)
    policy.onBlocks('a', { leaf: 0, first: 0, count: 1 }, 10)
    expect(policy.peerLeft('a', 20)).toEqual([{ type: 'forget', leaf: 0 }])
    expect([policy.inFlightBytes, policy.missing]).toEqual([0, 2])
  })
})

describe('offers', () => {
  test('are asked for at once, in order', () => {
    const policy = policyOf({ leafCount: 9, peers: ['a'] })
    expect(requested(policy.onOffer('a', [5, 6, 7], 0), 'a')).toEqual([5, 6, 7])
  })

  test('of what is held, asked of somebody else, or not wanted, are passed', () => {
    const policy = policyOf({ leafCount: 4, missing: [0, 1], have: [2], peers: ['a', 'b'] })
    policy.onOffer('b', [0], 0)
    const effects = policy.onOffer('a', all(4), 0)
    expect([requested(effects, 'a'), named(effects, 'pass', 'a')]).toEqual([[1], [0, 2, 3]])
  })

  test('of what was asked of the same peer already are met by that', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a'] })
    policy.onOffer('a', [0], 0)
    expect(policy.onOffer('a', [0], 1)).toEqual([])
  })

  test('say that the peer has the leaf', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a'] })
    policy.onOffer('a', [0], 0)
    policy.onReject('a', [wholeRun(0)], true, 1)
    expect(policy.hasSource).toBe(true)
  })

  test.each([
    ['the most that wait', MAX_OFFERS, 0],
    ['one more', MAX_OFFERS + 1, 1]
  ])('%s for room', (_, count, passed) => {
    const policy = policyOf({ leafCount: 9000, leafBytes: 64 * 1024, peers: ['a'] })
    fillMemory(policy, 9000, 64 * 1024, 2000)
    const leaves = all(9000).slice(2000, 2000 + count)
    expect(named(policy.onOffer('a', leaves, 0), 'pass', 'a')).toHaveLength(passed)
  })
})

/** Peers take leaves from `above` down until no more fit. */
function fillMemory(policy: ReturnType<typeof policyOf>, leafCount: number, leafBytes: number, above: number): void {
  const peers = Array.from({ length: MAX_IN_FLIGHT_BYTES / MAX_ASKED_BYTES }, (_, at) => `full ${at}`)
  for (const peer of peers) {
    policy.peerJoined(peer, 0)
    policy.onHave(peer, all(Math.min(above, leafCount)), 0)
    policy.onGrant(peer, 1024, 0)
  }
  expect(policy.inFlightBytes).toBe(peers.length * Math.min(MAX_ASKED_BYTES, 1024 * leafBytes))
}

describe('memory', () => {
  test('one peer is asked for MAX_ASKED_BYTES, all together for MAX_IN_FLIGHT_BYTES, and not for a leaf more', () => {
    const policy = policyOf({ leafCount: 200 })
    for (let at = 0; at < 5; at++) {
      policy.peerJoined(`p${at}`, 0)
      policy.onHave(`p${at}`, all(200), 0)
      const asked = requested(policy.onGrant(`p${at}`, 100, 0), `p${at}`).length
      expect(asked * MIB).toBe(at < 3 ? MAX_ASKED_BYTES : 0)
    }
    expect(policy.inFlightBytes).toBe(MAX_IN_FLIGHT_BYTES)
  })

  test('a grant that finds no room is used when there is, the longest waiting first', () => {
    const policy = policyOf({ leafCount: 200 })
    fillMemory(policy, 200, MIB, 200)
    for (const peer of ['x', 'y']) {
      policy.peerJoined(peer, 0)
      policy.onHave(peer, all(200), 0)
      expect(policy.onGrant(peer, 1, 0)).toEqual([])
    }
    const [leaf = -1, next = -1] = all(200).filter((each) => policy.takes(each, 0, 'full 0'))
    expect(ofType(deliver(policy, leaf, 'full 0', 10), 'request').map(({ peer }) => peer)).toEqual(['x'])
    expect(ofType(deliver(policy, next, 'full 0', 20), 'request').map(({ peer }) => peer)).toEqual(['y'])
  })

  test('and passed when it has waited for GRANT_HOLD_MS: it is never lost', () => {
    const policy = policyOf({ leafCount: 200 })
    fillMemory(policy, 200, MIB, 200)
    policy.peerJoined('x', 0)
    policy.onHave('x', all(200), 0)
    policy.onGrant('x', 1, 0)
    expect(pass(policy, 0, GRANT_HOLD_MS - 1)).toEqual([])
    expect(pass(policy, GRANT_HOLD_MS - 1, GRANT_HOLD_MS + 300)).toEqual([{ type: 'pass', peer: 'x', ranges: [] }])
  })

  test('a leaf that waits for nobody makes room for one that can come', () => {
    const policy = policyOf({ leafCount: 200, peers: ['gone', 'other'] })
    policy.onHave('gone', [199], 0)
    policy.onHave('other', [199], 0)
    policy.onGrant('gone', 1, 0)
    policy.onBlocks('gone', { leaf: 199, first: 0, count: 1 }, 0)
    policy.peerLeft('gone', 0)
    for (let at = 0; at < 3; at++) {
      policy.peerJoined(`p${at}`, 0)
      policy.onHave(`p${at}`, all(100), 0)
      policy.onGrant(`p${at}`, 100, 0)
    }
    expect(policy.inFlightBytes).toBe(MAX_IN_FLIGHT_BYTES)
    expect(policy.takes(199, 1, 'other')).toBe(false)
    expect(requested(policy.onGrant('other', 1, 0), 'other')).toEqual([])
  })
})

describe('peers that fail', () => {
  test('what a peer does not hold is asked of others, and of it again when it announces it again', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a', 'b'] })
    policy.onHave('a', [0], 0)
    policy.onHave('b', [0], 0)
    policy.onGrant('a', 1, 0)
    policy.onReject('a', [wholeRun(0)], false, 1)
    expect(requested(policy.onGrant('a', 1, 2), 'a')).toEqual([])
    expect(requested(policy.onGrant('b', 1, 2), 'b')).toEqual([0])
    policy.onReject('b', [wholeRun(0)], false, 3)
    policy.onHave('a', [0], 4)
    expect(requested(policy.onGrant('a', 1, 4), 'a')).toEqual([0])
  })

  test('of a run that is rejected the other blocks are still expected', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a', 'b'] })
    policy.onHave('a', [0], 0)
    policy.onHave('b', [0], 0)
    policy.onGrant('a', 1, 0)
    policy.onReject('a', [{ leaf: 0, first: 0, count: 4 }], false, 1)
    expect([policy.takes(0, 3, 'a'), policy.takes(0, 4, 'a')]).toEqual([false, true])
    expect(runsTo(policy.onGrant('b', 1, 2), 'request', 'b')).toEqual([{ leaf: 0, first: 0, count: 4 }])
  })

  test('a busy peer is left alone for BUSY_PAUSE_MS, and its grants are passed', () => {
    const policy = policyOf({ leafCount: 2, peers: ['a'] })
    policy.onHave('a', all(2), 0)
    policy.onGrant('a', 1, 0)
    policy.onReject('a', [wholeRun(0), wholeRun(1)], true, 0)
    expect(ofType(policy.onGrant('a', 1, 10), 'pass')).toHaveLength(1)
    pass(policy, 10, BUSY_PAUSE_MS)
    expect(requested(policy.onGrant('a', 1, BUSY_PAUSE_MS), 'a')).toHaveLength(1)
  })

  test('a silent peer loses its requests after REQUEST_TIMEOUT_MS, and is left alone for SNUB_MS', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a'] })
    policy.onHave('a', [0], 0)
    policy.onGrant('a', 1, 0)
    expect(pass(policy, 0, REQUEST_TIMEOUT_MS - 1)).toEqual([])
    const effects = pass(policy, REQUEST_TIMEOUT_MS - 1, REQUEST_TIMEOUT_MS + 300)
    expect(runsTo(effects, 'cancel', 'a')).toEqual([wholeRun(0)])
    const snubbed = REQUEST_TIMEOUT_MS + 300
    expect(requested(policy.onGrant('a', 1, snubbed), 'a')).toEqual([])
    pass(policy, snubbed, snubbed + SNUB_MS)
    expect(requested(policy.onGrant('a', 1, snubbed + SNUB_MS), 'a')).toEqual([0])
  })

  test('after MAX_STALLS it is dropped, and what it was asked for is asked of others', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a', 'b'] })
    policy.onHave('a', [0], 0)
    let now = 0
    let drops = ofType([], 'drop')
    for (let stall = 0; stall < MAX_STALLS; stall++) {
      expect(drops).toEqual([])
      policy.onGrant('a', 1, now)
      drops = ofType(pass(policy, now, now + REQUEST_TIMEOUT_MS + SNUB_MS + 500), 'drop')
      now += REQUEST_TIMEOUT_MS + SNUB_MS + 500
    }
    expect(drops).toEqual([{ type: 'drop', peer: 'a', reason: 'stalled' }])
    policy.onHave('b', [0], now)
    expect(requested(policy.onGrant('b', 1, now), 'b')).toEqual([0])
  })

  test('one that drips slower than MIN_RATE_BPS is stalled after SLOW_AFTER_MS, one that is a little faster is not', () => {
    for (const [rate, stalled] of [
      [0.9 * MIN_RATE_BPS, true],
      [1.1 * MIN_RATE_BPS, false]
    ] as const) {
      const policy = policyOf({ leafCount: 1, leafBytes: 2 * MIB, peers: ['a'] })
      policy.onHave('a', [0], 0)
      policy.onGrant('a', 1, 0)
      const step = (BLOCK_BYTES / rate) * 1000
      let cancelled = 0
      for (let block = 0; block * step < SLOW_AFTER_MS + 10_000; block++) {
        policy.onBlocks('a', { leaf: 0, first: block, count: 1 }, block * step)
        cancelled += ofType(pass(policy, block * step, (block + 1) * step), 'cancel').length
      }
      expect(cancelled > 0).toBe(stalled)
    }
  })

  test('one that could not be heard is not blamed', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a'] })
    policy.onHave('a', [0], 0)
    policy.onGrant('a', 1, 0)
    for (let now = 0; now < SLOW_AFTER_MS - 1000; now += 500) {
      policy.excuse('a', now)
      expect(policy.tick(now)).toEqual([])
    }
  })

  test('nobody is blamed for the sleep of this machine', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a'] })
    policy.onHave('a', [0], 0)
    policy.onGrant('a', 1, 0)
    expect(policy.tick(3_600_000)).toEqual([])
    expect(policy.tick(3_600_000 + MAX_STEP_MS)).toEqual([])
    expect(policy.tick(0)).toEqual([]) // nor for a clock that goes back
    expect(ofType(pass(policy, 0, REQUEST_TIMEOUT_MS), 'cancel')).toHaveLength(1)
  })
})

describe('wrong leaves', () => {
  function wrong(policy: ReturnType<typeof policyOf>, leaf: number, peer: string, now: number) {
    policy.onBlocks(peer, wholeRun(leaf), now)
    return policy.onWrong(leaf, now)
  }

  test('are fetched again, at once from the same peer when nobody else has them', () => {
    const policy = policyOf({ leafCount: 3, peers: ['a'] })
    policy.onHave('a', all(3), 0)
    policy.onOffer('a', [1], 0)
    expect(requested(wrong(policy, 1, 'a', 10), 'a')).toEqual([1])
  })

  test('are counted against nobody when another one may have written to them', () => {
    const policy = policyOf({ leafCount: 9, peers: ['a', 'b'] })
    for (let leaf = 0; leaf < 2 * MAX_WRONG_LEAVES; leaf++) {
      policy.onOffer('a', [leaf], leaf)
      policy.onBlocks('a', wholeRun(leaf), leaf)
      expect(ofType(policy.onWrong(leaf, leaf, ['b', 'a']), 'drop')).toEqual([])
    }
  })

  test('from whoever grants when others have them', () => {
    const policy = policyOf({ leafCount: 1, peers: ['a', 'b'] })
    policy.onHave('a', [0], 0)
    policy.onHave('b', [0], 0)
    policy.onGrant('a', 1, 0)
    expect(wrong(policy, 0, 'a', 10)).toEqual([])
    expect(requested(policy.onGrant('b', 1, 20), 'b')).toEqual([0])
  })

  test('cost the peer its session after MAX_WRONG_LEAVES, counted over its sessions', () => {
    const policy = policyOf({ leafCount: 9, peers: ['a'] })
    let drops = ofType([], 'drop')
    for (let leaf = 0; leaf < MAX_WRONG_LEAVES; leaf++) {
      expect(drops).toEqual([])
      policy.peerLeft('a', leaf)
      policy.peerJoined('a', leaf)
      policy.onOffer('a', [leaf], leaf)
      drops = ofType(wrong(policy, leaf, 'a', leaf), 'drop')
    }
    expect(drops).toEqual([{ type: 'drop', peer: 'a', reason: 'wrong-bytes' }])
  })

  test('of MAX_REMEMBERED_PEERS are remembered when they leave, of one more the first is forgotten', () => {
    const dropsAfter = (others: number): number => {
      const policy = policyOf({ leafCount: 2, leafBytes: BLOCK_BYTES })
      const lie = (peer: string): number => {
        policy.peerJoined(peer, 0)
        policy.onOffer(peer, [0], 0)
        policy.onBlocks(peer, wholeRun(0, BLOCK_BYTES), 0)
        const drops = ofType(policy.onWrong(0, 0), 'drop').length
        policy.peerLeft(peer, 0)
        return drops
      }
      for (let time = 1; time < MAX_WRONG_LEAVES; time++) {
        lie('a')
      }
      for (let other = 0; other < others; other++) {
        lie(`other ${other}`)
      }
      return lie('a')
    }
    expect([dropsAfter(MAX_REMEMBERED_PEERS - 1), dropsAfter(MAX_REMEMBERED_PEERS)]).toEqual([1, 0])
  })

  test('that several peers sent blocks of blame nobody; from then on each of them gets leaves of its own', () => {
    const policy = policyOf({ leafCount: 20, peers: ['a', 'b', 'c'] })
    policy.onHave('a', [7], 0)
    policy.onHave('b', all(20), 0)
    policy.onHave('c', all(20), 0)
    policy.onGrant('a', 1, 0)
    policy.onBlocks('a', { leaf: 7, first: 0, count: 10 }, 10)
    policy.onReject('a', [{ leaf: 7, first: 10, count: BLOCKS - 10 }], true, 20)
    policy.onGrant('b', 1, 30)
    policy.onBlocks('b', { leaf: 7, first: 10, count: BLOCKS - 10 }, 40)
    expect(ofType(policy.onWrong(7, 50), 'drop')).toEqual([])
    // c begins another leaf and leaves it half done: b, once burnt, takes a whole one instead
    const [leaf = -1] = requested(policy.onGrant('c', 1, 60), 'c')
    policy.onBlocks('c', { leaf, first: 0, count: 5 }, 70)
    policy.peerLeft('c', 80)
    expect(runsTo(policy.onGrant('b', 1, 90), 'request', 'b')).toEqual([
      { leaf: expect.any(Number) as number, first: 0, count: BLOCKS }
    ])
  })
})

describe('the end', () => {
  /** All but one leaf are here; `a` was asked for the last one. */
  function last(peers: readonly string[], now: number) {
    const policy = policyOf({ leafCount: 1, leafBytes: 2 * MIB, peers })
    for (const peer of peers) {
      policy.onHave(peer, [0], now)
    }
    policy.onGrant('a', 1, now)
    return policy
  }

  test('an idle peer takes over the last half of what another has not sent', () => {
    const policy = last(['a', 'b'], 0)
    for (let block = 0; block < 28; block++) {
      policy.onBlocks('a', { leaf: 0, first: block, count: 1 }, block * 10)
    }
    const effects = policy.onGrant('b', 1, 281)
    // at 10 ms a block, 3 of the 100 left are on their way
    expect(runsTo(effects, 'cancel', 'a')).toEqual([{ leaf: 0, first: 80, count: 48 }])
    expect(runsTo(effects, 'request', 'b')).toEqual([{ leaf: 0, first: 80, count: 48 }])
  })

  test('blocks that come from the one they were taken from count, and are cancelled at the other', () => {
    const policy = last(['a', 'b'], 0)
    for (let block = 0; block < 28; block++) {
      policy.onBlocks('a', { leaf: 0, first: block, count: 1 }, block * 10)
    }
    policy.onGrant('b', 1, 281)
    expect([policy.takes(0, 80, 'a'), policy.takes(0, 80, 'b')]).toEqual([true, true])
    expect(policy.onBlocks('a', { leaf: 0, first: 80, count: 1 }, 290)).toEqual([
      { type: 'cancel', peer: 'b', runs: [{ leaf: 0, first: 80, count: 1 }] }
    ])
    expect([policy.takes(0, 80, 'a'), policy.takes(0, 80, 'b')]).toEqual([false, false])
  })

  test('what was not begun is left alone for a while, and then taken whole', () => {
    const policy = last(['a', 'b'], 0)
    expect(ofType(policy.onGrant('b', 1, 100), 'request')).toEqual([])
    expect(runsTo(policy.onGrant('b', 1, 200), 'request', 'b')).toEqual([wholeRun(0, 2 * MIB)])
    expect(policy.inFlightBytes).toBe(2 * MIB)
  })

  test('what has come to a standstill is taken whole, down to one block', () => {
    const policy = last(['a', 'b'], 0)
    for (let block = 0; block < 127; block++) {
      policy.onBlocks('a', { leaf: 0, first: block, count: 1 }, block)
    }
    expect(ofType(policy.onGrant('b', 1, 200), 'request')).toEqual([])
    expect(runsTo(policy.onGrant('b', 1, 600), 'request', 'b')).toEqual([{ leaf: 0, first: 127, count: 1 }])
  })

  test('begins when END_LEAVES are left of a small share, and not before', () => {
    for (const [missing, stolen] of [
      [END_LEAVES, 1],
      [END_LEAVES + 1, 0]
    ] as const) {
      const policy = policyOf({ leafCount: END_LEAVES + 2, missing: all(missing), peers: ['a', 'b'] })
      policy.onHave('a', all(missing), 0)
      policy.onHave('b', all(missing), 0)
      policy.onGrant('a', missing, 0)
      expect(requested(policy.onGrant('b', 1, 500), 'b')).toHaveLength(stolen)
    }
  })
})

test('what is outstanding with a peer is known to the block', () => {
  const policy = policyOf({ leafCount: 9, peers: ['a'] })
  policy.onOffer('a', [3, 4], 0)
  policy.onBlocks('a', { leaf: 3, first: 1, count: 2 }, 1)
  expect(policy.outstanding('a')).toEqual([
    { leaf: 3, first: 0, count: 1 },
    { leaf: 3, first: 3, count: BLOCKS - 3 },
    wholeRun(4)
  ])
  expect(policy.outstanding('nobody')).toEqual([])
})

test('blocks that nobody asked for change nothing', () => {
  const policy = policyOf({ leafCount: 2, peers: ['a', 'b'] })
  policy.onHave('a', [0], 0)
  policy.onGrant('a', 1, 0)
  expect(policy.onBlocks('b', wholeRun(0), 1)).toEqual([])
  expect(policy.onBlocks('a', wholeRun(1), 1)).toEqual([])
  expect(policy.onBlocks('a', { leaf: 0, first: BLOCKS, count: 9 }, 1)).toEqual([])
  expect(policy.missing).toBe(2)
})
