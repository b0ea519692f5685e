import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MIN_BYTES_PER_SECOND, NodeLimits } from '../../src/rate/rate-limits.ts'
import { BURST_MS, burstBytesOf } from '../../src/rate/token-bucket.ts'

const KIB = 1024
const root = CID.createV1(0x55, Digest.create(0x12, new Uint8Array(32).fill(1)))
const peer = await seededPeerId(seededRandom('limits'))
const path = { share: root.toString(), peer: peer.toString() }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Whether a promise is settled by now. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  promise.then(
    () => (done = true),
    () => (done = true)
  )
  await vi.advanceTimersByTimeAsync(0)
  return done
}

describe('sending', () => {
  test('without a cap costs no timer', async () => {
    const { limiter } = new NodeLimits()
    await limiter.send(path, 10 ** 9)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('waits until the bytes may go, and leaves no timer behind', async () => {
    const { limiter } = new NodeLimits({ uploadBytesPerSecond: 1000 * KIB })
    const sending = limiter.send(path, 50 * KIB)
    await vi.advanceTimersByTimeAsync(49)
    expect(await isDone(sending)).toBe(false)
    await vi.advanceTimersByTimeAsync(2)
    await sending
    expect(vi.getTimerCount()).toBe(0)
  })

  test('goes on under another cap at once', async () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: MIN_BYTES_PER_SECOND })
    const sending = limits.limiter.send(path, 60 * KIB)
    await vi.advanceTimersByTimeAsync(1000)
    limits.setNode({ uploadBytesPerSecond: 60_000 * KIB })
    await vi.advanceTimersByTimeAsync(2)
    await sending
    const other = limits.limiter.send(path, 10 ** 9)
    limits.setNode({ uploadBytesPerSecond: Infinity })
    await other
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an aborted wait rejects with the reason, takes nothing and leaves nothing', async () => {
    const { limiter } = new NodeLimits({ uploadBytesPerSecond: 1000 * KIB })
    const abort = new AbortController()
    const sending = limiter.send(path, 60 * KIB, { signal: abort.signal })
    const next = limiter.send(path, 10 * KIB)
    abort.abort(new DOMException('left', 'AbortError'))
    await expect(sending).rejects.toThrow('left')
    await vi.advanceTimersByTimeAsync(11)
    await next
    expect(vi.getTimerCount()).toBe(0)
    await expect(limiter.send(path, 1, { signal: abort.signal })).rejects.toThrow('left')
  })
})

describe('reading', () => {
  test('goes on at once without a cap', () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: MIN_BYTES_PER_SECOND })
    expect(limits.limiter.intake(path).took(10 ** 9)).toBe(0)
  })

  test('pauses until what comes next may come, and never less than what came is worth', async () => {
    const cap = 1000 * KIB
    const { limiter } = new NodeLimits({ downloadBytesPerSecond: cap })
    const intake = limiter.intake(path)
    const began = performance.now()
    let taken = 0
    while (performance.now() - began < 3000) {
      const ms = intake.took(16 * KIB)
      taken += 16 * KIB
      await vi.advanceTimersByTimeAsync(Math.ceil(ms))
      expect(taken).toBeLessThanOrEqual((cap * (performance.now() - began)) / 1000 + burstBytesOf(cap))
    }
    expect(taken).toBeGreaterThan(3 * cap - 2 * burstBytesOf(cap))
  })

  test('is capped for each share and peer', () => {
    const limits = new NodeLimits()
    limits.setPeer(peer, { downloadBytesPerSecond: 1000 * KIB })
    expect(limits.limiter.intake(path).took(100 * KIB)).toBeGreaterThan(100)
    expect(limits.limiter.intake({ ...path, peer: 'other' }).took(100 * KIB)).toBe(0)
    limits.setPeer(peer, { downloadBytesPerSecond: Infinity })
    limits.setShare(root, { downloadBytesPerSecond: 1000 * KIB })
    expect(limits.limiter.intake(path).took(100 * KIB)).toBeGreaterThan(100)
  })

  test('begins when half a burst is saved up', () => {
    const cap = 100_000 * KIB
    const { limiter } = new NodeLimits({ downloadBytesPerSecond: cap })
    expect(limiter.intake(path).took(0)).toBeCloseTo(BURST_MS / 2, 5)
  })
})

describe('what is in force', () => {
  test('what was set is read back, and nothing else', () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: 5000, downloadBytesPerSecond: Infinity })
    limits.setShare(root, { downloadBytesPerSecond: 6000 })
    limits.setPeer(peer, { uploadBytesPerSecond: 7000, downloadBytesPerSecond: 8000 })
    expect(limits.inForce()).toEqual({
      node: { uploadBytesPerSecond: 5000 },
      shares: [{ root, downloadBytesPerSecond: 6000 }],
      peers: [{ peer, uploadBytesPerSecond: 7000, downloadBytesPerSecond: 8000 }]
    })
  })

  test('what is not named stays, and Infinity takes a cap away', () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: 5000, downloadBytesPerSecond: 6000 })
    limits.setNode({ downloadBytesPerSecond: Infinity })
    limits.setShare(root, { uploadBytesPerSecond: 7000 })
    limits.setShare(root, { uploadBytesPerSecond: Infinity })
    expect(limits.inForce()).toEqual({ node: { uploadBytesPerSecond: 5000 }, shares: [], peers: [] })
  })

  test('one bad cap changes nothing', () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: 5000 })
    expect(() => {
      limits.setNode({ uploadBytesPerSecond: 9000, downloadBytesPerSecond: MIN_BYTES_PER_SECOND - 1 })
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'downloadBytesPerSecond' }))
    expect(limits.inForce().node).toEqual({ uploadBytesPerSecond: 5000 })
  })
})
