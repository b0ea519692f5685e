import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BLOCK_BYTES } from '../../src/constants.ts'
import { SourceChangedError } from '../../src/errors.ts'
import { NodeLimits } from '../../src/rate/rate-limits.ts'
import { burstBytesOf } from '../../src/rate/token-bucket.ts'
import { ReadPool } from '../../src/share/read-pool.ts'
import { HOARD_MS, MAX_NODE_REQUESTS } from '../../src/share/uplink.ts'
import { FRAME_HEADER_BYTES } from '../../src/wire/frame.ts'
import { MAX_NODE_CIDS } from '../../src/wire/limits.ts'
import { LEAF_BYTES, openUplink, whole } from './support/uplink.ts'

const cid = CID.createV1(0x70, Digest.create(0x12, new Uint8Array(32)))

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Everything that can happen without a timer has happened. */
async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

describe('serving', () => {
  test('runs are sent as they were asked for, with their bytes', async () => {
    const { join, ask, sent } = openUplink()
    const a = join('a')
    ask(a, whole(1), { leaf: 2, first: 1, count: 1 }, { leaf: 3, first: 10, count: 1 })
    await settle()
    expect(a.frames).toEqual([
      { kind: 'data', leaf: 1, firstBlock: 0, bytes: LEAF_BYTES },
      { kind: 'data', leaf: 2, firstBlock: 1, bytes: BLOCK_BYTES },
      { kind: 'data', leaf: 3, firstBlock: 10, bytes: 5 }
    ])
    expect(a.bodies.map((body) => [...new Set(body)])).toEqual([[1], [2], [3]])
    expect(sent.get('a')).toBe(LEAF_BYTES + BLOCK_BYTES + 5)
  })

  test('a request that comes at the very moment the queue ran dry is served', async () => {
    for (let microtasks = 0; microtasks < 40; microtasks++) {
      const { join, ask } = openUplink()
      const a = join('a')
      ask(a, whole(1))
      for (let turn = 0; turn < microtasks; turn++) {
        await Promise.resolve()
      }
      ask(a, whole(2))
      await settle()
      expect(a.frames).toHaveLength(2)
    }
  })

  test('four peers that ask for the same leaf cause one read', async () => {
    const { join, ask, reads } = openUplink()
    const peers = ['a', 'b', 'c', 'd'].map(join)
    for (const peer of peers) {
      ask(peer, whole(7))
    }
    await settle()
    expect(peers.map(({ frames }) => frames.length)).toEqual([1, 1, 1, 1])
    expect(reads).toEqual([7])
  })

  test('the next leaf is read while one goes out, and no more than that', async () => {
    const { join, ask, reads } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, whole(1), whole(2), whole(3))
    await settle()
    expect(a.frames).toHaveLength(1)
    expect(reads).toEqual([1, 2])
    a.take()
    await settle()
    expect(a.frames).toHaveLength(3)
  })

  test('of small ones more are read meanwhile, as much together as a part of a large one', async () => {
    const { join, ask, reads } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, ...Array.from({ length: 40 }, (_, leaf) => ({ leaf, first: 10, count: 1 })))
    await settle()
    expect(reads).toHaveLength(16)
    const b = join('b')
    b.isStalled = true
    ask(b, ...Array.from({ length: 40 }, (_, leaf) => ({ leaf: leaf + 40, first: 0, count: 8 })))
    await settle()
    expect(reads).toHaveLength(16 + 2)
    a.take()
    await settle()
    expect(a.frames).toHaveLength(40)
  })

  test('one that does not take what it asked for holds nobody else', async () => {
    const { join, ask, log } = openUplink()
    const [stalled, quick] = [join('stalled'), join('quick')]
    stalled.isStalled = true
    ask(stalled, whole(1), whole(2), whole(3))
    ask(quick, whole(4), whole(5))
    await settle()
    expect(log).toEqual(['stalled 1/0', 'quick 4/0', 'quick 5/0'])
    stalled.take()
    await settle()
    expect(log.slice(3)).toEqual(['stalled 2/0', 'stalled 3/0'])
  })

  test('what is cancelled before it was chosen is not sent', async () => {
    const { join, ask, queue } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, whole(1), whole(2), whole(3))
    await settle()
    queue.cancel('a', [whole(2), whole(3)])
    a.take()
    await settle()
    expect(a.frames.map((header) => header.kind === 'data' && header.leaf)).toEqual([1, 2])
  })

  test('a peer that left gets nothing more, and its memory is free', async () => {
    const { join, ask, uplink, queue, pool } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, whole(1), whole(2), whole(3))
    await settle()
    uplink.leave('a')
    queue.removePeer('a')
    a.fail(new DOMException('gone', 'AbortError'))
    await settle()
    uplink.close()
    expect(a.frames.length).toBeLessThanOrEqual(2)
    expect(pool.countedBytes).toBe(0)
  })
})

describe('what cannot be read', () => {
  test('of a file that changed is said to be unsent, and the share cannot be served', async () => {
    const { join, ask, failures, unsent } = openUplink({ fails: new SourceChangedError('file', 'changed') })
    ask(join('a'), whole(0))
    await settle()
    expect(unsent).toEqual([{ peer: 'a', run: whole(0) }])
    expect(failures).toHaveLength(1)
  })

  test('when a read fails otherwise is said to be unsent, and the share goes on', async () => {
    const { join, ask, failures, unsent } = openUplink({ fails: new DOMException('later', 'NotReadableError') })
    const a = join('a')
    ask(a, whole(0), whole(1))
    await settle()
    expect(unsent.map(({ run }) => run)).toEqual([whole(0), whole(1)])
    expect([failures, a.failure]).toEqual([[], undefined])
  })

  test('closing a share blames no file', async () => {
    const { join, ask, uplink, failures } = openUplink({ fails: new SourceChangedError('file', 'changed') })
    ask(join('a'), whole(0))
    uplink.close()
    await settle()
    expect(failures).toEqual([])
  })
})

describe('nodes', () => {
  test('go before the leaves that were not chosen yet', async () => {
    const { join, ask, uplink, log } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, ...Array.from({ length: 6 }, (_, leaf) => whole(leaf)))
    await settle()
    uplink.requestNodes('a', 1, [cid])
    a.take()
    await settle()
    expect(log.indexOf('a node')).toBeLessThanOrEqual(2)
    expect(log).toHaveLength(7)
    expect(a.bodies[log.indexOf('a node')]).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('MAX_NODE_REQUESTS may wait; one more is refused as busy, and so is one that names too much', async () => {
    const { join, uplink } = openUplink()
    const a = join('a')
    a.isStalled = true
    for (let id = 1; id <= MAX_NODE_REQUESTS; id++) {
      uplink.requestNodes('a', id, [cid])
    }
    expect(a.said).toEqual([])
    uplink.requestNodes('a', 99, [cid])
    expect(a.said).toEqual([{ type: 'reject', reason: 'busy', runs: [], nodes: 99 }])
    a.take()
    await settle()
    expect(a.frames).toHaveLength(MAX_NODE_REQUESTS)
    uplink.requestNodes('a', 100, new Array<CID>(MAX_NODE_CIDS + 1).fill(cid))
    expect(a.said).toHaveLength(2)
  })
})

describe('memory', () => {
  test('many peers and shares together hold no more than the pool', async () => {
    const pool = new ReadPool(1024 * 1024)
    const shares = Array.from({ length: 5 }, () => openUplink({ pool }))
    const sessions = shares.flatMap(({ join, ask }) =>
      Array.from({ length: 10 }, (_, at) => {
        const session = join(`peer ${at}`)
        session.isStalled = true
        ask(session, whole(at), whole(at + 20), whole(at + 40))
        return session
      })
    )
    await settle()
    expect(pool.countedBytes).toBeLessThanOrEqual(1024 * 1024)
    for (let round = 0; round < 100; round++) {
      sessions.forEach((session) => {
        session.take()
      })
      await settle()
    }
    expect(sessions.every(({ frames }) => frames.length === 3)).toBe(true)
  })

  test('who hoards what others wait for loses its session, after HOARD_MS and not before', async () => {
    const pool = new ReadPool(2 * 262_144)
    const { join, ask } = openUplink({ pool })
    const stalled = join('stalled')
    stalled.isStalled = true
    ask(stalled, whole(1), whole(2))
    await settle(10 * HOARD_MS)
    expect(stalled.failure).toBeUndefined() // nobody else needs it

    const other = join('other')
    ask(other, whole(3))
    await settle(HOARD_MS / 2)
    expect(stalled.failure).toMatchObject({ code: 'ERR_DEADLINE' })
    expect(other.frames).toHaveLength(1)
  })
})

describe('under a cap', () => {
  const cap = 10_000_000

  test('frames are eight blocks at most, and one request is served to its end before the next', async () => {
    const { join, ask, log } = openUplink({ limits: new NodeLimits({ uploadBytesPerSecond: cap }) })
    const [a, b] = [join('a'), join('b')]
    ask(a, whole(1))
    ask(b, whole(2))
    await settle(200)
    expect(log).toEqual(['a 1/0', 'a 1/8', 'b 2/0', 'b 2/8'])
  })

  test('a leaf that is sent in frames is read once', async () => {
    const { join, ask, reads } = openUplink({ limits: new NodeLimits({ uploadBytesPerSecond: cap }) })
    ask(join('a'), whole(1), whole(2))
    await settle(200)
    expect(reads).toEqual([1, 2])
  })

  test('headers count', async () => {
    const { join, ask } = openUplink({ limits: new NodeLimits({ uploadBytesPerSecond: cap }) })
    const a = join('a')
    const runs = Array.from({ length: 40 }, (_, leaf) => ({ leaf, first: 0, count: 4 }))
    const began = performance.now()
    ask(a, ...runs)
    for (let step = 0; step < 100; step++) {
      await settle(1)
      const bytes = a.frames.reduce((sum, header) => sum + FRAME_HEADER_BYTES + header.bytes, 0)
      expect(bytes).toBeLessThanOrEqual((cap * (performance.now() - began)) / 1000)
    }
  })

  test('what is cancelled while tokens are saved up is not sent', async () => {
    const { join, ask, queue } = openUplink({ limits: new NodeLimits({ uploadBytesPerSecond: 1_000_000 }) })
    const a = join('a')
    ask(a, whole(1))
    await settle(40)
    queue.cancel('a', [whole(1)])
    await settle(1000)
    const bytes = a.frames.reduce((sum, header) => sum + header.bytes, 0)
    expect(bytes).toBeLessThanOrEqual(2 * (burstBytesOf(1_000_000) / 2))
  })

  test('another cap holds from now on, and none at all lets everything go', async () => {
    const limits = new NodeLimits({ uploadBytesPerSecond: 1024 })
    const { join, ask } = openUplink({ limits })
    const a = join('a')
    ask(a, ...Array.from({ length: 20 }, (_, leaf) => whole(leaf)))
    await settle(1000)
    expect(a.frames).toEqual([])
    limits.setNode({ uploadBytesPerSecond: cap })
    await settle(100)
    expect(a.frames.length).toBeGreaterThan(5)
    limits.setNode({ uploadBytesPerSecond: Infinity })
    await settle()
    expect(a.frames.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(20 * LEAF_BYTES)
  })

  test('a leaf that was chosen before there was a cap goes out in frames under it', async () => {
    const { join, ask, limits, pool, uplink } = openUplink()
    const a = join('a')
    a.isStalled = true
    ask(a, whole(1), whole(2))
    await settle()
    limits.setNode({ uploadBytesPerSecond: cap })
    const began = performance.now()
    a.take()
    await settle(1)
    let most = 0
    for (let step = 0; step < 100; step++) {
      await settle(1)
      const bytes = a.frames.slice(1).reduce((sum, header) => sum + FRAME_HEADER_BYTES + header.bytes, 0)
      most = Math.max(most, bytes - (cap * (performance.now() - began)) / 1000)
    }
    expect(most).toBeLessThanOrEqual(0)
    expect(a.frames.slice(1)).toEqual([
      { kind: 'data', leaf: 2, firstBlock: 0, bytes: 8 * BLOCK_BYTES },
      { kind: 'data', leaf: 2, firstBlock: 8, bytes: LEAF_BYTES - 8 * BLOCK_BYTES }
    ])
    expect(a.bodies.slice(1).every((body) => body.every((byte) => byte === 2))).toBe(true)
    uplink.close()
    expect(pool.countedBytes).toBe(0)
  })

  test('a peer with a cap of its own holds nobody else, and no whole leaf in memory', async () => {
    const limits = new NodeLimits()
    limits.limiter.up.limitPeer('capped', 1024, performance.now())
    const { join, ask, pool } = openUplink({ limits })
    const [capped, free] = [join('capped'), join('free')]
    ask(capped, whole(1), whole(2))
    await settle()
    expect(pool.countedBytes).toBeLessThan(LEAF_BYTES)
    ask(free, whole(3), whole(4))
    await settle()
    expect([capped.frames.length, free.frames.length]).toEqual([0, 2])
  })

  test('a peer that leaves while it waits for its turn lets the others go on', async () => {
    const { join, ask, uplink, queue, pool } = openUplink({
      limits: new NodeLimits({ uploadBytesPerSecond: 100_000 })
    })
    const [a, b] = [join('a'), join('b')]
    ask(a, whole(1))
    ask(b, { leaf: 2, first: 0, count: 1 })
    await settle()
    queue.removePeer('a')
    uplink.leave('a')
    await settle(400)
    expect([a.frames.length, b.frames.length]).toEqual([0, 1])
    uplink.close()
    expect(pool.countedBytes).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
