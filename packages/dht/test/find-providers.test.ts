import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { PeerStore } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MAX_PROVIDERS, MAX_PROVIDER_ADDRESSES } from '../src/constants.ts'
import { searchProviders } from '../src/find-providers.ts'
import { FakeKad, providerEvent, randomPeer } from './support/fake-kad.ts'
import { collect } from './support/network.ts'
import { rootOf } from './support/roots.ts'

const address = multiaddr('/ip4/127.0.0.1/tcp/4001')
const noPeers: Pick<PeerStore, 'get'> = {
  get: async () => {
    throw new RangeError('not found')
  }
}

let kad: FakeKad
let self: PeerId
let from: PeerId

beforeEach(async () => {
  vi.useFakeTimers()
  kad = new FakeKad()
  self = await randomPeer()
  from = await randomPeer()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  expect(kad.listeners).toBe(0)
  vi.useRealTimers()
})

function search(waitMs = 1_000, peerStore = noPeers, signal?: AbortSignal): ReturnType<typeof searchProviders> {
  return searchProviders({ kad, self, peerStore }, rootOf(1), waitMs, signal === undefined ? {} : { signal })
}

async function peers(count: number): Promise<PeerInfo[]> {
  return Promise.all(Array.from({ length: count }, async () => ({ id: await randomPeer(), multiaddrs: [address] })))
}

test('yields each provider once and never this node', async () => {
  kad.join()
  const [a, b] = await peers(2)
  if (a === undefined || b === undefined) {
    throw new RangeError('two peers expected')
  }
  kad.findSteps = () => [providerEvent(from, [a, { id: self, multiaddrs: [address] }]), providerEvent(from, [b, a])]
  expect((await collect(search())).map(({ id }) => id)).toEqual([a.id, b.id])
})

test('a provider without addresses comes with those of the peer store', async () => {
  kad.join()
  const id = await randomPeer()
  kad.findSteps = () => [providerEvent(from, [{ id, multiaddrs: [] }])]
  const peerStore = { get: async () => ({ addresses: [{ multiaddr: address, isCertified: false }] }) }
  expect(await collect(search(0, peerStore as unknown as Pick<PeerStore, 'get'>))).toEqual([
    { id, multiaddrs: [address.encapsulate(`/p2p/${id.toString()}`)] }
  ])
})

test('every address ends with the id of its provider, and one of another peer is left out', async () => {
  kad.join()
  const [id, stranger] = [await randomPeer(), await randomPeer()]
  const own = address.encapsulate(`/p2p/${id.toString()}`)
  const other = address.encapsulate(`/p2p/${stranger.toString()}`)
  kad.findSteps = () => [providerEvent(from, [{ id, multiaddrs: [address, own, other] }])]
  expect(await collect(search())).toEqual([{ id, multiaddrs: [own, own] }])
})

test('a provider that the peer store does not know comes with its id alone', async () => {
  kad.join()
  const id = await randomPeer()
  kad.findSteps = () => [providerEvent(from, [{ id, multiaddrs: [] }])]
  expect(await collect(search())).toEqual([{ id, multiaddrs: [] }])
})

test.each([MAX_PROVIDER_ADDRESSES, MAX_PROVIDER_ADDRESSES + 1])(
  'of %s addresses at most 16 are passed on',
  async (count) => {
    kad.join()
    const id = await randomPeer()
    const multiaddrs = Array.from({ length: count }, (_, port) => multiaddr(`/ip4/127.0.0.1/tcp/${port + 1}`))
    kad.findSteps = () => [providerEvent(from, [{ id, multiaddrs }])]
    const [provider] = await collect(search())
    expect(provider?.multiaddrs).toHaveLength(MAX_PROVIDER_ADDRESSES)
  }
)

test.each([MAX_PROVIDERS, MAX_PROVIDERS + 1])('of %s providers at most 256 are passed on', async (count) => {
  kad.join()
  const list = await peers(count)
  kad.findSteps = () => [providerEvent(from, list)]
  expect(await collect(search())).toHaveLength(MAX_PROVIDERS)
})

test('with an empty table it answers from local records and ends when nobody joins in time', async () => {
  const [a] = await peers(1)
  kad.findSteps = () => (a === undefined ? [] : [providerEvent(self, [a])])
  const found = collect(search(1_000))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await found).toHaveLength(1)
  expect(kad.finds).toBe(1)
})

test('with an empty table it searches when the first peer joins', async () => {
  const [a] = await peers(1)
  kad.findSteps = (call) => (call === 0 || a === undefined ? [] : [providerEvent(from, [a])])
  const found = collect(search(1_000))
  await vi.advanceTimersByTimeAsync(500)
  kad.join()
  expect(await found).toHaveLength(1)
})

test('aborted while it waits for a first peer, it throws the reason', async () => {
  const controller = new AbortController()
  const rejected = expect(collect(search(1_000, noPeers, controller.signal))).rejects.toThrow('enough')
  await vi.advanceTimersByTimeAsync(1)
  controller.abort(new TypeError('enough'))
  await rejected
})
