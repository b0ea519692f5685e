import type { PeerId } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_BLOCK_REQUESTS } from '../../src/block/block-link.ts'
import {
  BlockServer,
  MAX_BLOCK_STREAMS,
  MAX_BLOCK_STREAMS_PER_PEER,
  MAX_BLOCKS_IN_MEMORY,
  MAX_BLOCKS_IN_MEMORY_PER_PEER,
  STREAM_IDLE_MS
} from '../../src/block/block-server.ts'
import type { BlockServerInit } from '../../src/block/block-server.ts'
import { encodeBlockRequest } from '../../src/block/wire/codec.ts'
import { FakeLane } from '../session/support/fake-lane.ts'
import { answersIn, blockOf, log, peers, random, settled, small } from './support/blocks.ts'

const [alice, bob] = (await peers(2)) as [PeerId, PeerId]

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function serve(init: Partial<BlockServerInit> = {}) {
  const shutdown = new AbortController()
  const server = new BlockServer({
    block: async (cid) => (cid.equals(small.cid) ? small.bytes : undefined),
    isBanned: () => false,
    shutdown: shutdown.signal,
    log,
    ...init
  })
  const lane = (peer = alice): FakeLane => {
    const opened = new FakeLane()
    server.serve(opened, peer)
    return opened
  }
  return { server, shutdown, lane }
}

function ask(lane: FakeLane, id = 1, cid: CID = small.cid, root?: CID): void {
  lane.deliver(encodeBlockRequest({ id, cid, ...(root && { root }) }))
}

/** Blocks that are not found before the test says so. */
function slow() {
  const found: Array<() => void> = []
  const block = async (): Promise<Uint8Array> =>
    new Promise((resolve) => {
      found.push(() => {
        resolve(small.bytes)
      })
    })
  return { found, block }
}

describe('answers', () => {
  it('a small block in one write', async () => {
    const lane = serve().lane()
    ask(lane, 5)
    await settled()
    expect(lane.sent).toHaveLength(1)
    expect(answersIn(lane.sent)).toEqual([{ id: 5, bytes: 4096, block: Buffer.from(small.bytes) }])
  })

  it('at once what can be had without waiting', () => {
    const { lane } = serve({ blockNow: () => small.bytes })
    const opened = lane()
    ask(opened, 5)
    expect(answersIn(opened.sent)).toEqual([{ id: 5, bytes: 4096, block: Buffer.from(small.bytes) }])
  })

  it('in their order, what can be had at once too', async () => {
    const { found, block } = slow()
    const now: Uint8Array[] = []
    const { lane } = serve({ block, blockNow: () => now[0] })
    const opened = lane()
    ask(opened, 1)
    now.push(Uint8Array.of(1))
    ask(opened, 2)
    expect(opened.sent).toEqual([])
    found[0]?.()
    await settled()
    found[1]?.()
    await settled()
    expect(answersIn(opened.sent).map(({ id }) => id)).toEqual([1, 2])
  })

  it('no more at once when the peer does not take it', async () => {
    const { lane } = serve({ blockNow: () => small.bytes })
    const opened = lane()
    opened.full = true
    for (let id = 1; id <= 1 + MAX_BLOCK_REQUESTS; id++) {
      ask(opened, id)
    }
    expect(opened.sent).toHaveLength(1)
    ask(opened, 2 + MAX_BLOCK_REQUESTS)
    expect(opened.error).toMatchObject({ name: 'InvalidMessageError' })
  })

  it('requests in their order, whole blocks one after the other', async () => {
    const large = blockOf(random.bytes(300_000))
    const all = [small, large, small]
    const { lane } = serve({ block: async (cid) => all.find((one) => one.cid.equals(cid))?.bytes })
    const opened = lane()
    for (const [index, { cid }] of all.entries()) {
      ask(opened, index + 1, cid)
    }
    await vi.waitFor(() => {
      expect(answersIn(opened.sent).map(({ block }) => block)).toEqual(all.map(({ bytes }) => Buffer.from(bytes)))
    })
  })

  it('that it has not got it, also when reading it failed', async () => {
    const unknown = blockOf(Uint8Array.of(1))
    const lane = serve().lane()
    ask(lane, 1, unknown.cid)
    await settled()
    expect(answersIn(lane.sent)).toEqual([{ id: 1, refusal: 'not-held' }])
    const failing = serve({
      block: async () => {
        throw new RangeError('disk')
      }
    }).lane()
    ask(failing)
    await settled()
    expect(answersIn(failing.sent)).toEqual([{ id: 1, refusal: 'not-held' }])
  })

  it('with the share that was named', async () => {
    const roots: (CID | undefined)[] = []
    const { lane } = serve({
      block: async (_cid, root) => {
        roots.push(root)
        return undefined
      }
    })
    const opened = lane()
    ask(opened, 1, small.cid, small.cid)
    ask(opened, 2, small.cid)
    await settled()
    await settled()
    expect(roots).toEqual([small.cid, undefined])
  })

  it('a banned peer with a refusal, and ends', async () => {
    const lane = serve({ isBanned: (peer) => peer.equals(alice) }).lane()
    ask(lane)
    expect(answersIn(lane.sent)).toEqual([{ id: 1, refusal: 'banned' }])
    expect(lane.ended).toBe(true)
  })

  it('no faster than a cap lets it', async () => {
    const paced: Array<() => void> = []
    const { lane } = serve({
      paced: async () =>
        new Promise((resolve) => {
          paced.push(resolve)
        })
    })
    const opened = lane()
    ask(opened)
    await settled()
    expect(opened.sent).toHaveLength(0)
    paced[0]?.()
    await settled()
    expect(opened.sent).toHaveLength(1)
  })
})

describe('a peer cannot make it', () => {
  it('keep more than MAX_BLOCK_REQUESTS requests of one stream', async () => {
    const { block } = slow()
    const { lane } = serve({ block })
    const opened = lane()
    for (let id = 1; id <= MAX_BLOCK_REQUESTS; id++) {
      ask(opened, id)
    }
    expect(opened.error).toBeUndefined()
    ask(opened, MAX_BLOCK_REQUESTS + 1)
    expect(opened.error).toMatchObject({ name: 'InvalidMessageError' })
  })

  it('take what is no request', () => {
    const opened = serve().lane()
    opened.deliver(Uint8Array.of(2, 8, 0))
    expect(opened.error).toMatchObject({ name: 'InvalidMessageError' })
  })

  it('keep more than MAX_BLOCK_STREAMS_PER_PEER streams: its quietest one ends', () => {
    const { server, lane } = serve()
    const other = lane(bob)
    const lanes = Array.from({ length: MAX_BLOCK_STREAMS_PER_PEER }, () => lane())
    expect(lanes.every(({ error }) => error === undefined)).toBe(true)
    for (const first of lanes.slice(0, 1)) {
      ask(first)
    }
    lane()
    expect(lanes.map(({ error }) => error !== undefined)).toEqual([false, true, false, false])
    expect(other.error).toBeUndefined()
    expect(server.streams).toBe(MAX_BLOCK_STREAMS_PER_PEER + 1)
  })

  it('keep more than MAX_BLOCK_STREAMS streams with many identities', async () => {
    const { server, lane } = serve()
    const many = await peers(MAX_BLOCK_STREAMS / MAX_BLOCK_STREAMS_PER_PEER + 1)
    const lanes = many.flatMap((peer) => Array.from({ length: MAX_BLOCK_STREAMS_PER_PEER }, () => lane(peer)))
    expect(server.streams).toBe(MAX_BLOCK_STREAMS)
    expect(lanes.filter(({ error }) => error !== undefined)).toHaveLength(MAX_BLOCK_STREAMS_PER_PEER)
  })

  it('hold more than MAX_BLOCKS_IN_MEMORY_PER_PEER blocks in memory', async () => {
    const { found, block } = slow()
    const { lane } = serve({ block })
    const lanes = Array.from({ length: MAX_BLOCKS_IN_MEMORY_PER_PEER + 1 }, () => lane())
    for (const one of lanes) {
      ask(one)
    }
    await settled()
    expect(found).toHaveLength(MAX_BLOCKS_IN_MEMORY_PER_PEER)
    found[0]?.()
    await settled()
    expect(found).toHaveLength(MAX_BLOCKS_IN_MEMORY_PER_PEER + 1)
  })

  it('hold more than MAX_BLOCKS_IN_MEMORY blocks with many identities', async () => {
    const { found, block } = slow()
    const { lane } = serve({ block })
    for (const peer of await peers(MAX_BLOCKS_IN_MEMORY + 2)) {
      ask(lane(peer))
    }
    await settled()
    expect(found).toHaveLength(MAX_BLOCKS_IN_MEMORY)
    found[3]?.()
    await settled()
    expect(found).toHaveLength(MAX_BLOCKS_IN_MEMORY + 1)
  })

  it('lose the turn of others by going away while it waits', async () => {
    const { found, block } = slow()
    const { lane } = serve({ block })
    const lanes = Array.from({ length: MAX_BLOCKS_IN_MEMORY_PER_PEER + 2 }, () => lane())
    for (const one of lanes) {
      ask(one)
    }
    await settled()
    lanes[MAX_BLOCKS_IN_MEMORY_PER_PEER]?.finish()
    await settled()
    found[0]?.()
    await settled()
    expect(found).toHaveLength(MAX_BLOCKS_IN_MEMORY_PER_PEER + 1)
  })

  it('wait for ever by not taking its block', async () => {
    const { lane } = serve()
    const opened = lane()
    opened.full = true
    ask(opened)
    await settled()
    expect(opened.error).toBeUndefined()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(opened.error).toMatchObject({ name: 'TimeoutError' })
  })
})

describe('a stream ends', () => {
  it('STREAM_IDLE_MS after the last request', async () => {
    const { server, lane } = serve()
    const opened = lane()
    await vi.advanceTimersByTimeAsync(STREAM_IDLE_MS - 1)
    ask(opened)
    await vi.advanceTimersByTimeAsync(STREAM_IDLE_MS - 1)
    expect(opened.ended).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(opened.ended).toBe(true)
    expect(server.streams).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('with the node', async () => {
    const { server, shutdown, lane } = serve()
    const opened = lane()
    shutdown.abort()
    await settled()
    expect(opened.error).toBeDefined()
    expect(server.streams).toBe(0)
    expect(lane().error).toBeDefined()
  })
})
