import type { PeerId, PeerStore } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { seededRandom } from '@p2pshare/testkit'
import { beforeEach, expect, test } from 'vitest'
import { ADDS_PER_MINUTE, ADD_BURST, AddRates, MAX_RATED_PEERS } from '../../src/server/rate-limit.ts'
import { MAX_ANSWER_RECORDS, ProviderServer } from '../../src/server/provider-server.ts'
import type { Sender } from '../../src/server/provider-server.ts'
import {
  MAX_KEY_BYTES,
  MAX_RECORD_ADDRESSES,
  MAX_RECORD_ADDRESS_BYTES,
  RECORD_VALIDITY_MS
} from '../../src/server/record.ts'
import { RecordStore } from '../../src/server/record-store.ts'
import { RecordTable } from '../../src/server/record-table.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { KadMessage, PeerRecord } from '../../src/wire/messages.ts'
import { randomPeer } from '../support/peers.ts'

const address = multiaddr('/ip4/203.0.113.7/tcp/4001')
const key = new Uint8Array(34).fill(7)

let now: number
let known: Map<string, Uint8Array[]>
let own: PeerRecord | undefined
let server: ProviderServer
let closer: () => Promise<PeerRecord[]>

beforeEach(() => {
  now = 0
  own = undefined
  known = new Map()
  closer = async () => []
  const random = seededRandom('server')
  const peerStore = {
    get: async (id: PeerId) => {
      const addresses = known.get(id.toString())
      if (addresses === undefined) {
        throw new RangeError('not found')
      }
      return { addresses: addresses.map((bytes) => ({ multiaddr: multiaddr(bytes), isCertified: false })) }
    }
  } as unknown as PeerStore
  server = new ProviderServer({
    records: new RecordStore({
      table: new RecordTable(() => random.float()),
      datastore: new MemoryDatastore(),
      prefix: '/test/record',
      log: defaultLogger().forComponent('test'),
      now: () => now
    }),
    peerStore,
    closer: async () => closer(),
    own: () => own,
    now: () => now
  })
})

async function sender(at = address): Promise<Sender> {
  return { id: await randomPeer(), address: at }
}

function adds(id: PeerId, multiaddrs: Uint8Array[] = [Uint8Array.from(address.bytes)], of = key): KadMessage {
  const mine = { id: id.toMultihash().bytes, multiaddrs: multiaddrs.map((bytes) => Uint8Array.from(bytes)) }
  return { type: MessageType.ADD_PROVIDER, key: of, closer: [], providers: [mine] }
}

async function providers(of = key): Promise<PeerRecord[]> {
  const request: KadMessage = { type: MessageType.GET_PROVIDERS, key: of, closer: [], providers: [] }
  return (await server.get(request, await sender())).providers
}

test('a record is served with its own addresses for 48 hours, though nobody has heard of its provider since', async () => {
  const from = await sender()
  server.add(adds(from.id), from)
  now = RECORD_VALIDITY_MS - 1
  expect(await providers()).toEqual([{ id: from.id.toMultihash().bytes, multiaddrs: [Uint8Array.from(address.bytes)] }])
  now = RECORD_VALIDITY_MS
  expect(await providers()).toEqual([])
})

test('a record without addresses comes with those of the peer store, or with none', async () => {
  const [a, b] = [await sender(), await sender()]
  known.set(a.id.toString(), [address.bytes])
  server.add(adds(a.id, []), a)
  server.add(adds(b.id, []), b)
  const counts = (await providers()).map(({ multiaddrs }) => multiaddrs.length)
  expect(counts.sort()).toEqual([0, 1])
})

test('nobody is announced by somebody else', async () => {
  const [from, other] = [await sender(), await sender()]
  expect(() => {
    server.add(adds(other.id), from)
  }).toThrow('somebody else')
  expect(await providers()).toEqual([])
})

test('this node is in its own answers, first', async () => {
  own = { id: (await randomPeer()).toMultihash().bytes, multiaddrs: [] }
  const from = await sender()
  server.add(adds(from.id), from)
  expect((await providers())[0]).toEqual(own)
})

test('an answer stands when nobody knows of closer peers', async () => {
  closer = async () => {
    throw new RangeError('no table')
  }
  const from = await sender()
  server.add(adds(from.id), from)
  expect(await providers()).toHaveLength(1)
})

test('keys have from 1 to 80 bytes', async () => {
  const from = await sender()
  const of = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length)
  server.add(adds(from.id, [], of(MAX_KEY_BYTES)), from)
  expect(await providers(of(MAX_KEY_BYTES))).toHaveLength(1)
  for (const length of [0, MAX_KEY_BYTES + 1]) {
    expect(() => {
      server.add(adds(from.id, [], of(length)), from)
    }).toThrow('bytes')
    await expect(providers(of(length))).rejects.toThrow('bytes')
  }
})

test('of many addresses the first that fit are kept', async () => {
  const from = await sender()
  const many = Array.from({ length: MAX_RECORD_ADDRESSES + 1 }, () => Uint8Array.from(address.bytes))
  server.add(adds(from.id, many), from)
  expect((await providers())[0]?.multiaddrs).toHaveLength(MAX_RECORD_ADDRESSES)
  const large = [new Uint8Array(MAX_RECORD_ADDRESS_BYTES), new Uint8Array(1)]
  server.add(adds(from.id, large), from)
  expect((await providers())[0]?.multiaddrs.map(({ byteLength }) => byteLength)).toEqual([MAX_RECORD_ADDRESS_BYTES])
})

test('an answer names 50 providers and not one more', async () => {
  for (let at = 0; at <= MAX_ANSWER_RECORDS; at++) {
    // addresses of a LAN: one IP group would have its own limit
    const from = await sender(multiaddr('/ip4/192.168.1.2/tcp/1'))
    server.add(adds(from.id), from)
  }
  expect(await providers()).toHaveLength(MAX_ANSWER_RECORDS)
})

test('a peer brings a thousand records at once and a hundred a minute then', () => {
  const rates = new AddRates()
  const taken = (count: number, at: number): number =>
    Array.from({ length: count }, () => rates.take('p', at)).filter(Boolean).length
  expect(taken(ADD_BURST + 5, 0)).toBe(ADD_BURST)
  expect(taken(200, 60_000)).toBe(ADDS_PER_MINUTE)
  expect(rates.take('another', 60_000)).toBe(true)
})

test('rates of the last four thousand peers are remembered', () => {
  const rates = new AddRates()
  while (rates.take('first', 0)) {
    // until it has none left
  }
  for (let at = 1; at < MAX_RATED_PEERS; at++) {
    rates.take(`p${at}`, 0)
  }
  expect(rates.take('first', 0)).toBe(false)
  for (let at = 0; at < MAX_RATED_PEERS; at++) {
    rates.take(`q${at}`, 0)
  }
  expect(rates.take('first', 0)).toBe(true)
})

test('a flood from a hundred identities leaves the store in its bounds and the honest record in its place', async () => {
  const honest = await sender()
  server.add(adds(honest.id), honest)
  const flood = await Promise.all(Array.from({ length: 100 }, async () => sender()))
  let refused = 0
  for (let round = 0; round < 200; round++) {
    for (const from of flood) {
      const of = new Uint8Array(34)
      new DataView(of.buffer).setUint32(0, round)
      server.add(adds(from.id, undefined, of), from)
      server.add(adds(from.id, undefined, key), from)
    }
    refused = server.refused
  }
  // the last of the group's hundred and one found its share taken, each time
  expect(refused).toBe(200)
  const found: string[] = []
  for (let round = 0; round < 20; round++) {
    found.push(...(await providers()).map(({ id }) => id.join()))
  }
  expect(found).toContain(honest.id.toMultihash().bytes.join())
})
