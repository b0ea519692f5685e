import { describe, expect, test } from 'vitest'
import { LOOK_MS } from '../../src/swarm/policy.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { HELD_BACK_MS, HELD_BACK_SILENCE_MS, OWES_MS, STANDSTILL_MS } from '../../src/swarm/source.ts'
import { all, deliver, MIB, ofType, pass, policyOf, requested, runsTo, wholeRun } from './support/share-policy.ts'
import type { PolicySetup } from './support/share-policy.ts'

const RTT_MS = 20
/** Longer than a request that was not begun is left alone. */
const PATIENCE_MS = 200

/** A small share, so that it is the end from the start: `a` is asked for all of it, others have it too. */
function asked(leafCount: number, others: readonly string[], setup: Partial<PolicySetup> = {}): SharePolicy {
  const policy = policyOf({ leafCount, peers: ['a', ...others], ...setup })
  for (const peer of ['a', ...others]) {
    policy.onHave(peer, all(leafCount), 0)
  }
  expect(requested(policy.onGrant('a', leafCount, 0), 'a')).toHaveLength(leafCount)
  return policy
}

describe('a peer of which no leaf came right', () => {
  test('takes over one leaf from others, however much it grants', () => {
    const policy = asked(4, ['b'])
    expect(requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')).toHaveLength(1)
    expect(requested(policy.onGrant('b', 9, PATIENCE_MS + 1), 'b')).toEqual([])
  })

  test('and more when that one is right', () => {
    const policy = asked(4, ['b'])
    const [leaf = -1] = requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')
    deliver(policy, leaf, 'b', PATIENCE_MS + 1)
    expect(requested(policy.onGrant('b', 9, PATIENCE_MS + 2), 'b')).toHaveLength(3)
  })

  test('takes over no more than it is trusted with', () => {
    const policy = asked(8, ['b'], { leafCount: 8, trust: 8 })
    const [leaf = -1] = requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')
    policy.onBlocks('b', wholeRun(leaf), PATIENCE_MS + 1)
    policy.onWrong(leaf, PATIENCE_MS + 2) // two at once from here on
    const [next = -1, ...more] = requested(policy.onGrant('b', 9, PATIENCE_MS + 3), 'b')
    expect(more).toEqual([])
    deliver(policy, next, 'b', PATIENCE_MS + 4)
    expect(requested(policy.onGrant('b', 9, PATIENCE_MS + 5), 'b')).toHaveLength(3)
  })

  test('takes over nothing for OWES_MS once it refused what it said it has', () => {
    const policy = asked(4, ['b'])
    const [leaf = -1] = requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')
    const now = PATIENCE_MS + 1
    policy.onReject('b', [wholeRun(leaf)], false, now)
    expect(ofType(pass(policy, now, now + OWES_MS - 1), 'cancel')).toEqual([])
    expect(requested(policy.onGrant('b', 9, now + OWES_MS - 1), 'b')).toEqual([])
    expect(requested(policy.onGrant('b', 9, now + OWES_MS), 'b')).toHaveLength(1)
  })
})

describe('a peer that owes', () => {
  /** `b` refused a leaf, which is open now. */
  function refused(others: readonly string[]): { policy: SharePolicy; leaf: number } {
    const policy = asked(4, ['b', ...others])
    const [leaf = -1] = requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')
    policy.onReject('b', [wholeRun(leaf)], false, PATIENCE_MS)
    policy.onHave('b', [leaf], PATIENCE_MS)
    return { policy, leaf }
  }

  test('is asked for nothing at the end that somebody else has, who is', () => {
    const { policy, leaf } = refused(['c'])
    expect(requested(policy.onGrant('b', 1, PATIENCE_MS + 1), 'b')).toEqual([])
    expect(requested(policy.onOffer('b', [leaf], PATIENCE_MS + 2), 'b')).toEqual([])
    expect(requested(policy.onGrant('c', 1, PATIENCE_MS + 3), 'c')).toEqual([leaf])
  })

  test('is asked as before when a leaf of it was right: it was only late', () => {
    const policy = asked(4, ['b'])
    deliver(policy, 0, 'a', 1)
    const [leaf = -1] = requested(policy.onGrant('b', 9, PATIENCE_MS), 'b')
    policy.onReject('b', [wholeRun(leaf)], false, PATIENCE_MS)
    expect(requested(policy.onGrant('a', 1, PATIENCE_MS), 'a')).toEqual([leaf])
  })

  test('is asked when nobody else has it', () => {
    const { policy, leaf } = refused([])
    policy.peerLeft('a', PATIENCE_MS)
    expect(requested(policy.onGrant('b', 1, PATIENCE_MS + 1), 'b')).toHaveLength(1)
    expect(policy.isMissing(leaf)).toBe(true)
  })
})

describe('from a peer that this node itself holds back', () => {
  /** `a` sends, and is held back; `b` would take over. */
  function heldBack(): SharePolicy {
    const policy = asked(4, ['b'])
    policy.onBlocks('a', { leaf: 0, first: 0, count: 1 }, 100)
    policy.holdBack('a', PATIENCE_MS)
    return policy
  }

  test('nothing is taken over, until HELD_BACK_MS later', () => {
    expect(ofType(heldBack().onGrant('b', 1, PATIENCE_MS + HELD_BACK_MS - 1), 'request')).toEqual([])
    expect(requested(heldBack().onGrant('b', 1, PATIENCE_MS + HELD_BACK_MS), 'b')).toHaveLength(1)
  })

  test.each([
    ['a moment before', 1, 0],
    ['when', 0, 1]
  ])('nor %s it was silent for HELD_BACK_SILENCE_MS', (_, before, taken) => {
    const policy = heldBack()
    const now = 100 + HELD_BACK_SILENCE_MS - before
    policy.holdBack('a', now)
    expect(requested(policy.onGrant('b', 1, now), 'b')).toHaveLength(taken)
  })

  test('what one keeps that never sent a block is taken over all the same', () => {
    const policy = asked(4, ['b'])
    policy.holdBack('a', PATIENCE_MS)
    expect(requested(policy.onGrant('b', 1, PATIENCE_MS), 'b')).toHaveLength(1)
  })
})

describe('at the end, what a peer keeps that stands still', () => {
  const due = RTT_MS + STANDSTILL_MS

  test('is open again and urgent after STANDSTILL_MS, without a grant of anybody', () => {
    const policy = asked(2, ['b'])
    expect(ofType(pass(policy, 0, due - LOOK_MS), 'cancel')).toEqual([])
    const effects = pass(policy, due - LOOK_MS, due + LOOK_MS)
    expect(runsTo(effects, 'cancel', 'a')).toHaveLength(2)
    expect(policy.urgent(9).toSorted()).toEqual([0, 1])
    expect(requested(policy.onOffer('a', [0], due + LOOK_MS), 'a')).toEqual([])
    expect(requested(policy.onOffer('b', [0], due + LOOK_MS), 'b')).toEqual([0])
  })

  test('is left with it when nobody else has it, or who has stands still too', () => {
    expect(ofType(pass(asked(2, []), 0, 2 * due), 'cancel')).toEqual([])
    const policy = policyOf({ leafCount: 2, peers: ['a', 'b'] })
    policy.onHave('a', all(2), 0)
    policy.onHave('b', all(2), 0)
    policy.onGrant('a', 1, 0)
    policy.onGrant('b', 1, 0)
    expect(ofType(pass(policy, 0, 2 * due), 'cancel')).toEqual([])
  })

  test('is left with it while it sends, and before the end', () => {
    const slow = asked(2, ['b'])
    for (let block = 0; block < 9; block++) {
      expect(ofType(pass(slow, block * STANDSTILL_MS, (block + 1) * STANDSTILL_MS), 'cancel')).toEqual([])
      slow.onBlocks('a', { leaf: 0, first: block, count: 1 }, (block + 1) * STANDSTILL_MS)
    }
    const long = policyOf({ leafCount: 100, peers: ['a', 'b'], leafBytes: MIB / 4 })
    long.onHave('a', all(100), 0)
    long.onHave('b', all(100), 0)
    long.onGrant('a', 3, 0)
    expect(ofType(pass(long, 0, 2 * due), 'cancel')).toEqual([])
  })
})

test('what came back is counted each time', () => {
  const policy = asked(2, ['b'])
  expect(policy.returns).toBe(0)
  policy.onReject('a', [wholeRun(0)], true, 1)
  policy.onBlocks('a', wholeRun(1), 2)
  policy.onWrong(1, 3)
  expect(policy.returns).toBe(2)
})
