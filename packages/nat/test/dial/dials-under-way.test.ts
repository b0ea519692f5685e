import type { Connection, PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { expect, test, vi } from 'vitest'
import { MAX_BROUGHT_ADDRESSES, OWN_DIAL_GRACE_MS } from '../../src/dial/constants.ts'
import type { DialRace } from '../../src/dial/dial-race.ts'
import { DialsUnderWay } from '../../src/dial/dials-under-way.ts'

const ID = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const peer: PeerId = peerIdFromString(ID)
const never = new Promise<Connection>(() => undefined)

function race(): {
  readonly race: DialRace
  readonly added: string[]
  readonly taken: Connection[]
  readonly end: () => void
} {
  const { promise: ended, resolve } = Promise.withResolvers<undefined>()
  const added: string[] = []
  const taken: Connection[] = []
  const take = (connection: Connection): void => void taken.push(connection)
  const add = (addresses: readonly Multiaddr[]): void => void added.push(...addresses.map(String))
  return { race: { ended, add, take } as unknown as DialRace, added, taken, end: () => resolve(undefined) }
}

function addresses(count: number): Multiaddr[] {
  return Array.from({ length: count }, (_, at) => multiaddr(`/ip4/5.5.1.1/tcp/${at + 1}`))
}

function connection(limits?: Connection['limits'], direction: Connection['direction'] = 'inbound'): Connection {
  return {
    remotePeer: peer,
    remoteAddr: multiaddr('/ip4/5.5.1.1/tcp/1'),
    status: 'open',
    limits,
    direction
  } as Connection
}

test('as many addresses are brought as the bound, with the id of the peer, and not those that the gater denies', async () => {
  const dials = new DialsUnderWay()
  const { race: one, added } = race()
  dials.add(ID, one)
  await dials.bring(peer, addresses(MAX_BROUGHT_ADDRESSES), async () => Promise.resolve(true))
  expect(added).toHaveLength(MAX_BROUGHT_ADDRESSES)
  expect(added[0]).toBe(`/ip4/5.5.1.1/tcp/1/p2p/${ID}`)
  added.length = 0
  await dials.bring(peer, addresses(MAX_BROUGHT_ADDRESSES + 1), async () => Promise.resolve(true))
  expect(added).toHaveLength(MAX_BROUGHT_ADDRESSES)
  added.length = 0
  await dials.bring(peer, addresses(2), async (address) => Promise.resolve(!address.toString().endsWith('/1')))
  expect(added).toEqual([`/ip4/5.5.1.1/tcp/2/p2p/${ID}`])
})

test('what is brought before the first dial knows its own addresses is kept for it', async () => {
  const dials = new DialsUnderWay()
  const { race: one, added } = race()
  void dials.dialledOrOpened(peer, async () => never)
  await dials.bring(peer, addresses(1), async () => Promise.resolve(true))
  dials.add(ID, one)
  expect(added).toEqual([`/ip4/5.5.1.1/tcp/1/p2p/${ID}`])
})

test('nothing is brought to a dial that is over', async () => {
  const dials = new DialsUnderWay()
  const { race: one, added, end } = race()
  dials.add(ID, one)
  end()
  await Promise.resolve()
  await dials.bring(peer, addresses(1), async () => Promise.resolve(true))
  expect(added).toEqual([])
})

test('a direct connection is what everybody gets who waits for one, a relayed one is not', async () => {
  const dials = new DialsUnderWay()
  const waiting = [dials.dialledOrOpened(peer, async () => never), dials.dialledOrOpened(peer, async () => never)]
  dials.opened(connection({ bytes: 1n }))
  const direct = connection()
  dials.opened(direct)
  expect(await Promise.all(waiting)).toEqual([direct, direct])
  const failing = dials.dialledOrOpened(peer, async () => Promise.reject(new DOMException('refused')))
  await expect(failing).rejects.toThrow('refused')
})

test('a connection that this node opened itself is left to the dial for a moment', async () => {
  vi.useFakeTimers()
  const dials = new DialsUnderWay()
  const dialled = Promise.withResolvers<Connection>()
  const [own, punched] = [connection(undefined, 'outbound'), connection(undefined, 'outbound')]
  const first = dials.dialledOrOpened(peer, async () => dialled.promise)
  dials.opened(own)
  dialled.resolve(own)
  expect(await first).toBe(own)
  await vi.advanceTimersByTimeAsync(OWN_DIAL_GRACE_MS)
  const second = dials.dialledOrOpened(peer, async () => never)
  dials.opened(punched)
  await vi.advanceTimersByTimeAsync(OWN_DIAL_GRACE_MS)
  expect(await second).toBe(punched)
  vi.useRealTimers()
})

test('the dial under way ends with a connection that the peer opens, too', async () => {
  const dials = new DialsUnderWay()
  const { race: one, taken } = race()
  const waiting = dials.dialledOrOpened(peer, async () => never)
  dials.add(ID, one)
  dials.opened(connection({ bytes: 1n }))
  expect(taken).toEqual([])
  const direct = connection()
  dials.opened(direct)
  expect(await waiting).toBe(direct)
  expect(taken).toEqual([direct])
})

test('an address of another peer is not brought', async () => {
  const dials = new DialsUnderWay()
  const { race: one, added } = race()
  dials.add(ID, one)
  const other = multiaddr('/ip4/5.5.1.1/tcp/1/p2p/12D3KooWGRUcLVRBRWKHYpqWkqDGFmqbRLFSTfHYyNnVtTXGqXGN')
  const own = multiaddr(`/ip4/5.5.1.1/tcp/2/p2p/${ID}`)
  await dials.bring(peer, [other, own], async () => Promise.resolve(true))
  expect(added).toEqual([own.toString()])
})
