import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { GRANT_TIMEOUT_MS, LATE_MS, RECOUNT_MS } from '../../src/swarm/granter.ts'
import { HAVE_BATCH_MS } from '../../src/swarm/announcer.ts'
import type { PolicyEffect } from '../../src/swarm/effects.ts'
import type { SharePolicy } from '../../src/swarm/policy.ts'
import { FREE_BYTES, MAX_PASS_WAIT_MS, MAX_TAKER_LEAVES, PASS_WAIT_MS } from '../../src/swarm/taker.ts'
import { CREDIT_BYTES, LAG_LEAVES } from '../../src/swarm/turn.ts'
import { FRAME_MS, STUCK_MS } from '../../src/swarm/upload-load.ts'
import { MAX_QUEUED_RUNS } from '../../src/swarm/upload-queue.ts'
import { LEAD_MS, MAX_WINDOW_BYTES, START_WINDOW_BYTES } from '../../src/swarm/window.ts'
import { all, granted, MIB, named, ofType, pass, policyOf, runsTo, wholeRun } from './support/share-policy.ts'

const LEAF = 256 * 1024
const EVERYBODY = (): boolean => true
const ANY = (): number => 128

interface RelaySetup {
  readonly peers: readonly string[]
  readonly leafCount?: number
  readonly leafBytes?: number
  readonly cap?: number
  readonly canTake?: (peer: string) => boolean
}

/** A node that is fetching and has half of the share; its peers want everything and say so at 1 ms. */
function relay({ peers, leafCount = 100, leafBytes = LEAF, cap = 4 * MIB, canTake }: RelaySetup) {
  const policy = policyOf({ leafCount, leafBytes, have: all(leafCount / 2), ...(canTake && { canTake }) })
  policy.setUploadCap(cap, 0)
  for (const peer of peers) {
    policy.peerJoined(peer, 0, 20)
  }
  const effects = peers.flatMap((peer) => policy.onWant(peer, all(leafCount), 1))
  return { policy, effects }
}

/** The uplink sends whatever there is, at no cost of time. */
function sendAll(policy: SharePolicy, now: number) {
  const sent: Array<{ peer: string; leaf: number; bytes: number }> = []
  const effects = []
  for (let next = policy.take(EVERYBODY, ANY, now); next !== undefined; next = policy.take(EVERYBODY, ANY, now)) {
    const bytes = next.run.count * BLOCK_BYTES
    sent.push({ peer: next.peer, leaf: next.run.leaf, bytes })
    effects.push(...policy.onSent(next.peer, bytes, now))
  }
  return { sent, effects }
}

describe('what is shown', () => {
  test('a node that is fetching shows what it has to everybody, and what it stores as it comes', () => {
    const policy = policyOf({ leafCount: 9, have: [1, 2, 4] })
    expect(policy.onceOnly).toBe(false)
    expect(named(policy.peerJoined('a', 0), 'have', 'a')).toEqual([1, 2, 4])
    expect(named(policy.onStored(3, 1), 'have', 'a')).toEqual([3])
  })

  test('leaves stored within HAVE_BATCH_MS are announced together', () => {
    const policy = policyOf({ leafCount: 9, peers: ['a'] })
    expect(named(policy.onStored(0, 100), 'have', 'a')).toEqual([0])
    expect(policy.onStored(1, 101)).toEqual([])
    expect(policy.onStored(2, 102)).toEqual([])
    expect(policy.wakeAt).toBeCloseTo(100 + HAVE_BATCH_MS, 1)
    expect(named(policy.tick(policy.wakeAt), 'have', 'a')).toEqual([1, 2])
  })

  test('with nothing, nothing is said', () => {
    expect(policyOf({ leafCount: 5 }).peerJoined('a', 0)).toEqual([])
  })
})

describe('how much is promised', () => {
  test('what the uplink does in a round trip and LEAD_MS', () => {
    const { effects } = relay({ peers: ['a', 'b', 'c', 'd'] })
    // 4 MiB/s for 100 ms: one leaf and a part of a second one
    expect(effects.map(({ type }) => type)).toEqual(['grant', 'grant'])
  })

  test('and the next when that much less is left', () => {
    const { policy } = relay({ peers: ['a', 'b', 'c', 'd'] })
    policy.onRequest('a', [wholeRun(0, LEAF)], 20)
    expect(policy.onRequest('b', [wholeRun(1, LEAF)], 20)).toEqual([])
    const frames: PolicyEffect[] = []
    for (let sent = 0, done = false; !done; sent++) {
      const next = policy.take(EVERYBODY, () => 1, 20 + sent)
      expect(next).toBeDefined()
      frames.push(...policy.onSent(next?.peer ?? '', BLOCK_BYTES, 20 + sent))
      done = frames.length > 0
      if (done) {
        // of the 512 KiB, so many are left that 100 ms are enough for them
        expect((sent + 1) * BLOCK_BYTES).toBeGreaterThan(2 * LEAF - ((LEAD_MS + 20) / 1000) * 4 * MIB)
      }
    }
    expect(ofType(frames, 'grant')).toHaveLength(1)
  })

  test('START_WINDOW_BYTES while nothing is known of the uplink', () => {
    const { policy } = relay({ peers: all(20).map((at) => `p${at}`), cap: Infinity })
    expect(policy.queue.size).toBe(0)
    const { effects } = relay({ peers: all(20).map((at) => `p${at}`), cap: Infinity })
    expect(ofType(effects, 'grant').reduce((sum, { leaves }) => sum + leaves, 0) * LEAF).toBe(START_WINDOW_BYTES)
  })

  test('MAX_WINDOW_BYTES on the fastest link', () => {
    const { effects } = relay({ peers: all(400).map((at) => `p${at}`), leafCount: 400, cap: 100_000 * MIB })
    expect(ofType(effects, 'grant').reduce((sum, { leaves }) => sum + leaves, 0) * LEAF).toBe(MAX_WINDOW_BYTES)
  })

  test('nothing at all under a cap of nothing', () => {
    expect(relay({ peers: ['a'], cap: 0 }).effects).toEqual([])
  })

  test('a cap that is raised is used at once', () => {
    const { policy } = relay({ peers: ['a', 'b', 'c', 'd', 'e'] })
    expect(ofType(policy.setUploadCap(16 * MIB, 2), 'grant').length).toBeGreaterThan(1)
  })

  test('a grant of small leaves names many', () => {
    const { effects } = relay({ peers: ['a'], leafCount: 1000, leafBytes: 1024 })
    expect(granted(effects, 'a')).toBe(Math.floor(((LEAD_MS + 20) * 4 * MIB) / 1000 / 1024))
  })

  test('but no more than MAX_TAKER_LEAVES are with one peer', () => {
    const { policy, effects } = relay({ peers: ['a'], leafCount: 10_000, leafBytes: 1024, cap: 1000 * MIB })
    let grants: readonly PolicyEffect[] = effects
    let asked = 0
    for (let now = 2; granted(grants, 'a') > 0; now++) {
      const leaves = all(granted(grants, 'a')).map((at) => asked + at)
      asked += leaves.length
      grants = policy.onRequest(
        'a',
        leaves.map((leaf) => wholeRun(leaf, 1024)),
        now
      )
    }
    expect(asked).toBe(MAX_TAKER_LEAVES)
    expect(granted(sendAll(policy, 9).effects, 'a')).toBeGreaterThan(0)
  })

  test('late answers are not waited for: a silent peer does not keep the uplink idle', () => {
    const { policy, effects } = relay({ peers: ['silent', 'also silent', 'good'] })
    const first = ofType(effects, 'grant').map(({ peer }) => peer)
    const late = pass(policy, 1, 1 + 20 + LATE_MS + 1)
    expect(ofType(late, 'grant').map(({ peer }) => peer)).not.toEqual(expect.arrayContaining(first))
    expect(ofType(late, 'grant')).toHaveLength(1)
  })

  test('and a peer that never answers is not granted again before GRANT_TIMEOUT_MS have passed twice', () => {
    const { policy } = relay({ peers: ['silent'] })
    expect(ofType(pass(policy, 1, 2 * GRANT_TIMEOUT_MS), 'grant')).toEqual([])
    expect(ofType(pass(policy, 2 * GRANT_TIMEOUT_MS, 2 * GRANT_TIMEOUT_MS + 1000), 'grant')).toHaveLength(1)
  })

  test('what waits for a peer that takes nothing counts for STUCK_MS only', () => {
    const { policy } = relay({ peers: ['stuck', 'b', 'c'] })
    for (const peer of ['stuck', 'b', 'c']) {
      policy.onRequest(
        peer,
        all(4).map((leaf) => wholeRun(leaf, LEAF)),
        20
      )
    }
    const able = (peer: string): boolean => peer !== 'stuck'
    const grants = []
    for (let now = 30; policy.queue.queuedBytes > policy.queue.queuedBytesOf('stuck');) {
      const next = policy.take(able, ANY, now)
      grants.push(...ofType(policy.onSent(next?.peer ?? '', (next?.run.count ?? 0) * BLOCK_BYTES, now), 'grant'))
      now += 10
    }
    expect(grants).toEqual([])
    expect(ofType(pass(policy, 1000, 1500 + STUCK_MS), 'grant').length).toBeGreaterThan(0)
  })
})

describe('whose turn it is', () => {
  /** Everybody answers every grant with a leaf, or passes; returns who was granted, in order. */
  function turns(policy: SharePolicy, first: ReturnType<typeof relay>['effects'], rounds: number): string[] {
    const order: string[] = []
    const asked = new Map<string, number>()
    let grants = ofType(first, 'grant')
    for (let now = 20; order.length < rounds && grants.length > 0; now += 20) {
      const effects = grants.flatMap(({ peer }) => {
        order.push(peer)
        const leaf = asked.get(peer) ?? 0
        asked.set(peer, leaf + 1)
        return policy.onRequest(peer, [wholeRun(leaf, LEAF)], now)
      })
      grants = ofType([...effects, ...sendAll(policy, now + 1).effects], 'grant')
    }
    return order
  }

  test('equal peers take turns', () => {
    const { policy, effects } = relay({ peers: ['a', 'b', 'c', 'd'] })
    const order = turns(policy, effects, 12)
    for (const peer of ['a', 'b', 'c', 'd']) {
      expect(order.slice(0, 12).filter((each) => each === peer).length).toBeGreaterThanOrEqual(2)
    }
  })

  test(`one that is LAG_LEAVES behind goes first`, () => {
    const { policy } = relay({ peers: ['ahead', 'behind'], cap: MIB })
    policy.onPass('ahead', [], 2)
    policy.onPass('behind', [], 2)
    policy.onHave('ahead', all(2 * LAG_LEAVES), 3)
    const later = ofType(pass(policy, 3, 200), 'grant')
    expect(later[0]?.peer).toBe('behind')
  })

  test('one that was sent CREDIT_BYTES more than it sent waits for all others, and is served when there are none', () => {
    const { policy } = relay({ peers: ['rider', 'b'], leafCount: 100, cap: 100 * MIB })
    const leaves = CREDIT_BYTES / LEAF
    for (let leaf = 0; leaf <= leaves; leaf++) {
      policy.onRequest('rider', [wholeRun(leaf, LEAF)], 10 + leaf)
      sendAll(policy, 10 + leaf)
    }
    policy.onPass('b', [], 20)
    const both = ofType([...policy.setUploadCap(MIB, 21), ...pass(policy, 21, 900)], 'grant')
    expect(both[0]?.peer).toBe('b')
    policy.peerLeft('b', 900)
    policy.onPass('rider', [], 900)
    expect(ofType(pass(policy, 900, 2500), 'grant').map(({ peer }) => peer)).toContain('rider')
  })

  test('one that has everything, wants nothing, or cannot take more has no turn', () => {
    const { policy } = relay({ peers: [], canTake: (peer) => peer !== 'full' })
    for (const peer of ['has', 'wants nothing', 'full']) {
      policy.peerJoined(peer, 0, 20)
    }
    policy.onHave('has', all(100), 1)
    expect(
      ofType(
        [...policy.onWant('has', all(100), 2), ...policy.onWant('full', all(100), 2), ...pass(policy, 2, 900)],
        'grant'
      )
    ).toEqual([])
  })

  test('after a PASS a peer is asked again after PASS_WAIT_MS and a round trip, then after twice as long', () => {
    const { policy } = relay({ peers: ['a'] })
    let now = 20
    const waits = all(7).map(() => {
      policy.onPass('a', [], now)
      const from = now
      while (ofType(policy.tick(now), 'grant').length === 0) {
        now += 1
      }
      return now - from - 20
    })
    expect(waits.map((wait) => Math.round(wait))).toEqual([
      ...[1, 2, 4, 8, 16].map((times) => times * PASS_WAIT_MS),
      MAX_PASS_WAIT_MS,
      MAX_PASS_WAIT_MS
    ])
  })

  test('and at once when there is something new for it', () => {
    const { policy } = relay({ peers: ['a'] })
    policy.onPass('a', [], 20)
    expect(granted(policy.onStored(60, 21), 'a')).toBe(1)
  })

  test('a leaf that was sent and not announced counts as lacking again after a round trip and RECOUNT_MS', () => {
    const policy = policyOf({ leafCount: 2, leafBytes: LEAF, have: [0], peers: ['a'] })
    policy.setUploadCap(4 * MIB, 0)
    policy.onWant('a', [0, 1], 1)
    policy.onRequest('a', [wholeRun(0, LEAF)], 20)
    sendAll(policy, 30)
    expect(pass(policy, 30, 30 + 20 + RECOUNT_MS - 1)).toEqual([])
    expect(granted(pass(policy, 30 + 20 + RECOUNT_MS - 1, 30 + 20 + RECOUNT_MS + 2), 'a')).toBe(1)
  })

  test('so does one that was cancelled', () => {
    const policy = policyOf({ leafCount: 2, leafBytes: LEAF, have: [0], peers: ['a'] })
    policy.setUploadCap(4 * MIB, 0)
    policy.onWant('a', [0, 1], 1)
    policy.onRequest('a', [wholeRun(0, LEAF)], 20)
    policy.onCancel('a', [wholeRun(0, LEAF)], 30)
    expect(policy.queue.size).toBe(0)
    expect(granted(pass(policy, 30, 30 + 20 + RECOUNT_MS + 2), 'a')).toBe(1)
  })
})

describe('requests', () => {
  test('of what is not held are rejected', () => {
    const { policy } = relay({ peers: ['a'] })
    const effects = policy.onRequest('a', [wholeRun(0, LEAF), wholeRun(99, LEAF)], 2)
    expect(ofType(effects, 'reject')).toEqual([
      { type: 'reject', peer: 'a', reason: 'not-held', runs: [wholeRun(99, LEAF)] }
    ])
    expect(policy.queue.size).toBe(1)
  })

  test.each([
    [MAX_QUEUED_RUNS, 0],
    [MAX_QUEUED_RUNS + 1, 1]
  ])('%d runs of one peer: %d rejected as busy', (count, rejected) => {
    const { policy } = relay({ peers: ['a'] })
    const runs = all(count).map((at) => ({ leaf: at % 50, first: Math.floor(at / 50) % 16, count: 1 }))
    const effects = policy.onRequest('a', runs, 2)
    expect(runsTo(effects, 'reject', 'a')).toHaveLength(rejected)
  })

  test('beyond what was granted are served when nobody else waits: who asks for a lot holds nobody up', () => {
    const { policy } = relay({ peers: ['greedy', 'b'] })
    policy.onRequest(
      'greedy',
      all(40).map((leaf) => wholeRun(leaf, LEAF)),
      10
    )
    policy.onRequest('b', [wholeRun(7, LEAF)], 20)
    const { sent } = sendAll(policy, 30)
    const before = sent.findIndex(({ peer }) => peer === 'b') * (sent[0]?.bytes ?? 0)
    expect(before).toBeLessThanOrEqual(FREE_BYTES + 2 * 2 * LEAF)
    expect(sent.filter(({ peer }) => peer === 'greedy').reduce((sum, { bytes }) => sum + bytes, 0)).toBe(40 * LEAF)
  })

  test('and do not keep others from being granted', () => {
    const { policy } = relay({ peers: ['greedy'] })
    policy.onRequest(
      'greedy',
      all(40).map((leaf) => wholeRun(leaf, LEAF)),
      10
    )
    for (let spent = 0; spent < FREE_BYTES + 4 * LEAF; spent += FRAME_MS * 4096) {
      const next = policy.take(EVERYBODY, ANY, 11)
      policy.onSent('greedy', (next?.run.count ?? 0) * BLOCK_BYTES, 11)
    }
    expect(policy.queue.queuedBytes).toBeGreaterThan(20 * LEAF)
    policy.peerJoined('b', 12, 20)
    expect(granted(policy.onWant('b', all(100), 12), 'b')).toBe(1)
  })

  test('are sent in frames of FRAME_MS, or less where the caller says so', () => {
    const { policy } = relay({ peers: ['a'] })
    policy.onRequest('a', [wholeRun(0, LEAF)], 10)
    expect(policy.take(EVERYBODY, ANY, 11)?.run).toEqual({
      leaf: 0,
      first: 0,
      count: (4 * 1024 * FRAME_MS) / BLOCK_BYTES
    })
    expect(policy.take(EVERYBODY, () => 2, 11)?.run.count).toBe(2)
  })

  test('that cannot be read are rejected, and are not work any more', () => {
    const { policy } = relay({ peers: ['a', 'b', 'c'] })
    policy.onRequest('a', [wholeRun(0, LEAF)], 10)
    policy.onRequest('b', [wholeRun(1, LEAF)], 10)
    const next = policy.take(EVERYBODY, ANY, 11)
    const effects = next === undefined ? [] : policy.onUnsent('a', next.run, 12)
    expect(ofType(effects, 'reject')).toEqual([{ type: 'reject', peer: 'a', reason: 'not-held', runs: [next?.run] }])
  })

  test('of a peer that leaves are gone, whatever is said of them later', () => {
    const { policy } = relay({ peers: ['a'] })
    policy.onRequest('a', [wholeRun(0, LEAF)], 10)
    policy.take(EVERYBODY, ANY, 11)
    policy.peerLeft('a', 12)
    expect([policy.queue.size, policy.onSent('a', BLOCK_BYTES, 13)]).toEqual([0, []])
    policy.peerJoined('b', 14, 20)
    expect(granted(policy.onWant('b', all(100), 14), 'b')).toBe(1)
  })
})

test('an uplink that nobody knows is measured: what is promised grows with what it does', () => {
  const { policy, effects } = relay({ peers: ['a', 'b'], leafCount: 4000, cap: Infinity })
  let promised = 0
  let asked = 0
  const answer = (all: readonly PolicyEffect[], now: number): void => {
    for (const { peer, leaves } of ofType(all, 'grant')) {
      promised = Math.max(promised, leaves * LEAF)
      answer(
        policy.onRequest(
          peer,
          Array.from({ length: leaves }, () => wholeRun(asked++ % 2000, LEAF)),
          now
        ),
        now
      )
    }
  }
  answer(effects, 1)
  // 200 MiB/s
  for (let now = 2; now < 1000; now += 5) {
    const next = policy.take(EVERYBODY, () => 64, now)
    if (next !== undefined) {
      answer(policy.onSent(next.peer, next.run.count * BLOCK_BYTES, now), now)
    }
    answer(policy.tick(now), now)
  }
  expect(promised).toBeGreaterThan(2 * START_WINDOW_BYTES)
})
