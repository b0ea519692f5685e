import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { streamPair } from '@p2pshare/testkit'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { BlockClient, LINK_IDLE_MS, MAX_LINKS } from '../../src/block/block-client.ts'
import { BlockServer } from '../../src/block/block-server.ts'
import { BLOCK_PROTOCOL } from '../../src/block/constants.ts'
import { log, peers, small } from './support/blocks.ts'

const all = await peers(MAX_LINKS + 1)
const [alice] = all as [PeerId]
const provider = (id: PeerId) => ({ id, multiaddrs: [] })

afterEach(() => vi.useRealTimers())

/** A client whose peers all answer with `answer`. Streams are real, connections are not. */
function connect(answer: () => Uint8Array | undefined = () => small.bytes) {
  const shutdown = new AbortController()
  const opened: PeerId[] = []
  const blamed: PeerId[] = []
  const servers: BlockServer[] = []
  const streams: Stream[] = []
  const connection = (remotePeer: PeerId): Partial<Connection> => ({
    remotePeer,
    status: 'open',
    newStream: async (protocol) => {
      expect(protocol).toBe(BLOCK_PROTOCOL)
      opened.push(remotePeer)
      const [ours, theirs] = await streamPair()
      const server = new BlockServer({
        block: async () => answer(),
        isBanned: () => false,
        shutdown: shutdown.signal,
        log
      })
      server.onStream(theirs, connection(remotePeer) as unknown as Connection)
      servers.push(server)
      streams.push(theirs)
      return ours
    }
  })
  const client = new BlockClient({
    connectionManager: {
      getConnections: (peer) => (peer === undefined ? [] : [connection(peer) as Connection]),
      openConnection: async (peer) => connection(peer as PeerId) as Connection
    },
    peerStore: { merge: vi.fn() },
    log,
    shutdown: shutdown.signal,
    blame: (peer) => blamed.push(peer)
  })
  onTestFinished(() => {
    shutdown.abort()
  })
  const ask = async (peer = alice, signal?: AbortSignal): Promise<Uint8Array> =>
    client.ask(provider(peer), small.cid, undefined, { ...(signal && { signal }) })
  return { client, ask, opened, blamed, servers, streams, shutdown }
}

describe('BlockClient', () => {
  it('opens one link for a peer, also when it is asked twice at once', async () => {
    const { ask, opened, client } = connect()
    expect(client.has(alice)).toBe(false)
    expect(await Promise.all([ask(), ask()])).toEqual([small.bytes, small.bytes])
    await ask()
    expect(opened).toEqual([alice])
    expect(client.has(alice)).toBe(true)
  })

  it('closes a link LINK_IDLE_MS after it was last used, not sooner', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const { ask, client, servers } = connect()
    await ask()
    await vi.advanceTimersByTimeAsync(LINK_IDLE_MS / 2)
    await ask()
    await vi.advanceTimersByTimeAsync(LINK_IDLE_MS / 2)
    expect(client.has(alice)).toBe(true)
    await vi.advanceTimersByTimeAsync(LINK_IDLE_MS / 2 + 1)
    expect(client.has(alice)).toBe(false)
    await vi.waitUntil(() => servers[0]?.streams === 0, 20_000)
  })

  it('keeps MAX_LINKS open: one more closes the one that was used the longest ago', async () => {
    const { ask, client } = connect()
    for (const peer of all.slice(0, MAX_LINKS)) {
      await ask(peer)
    }
    await ask(alice)
    expect(client.size).toBe(MAX_LINKS)
    await ask(all[MAX_LINKS])
    expect(client.size).toBe(MAX_LINKS)
    expect(all.slice(0, 2).map((peer) => client.has(peer))).toEqual([true, false])
  })

  it('opens another link when the peer closed an idle one while the request was on its way', async () => {
    let requests = 0
    const { ask, opened, streams } = connect(() => {
      requests++
      if (requests === 2) {
        streams[0]?.abort(new Error('idle for too long'))
      }
      return small.bytes
    })
    await ask()
    expect(await ask()).toEqual(small.bytes)
    expect(opened).toEqual([alice, alice])
  })

  it('does not try again when a link that it just opened ends', async () => {
    const { ask, opened, streams } = connect(() => {
      streams[0]?.abort(new Error('no'))
      return small.bytes
    })
    await expect(ask()).rejects.toMatchObject({ name: 'BlockLinkClosedError' })
    expect(opened).toEqual([alice])
  })

  it('takes nothing that has another hash, and says each time who sent it', async () => {
    const { ask, blamed } = connect(() => Uint8Array.of(1))
    await expect(ask()).rejects.toMatchObject({ name: 'VerificationFailedError' })
    expect(blamed).toEqual([alice])
    await expect(ask()).rejects.toMatchObject({ name: 'VerificationFailedError' })
    expect(blamed).toEqual([alice, alice])
  })

  it('ends the link to a peer that is banned', async () => {
    const { ask, client } = connect()
    await ask()
    expect(client.has(alice)).toBe(true)
    client.end(alice)
    expect(client.has(alice)).toBe(false)
  })

  it('says that the peer has it not', async () => {
    await expect(connect(() => undefined).ask()).rejects.toMatchObject({ name: 'BlockRefusedError' })
  })

  it('lets one caller give up while another still waits for the same link', async () => {
    const { ask } = connect()
    const reason = new Error('enough')
    const controller = new AbortController()
    const [given, kept] = [ask(alice, controller.signal), ask(alice)]
    controller.abort(reason)
    await expect(given).rejects.toBe(reason)
    expect(await kept).toEqual(small.bytes)
  })

  it('ends with the node', async () => {
    const { ask, client, shutdown } = connect()
    await ask()
    shutdown.abort()
    expect(client.size).toBe(0)
    await expect(ask()).rejects.toThrow()
  })
})
