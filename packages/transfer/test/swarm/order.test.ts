import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Urgency } from '../../src/swarm/picker.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { all, deliver, MIB, named, policyOf, requested, runsTo, seederOf } from './support/share-policy.ts'

/** What is asked of a peer that has everything, one leaf at a time, until nothing is missing. */
function takeAll(policy: SharePolicy, peer: string, from = 0): number[] {
  const order: number[] = []
  for (let now = from; policy.missing > 0; now += 10) {
    const leaves = requested(policy.onGrant(peer, 1, now), peer)
    order.push(...leaves)
    for (const leaf of leaves) {
      deliver(policy, leaf, peer, now + 5)
    }
    if (leaves.length === 0) {
      throw new RangeError(`nothing is asked for, and ${policy.missing} are missing`)
    }
  }
  return order
}

function leecherOf(leafCount: number): SharePolicy {
  const policy = policyOf({ leafCount, peers: ['a', 'b'] })
  policy.onHave('a', all(leafCount), 0)
  return policy
}

describe('an order', () => {
  test('sequential is by index, whatever is rare', () => {
    const policy = leecherOf(20)
    policy.onHave('b', all(10), 0) // the second half is rarer
    policy.reorder({ sequential: true })
    expect(takeAll(policy, 'a')).toEqual(all(20))
  })

  test('what is high comes before what is normal, and that before what is low', () => {
    const policy = leecherOf(30)
    const urgency = (leaf: number): Urgency => (leaf < 10 ? 'low' : leaf < 20 ? 'normal' : 'high')
    policy.reorder({ sequential: false, urgency })
    const order = takeAll(policy, 'a').map((leaf) => Math.floor(leaf / 10))
    expect(order).toEqual([...Array(10).fill(2), ...Array(10).fill(1), ...Array(10).fill(0)])
  })

  test('a peer that has nothing urgent is asked for the rest', () => {
    const policy = policyOf({ leafCount: 10, peers: ['a'] })
    policy.onHave('a', [7], 0)
    policy.reorder({ sequential: false, urgency: (leaf) => (leaf === 7 ? 'low' : 'high') })
    expect(requested(policy.onGrant('a', 1, 0), 'a')).toEqual([7])
  })

  test('can be changed while leaves are fetched, and back again', () => {
    const policy = leecherOf(20)
    policy.reorder({ sequential: true })
    expect(requested(policy.onGrant('a', 2, 0), 'a')).toEqual([0, 1])
    policy.reorder({ sequential: true, urgency: (leaf) => (leaf >= 15 ? 'high' : 'normal') })
    expect(requested(policy.onGrant('a', 2, 1), 'a')).toEqual([15, 16])
    policy.reorder({ sequential: true })
    expect(requested(policy.onGrant('a', 2, 2), 'a')).toEqual([2, 3])
  })
})

describe('a deadline', () => {
  test('comes before what was begun, and before any order', () => {
    const policy = leecherOf(20)
    policy.reorder({ sequential: true })
    policy.setDeadline({}, { leaves: [12, 13], dueMs: 0, eachMs: 250 }, 0)
    expect(requested(policy.onGrant('a', 3, 0), 'a')).toEqual([12, 13, 0])
  })

  test('comes first among what is offered', () => {
    const policy = policyOf({ leafCount: 40, peers: ['a'] })
    policy.setDeadline({}, { leaves: [3, 2], dueMs: 0, eachMs: 250 }, 0)
    const leaves = requested(policy.onOffer('a', [0, 1, 2, 3], 0), 'a')
    expect(leaves).toEqual([3, 2, 0, 1])
  })

  // the caller's clock shows how long its process has been running
  test.each([0, 3_600_000])(
    'that is over is taken from a peer which does not send, long before the end: from %i',
    (now) => {
      const policy = policyOf({ leafCount: 200, peers: ['a', 'b'], startAt: now })
      policy.onHave('a', all(200), now)
      policy.setDeadline({}, { leaves: [50], dueMs: now, eachMs: 250 }, now)
      expect(requested(policy.onGrant('a', 1, now), 'a')).toEqual([50])
      policy.onHave('b', all(200), now)
      const effects = policy.onGrant('b', 1, now + 1000)
      expect(runsTo(effects, 'cancel', 'a').map(({ leaf }) => leaf)).toEqual([50])
      expect(requested(effects, 'b')).toEqual([50])
    }
  )

  test('that is not over is not', () => {
    const policy = policyOf({ leafCount: 200, peers: ['a', 'b'] })
    policy.onHave('a', all(200), 0)
    policy.setDeadline({}, { leaves: [50], dueMs: 5000, eachMs: 250 }, 0)
    expect(requested(policy.onGrant('a', 1, 0), 'a')).toEqual([50])
    policy.onHave('b', all(200), 0)
    expect(requested(policy.onGrant('b', 1, 1000), 'b')).not.toContain(50)
  })
})

test('whatever is urgent, deadline leaves come first and everything that is wanted is fetched once', () => {
  const scenario = fc.record({
    due: fc.uniqueArray(fc.nat(39), { maxLength: 12 }),
    sequential: fc.boolean(),
    urgencies: fc.array(fc.constantFrom<Urgency>('high', 'normal', 'low'), { minLength: 40, maxLength: 40 }),
    more: fc.uniqueArray(fc.nat(39), { maxLength: 10 })
  })
  fc.assert(
    fc.property(scenario, ({ due, sequential, urgencies, more }) => {
      const policy = policyOf({ leafCount: 40, missing: all(40).filter((leaf) => !more.includes(leaf)), peers: ['a'] })
      policy.onHave('a', all(40), 0)
      policy.reorder({ sequential, urgency: (leaf) => urgencies[leaf] ?? 'normal' })
      policy.setDeadline({}, { leaves: due, dueMs: 0, eachMs: 1 }, 0)
      policy.choose(more, [], 0)
      const order = takeAll(policy, 'a')
      expect(order.slice(0, due.length)).toEqual(due)
      expect([...order].sort((a, b) => a - b)).toEqual(all(40))
      const rank = (leaf: number): number => ['high', 'normal', 'low'].indexOf(urgencies[leaf] ?? '')
      const ranks = order.slice(due.length).map(rank)
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    }),
    { numRuns: 60 }
  )
})

describe('other leaves are wanted', () => {
  test('what is added is fetched, what is held is not', () => {
    const policy = policyOf({ leafCount: 10, have: [0], missing: [1], peers: ['a'] })
    policy.onHave('a', all(10), 0)
    policy.choose([0, 5], [], 0)
    expect(policy.missing).toBe(2)
    expect(takeAll(policy, 'a').sort()).toEqual([1, 5])
  })

  test('what is taken out is cancelled, and not asked for again', () => {
    const policy = leecherOf(10)
    policy.reorder({ sequential: true })
    policy.onGrant('a', 2, 0)
    const effects = policy.choose([], [0, 5], 1)
    expect(runsTo(effects, 'cancel', 'a').map(({ leaf }) => leaf)).toEqual([0])
    expect(policy.missing).toBe(8)
    deliver(policy, 1, 'a', 2)
    expect(takeAll(policy, 'a', 3)).toEqual([2, 3, 4, 6, 7, 8, 9])
    expect(policy.inFlightBytes).toBe(0)
  })

  test('what is taken out while it is stored is kept', () => {
    const policy = leecherOf(3)
    policy.reorder({ sequential: true })
    policy.onGrant('a', 1, 0)
    policy.onBlocks('a', { leaf: 0, first: 0, count: MIB / 16384 }, 1)
    policy.choose([], [0], 2)
    expect(policy.isMissing(0)).toBe(true)
    policy.onStored(0, 3)
    expect(policy.missing).toBe(2)
  })
})

describe('a first seeder', () => {
  test('offers a receiver first what it needs soon, in its own turn', () => {
    const policy = seederOf({ leafCount: 400, peers: ['a'] })
    const offers = named(
      [...policy.onMoreWant('a', [], 0), ...policy.onMoreWant('a', all(400), 0, false)],
      'offer',
      'a'
    )
    expect(offers).not.toContain(300)
    policy.onRequest(
      'a',
      offers.map((leaf) => ({ leaf, first: 0, count: 64 })),
      5
    )
    policy.onMoreWant('a', [300, 301], 10, true)
    let next: number[] = []
    for (let now = 10; next.length === 0 && now < 60_000; now += 10) {
      const upload = policy.take(
        () => true,
        () => 128,
        now
      )
      next = named(
        upload === undefined ? policy.tick(now) : policy.onSent('a', upload.run.count * 16384, now),
        'offer',
        'a'
      )
    }
    expect(next[0]).toBe(300)
  })

  test('offers it although another one was offered it: once-only is suspended for it, and for nothing else', () => {
    const policy = seederOf({ leafCount: 2, peers: ['a', 'b'] })
    const first = policy.onMoreWant('a', [0, 1], 0)
    expect(named(first, 'offer', 'a')).toContain(0)
    expect(named(policy.onMoreWant('b', [0, 1], 1), 'offer', 'b')).not.toContain(0)
    const effects = [...policy.onMoreWant('b', [0], 2, true)]
    for (let now = 3; named(effects, 'offer', 'b').length === 0 && now < 5000; now += 50) {
      effects.push(...policy.tick(now))
    }
    expect(named(effects, 'offer', 'b')).toContain(0)
  })
})
