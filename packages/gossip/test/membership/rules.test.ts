import { describe, expect, it } from 'vitest'
import { ACCUSE_HEARD_AGAIN_MS, Accusers, MAX_REFUTED, MUTE_MS, MUTE_WINDOW_MS } from '../../src/membership/accusers.ts'
import {
  MAX_ACCUSATIONS,
  MAX_ACCUSERS,
  MAX_CLAIMS_BYTES,
  MAX_LOCAL_HEALTH,
  MAX_RECENT_CLAIMS,
  MAX_SYNC_QUEUE,
  MAX_TOMBSTONES
} from '../../src/membership/bounds.ts'
import { Budget } from '../../src/membership/budget.ts'
import { bucketCount, claimHash, deadId, differing, foldLeaves, isBucketCount } from '../../src/membership/digest.ts'
import { earliest, newDues } from '../../src/membership/due.ts'
import { better, mayAccuse, smooth, stretch, worse } from '../../src/membership/probe.ts'
import { PROFILES } from '../../src/membership/profile.ts'
import {
  chunkClaims,
  ClaimRate,
  eagerCount,
  MAX_EAGER,
  MIN_EAGER,
  PUSHED_BYTES,
  RATE_WINDOW_MS
} from '../../src/membership/push.ts'
import { RecentClaims, WANT_AGAIN_MS } from '../../src/membership/recent.ts'
import { reconnectMs, reconnectShare } from '../../src/membership/reconnect.ts'
import { addVote, isNewVote, quorumOf, suspicionMs } from '../../src/membership/suspicion.ts'
import type { Suspicion } from '../../src/membership/suspicion.ts'
import { SyncQueue } from '../../src/membership/sync-queue.ts'
import { Tombstones } from '../../src/membership/tombstones.ts'
import type { Claim } from '../../src/membership/types.ts'
import { Notary } from './support/net.ts'

const { wan, lan, local } = PROFILES
const notary = new Notary()
const vote = (signer: number, evidence: 'silent' | 'closed' = 'silent'): Claim =>
  notary.sign({ kind: 'suspect', subject: 99, incarnation: 1, evidence }, signer)

describe('accusing', () => {
  it('needs two other subjects that answered, or all there are', () => {
    expect(mayAccuse(1, 7, 2, 0, 30_000)).toBe(false)
    expect(mayAccuse(2, 7, 2, 0, 30_000)).toBe(true)
    expect(mayAccuse(1, 1, 2, 0, 30_000)).toBe(true)
    expect(mayAccuse(0, 0, 2, 0, 30_000)).toBe(true)
    expect(mayAccuse(0, 7, 0, 0, 30_000)).toBe(true)
  })

  it('is allowed to who has been alone for long', () => {
    expect(mayAccuse(0, 7, 2, 29_999, 30_000)).toBe(false)
    expect(mayAccuse(0, 7, 2, 30_000, 30_000)).toBe(true)
  })

  it('waits longer the more this node doubts itself, up to eight times', () => {
    let health = 0
    for (let step = 0; step < 20; step++) {
      health = worse(health, wan.maxLocalHealth)
    }
    expect(health).toBe(MAX_LOCAL_HEALTH)
    expect(stretch(1000, health)).toBe(8000)
    expect(better(0)).toBe(0)
    expect(better(3)).toBe(2)
    expect(worse(0, 0)).toBe(0)
    expect(smooth(undefined, 80)).toBe(80)
    expect(smooth(80, 160)).toBe(90)
  })

  it('of one subject by one accuser counts again after its time, not a millisecond before', () => {
    const accusers = new Accusers(100)
    accusers.accused(1, 2, 1000)
    expect(accusers.mayAccuse(1, 2, ACCUSE_HEARD_AGAIN_MS, 1000 + ACCUSE_HEARD_AGAIN_MS - 1)).toBe(false)
    expect(accusers.mayAccuse(1, 2, ACCUSE_HEARD_AGAIN_MS, 1000 + ACCUSE_HEARD_AGAIN_MS)).toBe(true)
    expect(accusers.mayAccuse(1, 3, ACCUSE_HEARD_AGAIN_MS, 1001)).toBe(true)
    expect(accusers.mayAccuse(2, 1, ACCUSE_HEARD_AGAIN_MS, 1001)).toBe(true)
  })

  it('is not heard from who was refuted by more than five members, for ten minutes', () => {
    const accusers = new Accusers(100)
    for (let subject = 0; subject < MAX_REFUTED; subject++) {
      accusers.refuted(9, subject, 1000)
    }
    expect(accusers.isMuted(9, 1000)).toBe(false)
    accusers.refuted(9, MAX_REFUTED, 1000)
    expect(accusers.isMuted(9, 1000)).toBe(true)
    expect(accusers.isMuted(9, 999 + MUTE_MS)).toBe(true)
    expect(accusers.isMuted(9, 1000 + MUTE_MS)).toBe(false)
    expect(accusers.isMuted(8, 1000)).toBe(false)
  })

  it('is heard from who observes one member that stalls again and again', () => {
    const accusers = new Accusers(100)
    for (let time = 0; time < 50; time++) {
      accusers.refuted(9, 4, time * 30_000)
    }
    expect(accusers.isMuted(9, 1_500_000)).toBe(false)
  })

  it('forgets refutations after ten minutes', () => {
    const accusers = new Accusers(100)
    for (let subject = 0; subject <= MAX_REFUTED; subject++) {
      accusers.refuted(9, subject, subject * (MUTE_WINDOW_MS / 2))
    }
    expect(accusers.isMuted(9, 3 * MUTE_WINDOW_MS)).toBe(false)
  })

  it('is remembered of so many and no more', () => {
    const accusers = new Accusers(MAX_ACCUSATIONS + 2)
    for (let subject = 1; subject <= MAX_ACCUSATIONS; subject++) {
      accusers.accused(0, subject, 0)
    }
    expect(accusers.mayAccuse(0, 1, 1000, 1)).toBe(false)
    accusers.accused(0, MAX_ACCUSATIONS + 1, 0)
    expect(accusers.mayAccuse(0, 1, 1000, 1)).toBe(true)
    expect(accusers.mayAccuse(0, 2, 1000, 1)).toBe(false)
    for (let subject = 0; subject <= MAX_REFUTED; subject++) {
      accusers.refuted(0, subject, 0)
    }
    for (let accuser = 1; accuser < MAX_ACCUSERS; accuser++) {
      accusers.refuted(accuser, 0, 0)
    }
    expect(accusers.isMuted(0, 1)).toBe(true)
    accusers.refuted(MAX_ACCUSERS, 0, 0)
    expect(accusers.isMuted(0, 1)).toBe(false)
  })
})

describe('a suspicion', () => {
  it('lasts from the longest time with one vote to the shortest with the quorum', () => {
    expect(suspicionMs(1, 0, 4, wan)).toBe(wan.suspicionMaxMs)
    expect(suspicionMs(2, 0, 4, wan)).toBeCloseTo(17_500)
    expect(suspicionMs(4, 0, 4, wan)).toBe(wan.suspicionMinMs)
    expect(suspicionMs(4, 3, 4, wan)).toBe(wan.suspicionMinMs)
    expect(suspicionMs(4, 4, 4, wan)).toBe(wan.closedMinMs)
    expect(suspicionMs(1, 0, 1, wan)).toBe(wan.suspicionMinMs)
    expect(suspicionMs(1, 1, 1, wan)).toBe(wan.closedMinMs)
  })

  it('needs no more votes than there are others', () => {
    expect(quorumOf(4, 100)).toBe(4)
    expect(quorumOf(4, 2)).toBe(2)
    expect(quorumOf(4, 0)).toBe(1)
  })

  it('counts each accuser once, each group once, and nobody beyond the quorum', () => {
    const suspicion: Suspicion = { incarnation: 1, since: 0, votes: [], deadline: Infinity, postponed: 0 }
    addVote(suspicion, vote(1), 4, wan, 0)
    expect(suspicion.deadline).toBe(wan.suspicionMaxMs)
    expect(isNewVote(suspicion, 1, 4)).toBe(false)
    expect(isNewVote(suspicion, 2, 4)).toBe(true)
    expect(isNewVote(suspicion, 2, 4, () => 7)).toBe(false)
    expect(isNewVote(suspicion, 2, 4, () => -1)).toBe(true)
    addVote(suspicion, vote(2), 4, wan, 0)
    addVote(suspicion, vote(3), 4, wan, 0)
    expect(isNewVote(suspicion, 4, 4)).toBe(true)
    addVote(suspicion, vote(4), 4, wan, 0)
    expect(suspicion.deadline).toBe(wan.suspicionMinMs)
    expect(isNewVote(suspicion, 5, 4)).toBe(false)
  })

  it('is over at once, and not before, when its last votes come late', () => {
    const suspicion: Suspicion = { incarnation: 1, since: 0, votes: [vote(1)], deadline: 30_000, postponed: 0 }
    addVote(suspicion, vote(2), 2, wan, 20_000)
    expect(suspicion.deadline).toBe(20_000)
  })
})

describe('pushing', () => {
  it('comes in on eight links while claims are rare, on two when not, on one in a burst', () => {
    const eightAt = wan.pushBytesPerSecond / MAX_EAGER / PUSHED_BYTES
    expect(eagerCount(0, false, wan.pushBytesPerSecond)).toBe(MAX_EAGER)
    expect(eagerCount(eightAt, false, wan.pushBytesPerSecond)).toBe(MAX_EAGER)
    expect(eagerCount(1.1 * eightAt, false, wan.pushBytesPerSecond)).toBeLessThan(MAX_EAGER)
    expect(eagerCount(2, false, wan.pushBytesPerSecond)).toBeCloseTo(4.08, 1)
    expect(eagerCount(9, false, wan.pushBytesPerSecond)).toBe(MIN_EAGER)
    expect(eagerCount(9, true, wan.pushBytesPerSecond)).toBe(1)
  })

  it('counts claims over about twenty seconds', () => {
    const rate = new ClaimRate(RATE_WINDOW_MS)
    expect(rate.at(0)).toBe(0)
    for (let second = 0; second < 200; second++) {
      rate.add(second * 1000)
    }
    expect(rate.at(200_000)).toBeCloseTo(1, 0)
    expect(rate.at(400_000)).toBeLessThan(0.001)
  })

  it('packs claims up to both bounds of a message and no further', () => {
    const small = Array.from({ length: 257 }, () => vote(1))
    expect(chunkClaims(small.slice(0, 256), 256).map(({ length }) => length)).toEqual([256])
    expect(chunkClaims(small, 256).map(({ length }) => length)).toEqual([256, 1])
    const half = { ...vote(1), bytes: MAX_CLAIMS_BYTES / 2 }
    expect(chunkClaims([half, half], 256)).toHaveLength(1)
    expect(chunkClaims([half, half, vote(1)], 256)).toHaveLength(2)
  })

  it('asks for an id that is unknown, once a second, and never for one that was heard', () => {
    const recent = new RecentClaims()
    const claim = vote(1)
    recent.add(claim.id, claim)
    recent.add(5)
    expect(recent.want(claim.id, 0)).toBe(false)
    expect(recent.want(5, 0)).toBe(false)
    expect(recent.get(claim.id)).toBe(claim)
    expect(recent.get(5)).toBeUndefined()
    expect(recent.want(6, 0)).toBe(true)
    expect(recent.want(6, WANT_AGAIN_MS - 1)).toBe(false)
    expect(recent.want(6, WANT_AGAIN_MS)).toBe(true)
  })

  it('remembers half of the bound at least, and never more than it', () => {
    const recent = new RecentClaims()
    for (let id = 0; id < 10 * MAX_RECENT_CLAIMS; id++) {
      recent.add(id)
    }
    let known = 0
    for (let id = 0; id < 10 * MAX_RECENT_CLAIMS; id++) {
      known += recent.has(id) ? 1 : 0
    }
    expect(known).toBeGreaterThanOrEqual(MAX_RECENT_CLAIMS / 2)
    expect(known).toBeLessThanOrEqual(MAX_RECENT_CLAIMS)
  })
})

describe('comparing', () => {
  it('finds the buckets that differ, whatever the number of buckets', () => {
    const [mine, theirs] = [new Uint32Array(1024), new Uint32Array(1024)]
    mine.fill(7)
    theirs.fill(7)
    for (const count of [1, 8, 64, 1024]) {
      expect(differing(foldLeaves(theirs, count), mine)).toEqual([])
    }
    theirs[333] = claimHash(12_345)
    expect(differing(foldLeaves(theirs, 1024), mine)).toEqual([333])
    expect(differing(foldLeaves(theirs, 8), mine)).toEqual([333 % 8])
  })

  it('takes a power of two of buckets up to the bound and nothing else', () => {
    expect([0, 3, 1025, 2048, 1.5].map(isBucketCount)).toEqual([false, false, false, false, false])
    expect([1, 8, 1024].map(isBucketCount)).toEqual([true, true, true])
    expect(bucketCount(2)).toBe(8)
    expect(bucketCount(129)).toBe(16)
    expect(bucketCount(16_384)).toBe(1024)
    expect(bucketCount(1_000_000)).toBe(1024)
  })

  it('names the dead by an id of their own', () => {
    for (const id of [0, 1, 2 ** 53 - 2, 2 ** 53 - 1]) {
      expect(deadId(id)).not.toBe(id)
      expect(deadId(deadId(id))).toBe(id)
      expect(Number.isSafeInteger(deadId(id))).toBe(true)
    }
    expect(claimHash(1)).not.toBe(claimHash(2 ** 32 + 1))
  })

  it('sends what others lack at its pace: a thousand claims take as long as their bytes', () => {
    const queue = new SyncQueue(10_000, 5_000)
    for (let member = 1; member <= 1000; member++) {
      queue.add(0, member, 0)
    }
    const claim = vote(1)
    let [sent, now, done] = [0, 0, false]
    while (queue.dueAt !== Infinity) {
      now = Math.max(now, queue.dueAt)
      for (const batch of queue.take(
        now,
        () => [claim],
        () => true
      )) {
        sent += batch.claims.length
        done = batch.done
      }
      // never more than the burst and what has been saved since
      expect(sent * claim.bytes).toBeLessThanOrEqual(10_000 + (now * 5_000) / 1000 + claim.bytes)
    }
    expect(sent).toBe(1000)
    expect(done).toBe(true)
    expect(now).toBeGreaterThan(18_000)
    expect(now).toBeLessThan(25_000)
  })

  it('queues no more than its bound, nothing twice, and nothing for who is gone', () => {
    const queue = new SyncQueue(100_000, 1e9)
    for (let member = 0; member < MAX_SYNC_QUEUE - 1; member++) {
      queue.add(1, member, 0)
    }
    queue.add(1, 0, 0)
    expect(queue.size).toBe(MAX_SYNC_QUEUE - 1)
    queue.add(2, 0, 0)
    queue.add(2, 1, 0)
    expect(queue.size).toBe(MAX_SYNC_QUEUE)
    expect(
      queue.take(
        0,
        () => [vote(1)],
        (to) => to === 2
      )
    ).toHaveLength(1)
    expect(queue.size).toBe(0)
  })

  it('pays later for what was too large', () => {
    const budget = new Budget(1000, 2000)
    expect(budget.left(0)).toBe(2000)
    budget.spend(3000)
    expect(budget.left(0)).toBe(-1000)
    expect(budget.freeAt(0)).toBeGreaterThan(1000)
    expect(budget.left(1000)).toBe(0)
    expect(budget.left(1_000_000)).toBe(2000)
    expect(budget.freeAt(1_000_000)).toBe(1_000_000)
  })
})

describe('the gone', () => {
  it('are forgotten when their time is over, the longest gone first, and beyond the bound', () => {
    const tombstones = new Tombstones(1000)
    tombstones.add(1, 0)
    tombstones.add(2, 500)
    expect(tombstones.takeExpired(999)).toEqual([])
    expect(tombstones.takeExpired(1000)).toEqual([1])
    expect(tombstones.size).toBe(1)
    for (let member = 3; tombstones.size < MAX_TOMBSTONES; member++) {
      expect(tombstones.add(member, 1000)).toBeUndefined()
    }
    expect(tombstones.add(99_999, 1000)).toBe(2)
    expect(tombstones.size).toBe(MAX_TOMBSTONES)
    expect(tombstones.pick((member) => member === 7, 0.5)).toBe(7)
    expect(tombstones.pick(() => false, 0.5)).toBeUndefined()
  })

  it('are tried by all together about thirty times a second at most, more often by who is alone', () => {
    expect(reconnectMs(30_000, 100)).toBe(30_000)
    expect(reconnectMs(30_000, 10_000)).toBe(300_000)
    expect(reconnectMs(30_000, 1)).toBe(7_500)
  })

  it('are tried less the longer they are gone, but in a small network', () => {
    expect(reconnectShare(120_000, 100)).toBe(1)
    expect(reconnectShare(240_000, 100)).toBe(0.5)
    expect(reconnectShare(7_200_000, 100)).toBe(0.1)
    expect(reconnectShare(7_200_000, 10)).toBe(1)
    expect(reconnectShare(0, 0)).toBe(1)
  })
})

describe('profiles', () => {
  it('ask again before they accuse, and leave a refutation more time than that', () => {
    for (const profile of [wan, lan, local]) {
      expect(profile.firstTimeoutMs).toBeLessThan(profile.secondTimeoutMs)
      expect(profile.secondTimeoutMs).toBeLessThan(profile.suspicionMinMs)
      expect(profile.suspicionMinMs).toBeLessThan(profile.suspicionMaxMs)
      expect(profile.closedMinMs).toBeLessThan(profile.suspicionMinMs)
      expect(profile.tombstoneMs).toBeGreaterThanOrEqual(2 * profile.suspicionMaxMs)
    }
    expect(lan.probeIntervalMs).toBeLessThan(wan.probeIntervalMs)
    expect(local.probeIntervalMs).toBeLessThan(lan.probeIntervalMs)
  })

  it('have nothing due before anything is', () => {
    const dues = newDues()
    expect(earliest(dues)).toBe(Infinity)
    dues[3] = 12
    expect(earliest(dues)).toBe(12)
  })
})
