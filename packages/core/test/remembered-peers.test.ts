import type { Libp2p, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { MAX_REMEMBERED_PEERS, READ_MS, REMEMBERED_MS, rememberPeers } from '../src/remembered-peers.ts'

const PEER = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const id = (name: string): PeerId => ({ toString: () => name }) as PeerId

/** A store that keeps protocols, and counts what reaches it. */
class CountingStore {
  merges = 0
  reads = 0
  readonly #protocols = new Map<string, string[]>()
  #addresses: Peer['addresses'] = []

  async merge(peer: PeerId, { protocols = [], multiaddrs = [] }: PeerData): Promise<Peer> {
    this.merges += 1
    this.#addresses = [...this.#addresses, ...multiaddrs.map((address) => ({ multiaddr: address, isCertified: false }))]
    return this.#set(peer, [...new Set([...(this.#protocols.get(peer.toString()) ?? []), ...protocols])])
  }

  async patch(peer: PeerId, { protocols = [] }: PeerData): Promise<Peer> {
    return this.#set(peer, [...protocols])
  }

  async save(peer: PeerId, { protocols = [] }: PeerData): Promise<Peer> {
    return this.#set(peer, [...protocols])
  }

  async delete(peer: PeerId): Promise<void> {
    this.#protocols.delete(peer.toString())
  }

  async get(peer: PeerId): Promise<Peer> {
    this.reads += 1
    return this.#set(peer, this.#protocols.get(peer.toString()) ?? [])
  }

  #set(peer: PeerId, protocols: string[]): Peer {
    this.#protocols.set(peer.toString(), protocols)
    return { id: peer, protocols, addresses: this.#addresses, metadata: new Map(), tags: new Map() }
  }
}

test('a peer that was just read is not read again within READ_MS', async () => {
  const { store, pass } = remembering()
  const first = await store.get(id('a'))
  pass(READ_MS - 1)
  expect(await store.get(id('a'))).toBe(first)
  await store.get(id('b'))
  expect(store.reads).toBe(2)
  pass(1)
  await store.get(id('a'))
  expect(store.reads).toBe(3)
})

test.each(['merge', 'patch', 'save'] as const)(
  'what was written by %s is read anew, also when it was under way',
  async (write) => {
    const { store } = remembering()
    await store.get(id('a'))
    const writing = store[write](id('a'), { protocols: ['/x/1'] })
    const early = store.get(id('a'))
    await Promise.all([writing, early])
    expect((await store.get(id('a'))).protocols).toEqual(['/x/1'])
  }
)

test('of more than MAX_REMEMBERED_PEERS that were read, the one that was read longest ago is forgotten', async () => {
  const { store } = remembering()
  for (let peer = 0; peer <= MAX_REMEMBERED_PEERS; peer++) {
    await store.get(id(`peer ${peer}`))
  }
  await store.get(id('peer 1'))
  expect(store.reads).toBe(MAX_REMEMBERED_PEERS + 1)
  await store.get(id('peer 0'))
  expect(store.reads).toBe(MAX_REMEMBERED_PEERS + 2)
})

test('who gives up hears of it, also of a peer that was just read', async () => {
  const { store } = remembering()
  await store.get(id('a'))
  await expect((store as unknown as PeerStore).get(id('a'), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i)
})

function remembering(): { readonly store: CountingStore; pass(ms: number): void } {
  const store = new CountingStore()
  let now = 0
  rememberPeers(store, () => now)
  return { store, pass: (ms) => (now += ms) }
}

test('a protocol that a peer is known to speak is not written again', async () => {
  const { store } = remembering()
  const first = await store.merge(id('a'), { protocols: ['/x/1', '/y/1'] })
  expect(await store.merge(id('a'), { protocols: ['/y/1'] })).toEqual(first)
  expect(store.merges).toBe(1)
  expect((await store.merge(id('a'), { protocols: ['/z/1'] })).protocols).toEqual(['/x/1', '/y/1', '/z/1'])
  await store.merge(id('b'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(3)
})

test('an address that a peer is known to have is not written again, with its id at the end or without', async () => {
  const { store } = remembering()
  const address = multiaddr('/ip4/192.0.2.1/tcp/4001')
  await store.merge(PEER, { multiaddrs: [address] })
  await store.merge(PEER, { multiaddrs: [address.encapsulate(`/p2p/${PEER.toString()}`)] })
  expect(store.merges).toBe(1)
  await store.merge(PEER, { multiaddrs: [address, multiaddr('/ip4/192.0.2.2/tcp/4001')] })
  expect(store.merges).toBe(2)
})

test('anything beside protocols and addresses is written', async () => {
  const { store } = remembering()
  await store.merge(id('a'), { protocols: ['/x/1'] })
  await store.merge(id('a'), { protocols: ['/x/1'], metadata: {} })
  await store.merge(id('a'), { tags: {} })
  expect(store.merges).toBe(3)
})

test('who changed otherwise, or was deleted, is written again', async () => {
  const { store } = remembering()
  const changes = [
    async () => store.patch(id('a'), { protocols: [] }),
    async () => store.save(id('a'), { protocols: [] }),
    async () => store.delete(id('a'))
  ]
  for (const [count, change] of changes.entries()) {
    await store.merge(id('a'), { protocols: ['/x/1'] })
    expect(store.merges).toBe(count + 1)
    await change()
  }
  expect((await store.merge(id('a'), { protocols: ['/x/1'] })).protocols).toEqual(['/x/1'])
})

test('after REMEMBERED_MS it is written again, so that the peer does not grow old in the store', async () => {
  const { store, pass } = remembering()
  await store.merge(id('a'), { protocols: ['/x/1'] })
  pass(REMEMBERED_MS - 1)
  await store.merge(id('a'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(1)
  pass(1)
  await store.merge(id('a'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(2)
})

test('no more than MAX_REMEMBERED_PEERS are remembered: the one that was written longest ago is forgotten', async () => {
  const { store } = remembering()
  for (let index = 0; index < MAX_REMEMBERED_PEERS; index += 1) {
    await store.merge(id(`${index}`), { protocols: ['/x/1'] })
  }
  await store.merge(id('0'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(MAX_REMEMBERED_PEERS)
  await store.merge(id('one more'), { protocols: ['/x/1'] })
  await store.merge(id('1'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(MAX_REMEMBERED_PEERS + 1)
  await store.merge(id('0'), { protocols: ['/x/1'] })
  expect(store.merges).toBe(MAX_REMEMBERED_PEERS + 2)
})

test('ten streams of one protocol write the peer to the store once, at both ends', async () => {
  const start = async (): Promise<Libp2p> => {
    const node = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    onTestFinished(async () => node.stop())
    return node
  }
  const [near, far] = await Promise.all([start(), start()])
  let merges = 0
  for (const { peerStore } of [near, far]) {
    const merge = peerStore.merge.bind(peerStore)
    peerStore.merge = async (...args) => {
      merges += 1
      return merge(...args)
    }
    rememberPeers(peerStore)
  }
  await far.handle('/test/1.0.0', (stream) => {
    stream.addEventListener('message', ({ data }) => stream.send(data))
  })
  const connection = await near.dial(far.getMultiaddrs())
  merges = 0
  for (let count = 0; count < 10; count += 1) {
    const stream = await connection.newStream('/test/1.0.0')
    const answer = new Promise((resolve) => stream.addEventListener('message', resolve))
    stream.send(new Uint8Array(1))
    await answer
    await stream.close()
  }
  expect(merges).toBe(2)
})
