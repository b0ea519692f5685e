import type { Libp2p, Stream } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { defaultLogger } from '@libp2p/logger'
import { lpStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createTestnet } from '@p2pshare/testkit'
import type { Testnet } from '@p2pshare/testkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RpcClient } from '../../src/rpc/client.ts'
import { Contacts, MAX_CONTACT_ADDRESSES } from '../../src/rpc/contacts.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { encodeKadMessage, decodeKadMessage } from '../../src/wire/codec.ts'
import { MAX_MESSAGE_BYTES, MAX_PEERS } from '../../src/wire/limits.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { KadMessage, PeerRecord } from '../../src/wire/messages.ts'
import { randomPeer } from '../support/peers.ts'
import { rootOf } from '../support/roots.ts'

const protocol = '/test/kad/1.0.0'
const key = rootOf(1).multihash.bytes

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { parts: Pick<KadDHTComponents, 'connectionManager'> }

let net: Testnet<Services>
let server: Libp2p<Services>
let rpc: RpcClient
let contact: DhtContact
let signed: Multiaddr[]

beforeEach(async () => {
  net = await createTestnet<Services>({
    nodes: 2,
    seed: 'rpc',
    topology: 'none',
    services: () => ({ parts: ({ connectionManager }: Services['parts']) => ({ connectionManager }) })
  })
  server = net.node(0)
  const client = net.node(1)
  const contacts = new Contacts(client.peerId, () => true)
  rpc = new RpcClient({
    connectionManager: client.services.parts.connectionManager,
    protocol,
    contacts,
    signedAddresses: async () => Promise.resolve(signed),
    self: () => ({ id: client.peerId.toMultihash().bytes, multiaddrs: [] }),
    log: defaultLogger().forComponent('test')
  })
  signed = []
  contact = contacts.of(server.peerId, server.getMultiaddrs())
})

afterEach(async () => {
  for (const node of net.nodes) {
    await node.stop()
  }
})

async function serve(handler: (stream: Stream, request: KadMessage) => Promise<void>): Promise<void> {
  await server.handle(protocol, async (stream) => {
    const messages = lpStream(stream)
    try {
      for (;;) {
        await handler(stream, decodeKadMessage((await messages.read()).subarray()))
      }
    } catch {
      await stream.close()
    }
  })
}

async function answerOf(...records: PeerRecord[]): Promise<void> {
  await serve(async (stream, { type }) => {
    const closer = records
    await lpStream(stream).write(encodeKadMessage({ type, closer, providers: [] }))
  })
}

async function peers(count: number): Promise<PeerRecord[]> {
  const list = await Promise.all(Array.from({ length: count }, randomPeer))
  return list.map((id) => ({ id: id.toMultihash().bytes, multiaddrs: [] }))
}

test('dials where it was told, asks, and reads who is nearer', async () => {
  await answerOf(...(await peers(1)))
  expect(rpc.isConnected(contact)).toBe(false)
  const outcome = await rpc.ask(contact, MessageType.FIND_NODE, key, {})
  expect(outcome).toMatchObject({ ok: true, value: { closer: [{}], providers: [] } })
  expect(rpc.isConnected(contact)).toBe(true)
})

test('a record is confirmed when the other end has read it all, and several go over one stream', async () => {
  const taken: KadMessage[] = []
  let streams = 0
  await server.handle(protocol, async (stream) => {
    streams++
    const messages = lpStream(stream)
    try {
      for (;;) {
        taken.push(decodeKadMessage((await messages.read()).subarray()))
      }
    } catch {
      await stream.close()
    }
  })
  const keys = [1, 2, 3].map((at) => rootOf(at).multihash.bytes)
  expect(await rpc.put(contact, keys, {})).toMatchObject({ ok: true })
  const adds = taken.filter(({ type }) => type === MessageType.ADD_PROVIDER)
  expect(adds.map((message) => message.key)).toEqual(keys.map((each) => Uint8Array.from(each)))
  // what answers the last says that all before it were taken
  expect(taken.at(-1)?.type).toBe(MessageType.PING)
  expect(streams).toBe(1)
})

test('a reset stream confirms nothing', async () => {
  await serve(async (stream) => {
    stream.abort(new RangeError('no'))
  })
  expect(await rpc.put(contact, [key], {})).toMatchObject({ ok: false, why: 'invalid' })
})

test('a peer without the protocol does not support it, and one that nobody can dial is unreachable', async () => {
  expect(await rpc.ask(contact, MessageType.FIND_NODE, key, {})).toMatchObject({ ok: false, why: 'unsupported' })
  const nobody = new Contacts(await randomPeer(), () => true).of(await randomPeer())
  expect(await rpc.ask(nobody, MessageType.FIND_NODE, key, {})).toMatchObject({ ok: false, why: 'unreachable' })
})

test('64 peers are an answer, 65 are none', async () => {
  await answerOf(...(await peers(MAX_PEERS)))
  const outcome = await rpc.ask(contact, MessageType.FIND_NODE, key, {})
  expect(outcome.ok && outcome.value.closer).toHaveLength(MAX_PEERS)
  await server.unhandle(protocol)
  await answerOf(...(await peers(MAX_PEERS + 1)))
  expect(await rpc.ask(contact, MessageType.FIND_NODE, key, {})).toMatchObject({ ok: false, why: 'invalid' })
})

test.each([
  ['a frame that is too large', [new Uint8Array([0x81, 0x80, 0x08]), new Uint8Array(64)]],
  ['a flood without a frame', [new Uint8Array(3 * MAX_MESSAGE_BYTES).fill(0xff)]],
  ['no message', [new Uint8Array([3, 0xff, 0xff, 0xff])]]
])('%s is an invalid answer', async (_, chunks) => {
  await serve(async (stream) => {
    chunks.forEach((chunk) => stream.send(chunk))
  })
  expect(await rpc.ask(contact, MessageType.FIND_NODE, key, {})).toMatchObject({ ok: false, why: 'invalid' })
})

test('an answer to another question is none', async () => {
  await serve(async (stream) => {
    await lpStream(stream).write(encodeKadMessage({ type: MessageType.PING, closer: [], providers: [] }))
  })
  expect(await rpc.ask(contact, MessageType.FIND_NODE, key, {})).toMatchObject({ ok: false, why: 'invalid' })
})

test('what cannot be read in an answer is left out: broken ids, broken addresses, and this node itself', async () => {
  const [good] = (await peers(1)) as [PeerRecord]
  const address = Uint8Array.from(server.getMultiaddrs()[0]?.bytes ?? [])
  const many = Array.from({ length: MAX_CONTACT_ADDRESSES + 1 }, () => Uint8Array.from([4, 192, 0, 2, 1, 6, 0, 80]))
  await answerOf(
    { id: new Uint8Array([1, 2, 3]), multiaddrs: [] },
    { id: net.node(1).peerId.toMultihash().bytes, multiaddrs: [] },
    { ...good, multiaddrs: [new Uint8Array([0xff, 0xff, 0xff]), ...many] },
    { id: server.peerId.toMultihash().bytes, multiaddrs: [address] }
  )
  const outcome = await rpc.ask(contact, MessageType.FIND_NODE, key, {})
  const closer = outcome.ok ? outcome.value.closer : []
  expect(closer.map((each) => each.addresses.length)).toEqual([MAX_CONTACT_ADDRESSES - 1, 1])
})

test('reaches who speaks the protocol where it says that it is, whatever others say', async () => {
  await serve(async () => undefined)
  // others do not count
  expect(await rpc.reaches(contact, {})).toBe(false)
  signed = [multiaddr('/ip4/127.0.0.1/tcp/9')]
  expect(await rpc.reaches(contact, {})).toBe(false)
  signed = server.getMultiaddrs()
  const misled = new Contacts(net.node(1).peerId, () => true).of(server.peerId, [multiaddr('/ip4/127.0.0.1/tcp/9')])
  expect(await rpc.reaches(misled, {})).toBe(true)
  expect(rpc.isConnected(contact)).toBe(true)
  await server.unhandle(protocol)
  expect(await rpc.reaches(contact, {})).toBe(false)
})

test('aborted, it ends at once', async () => {
  await serve(async () => undefined)
  const outcome = rpc.ask(contact, MessageType.FIND_NODE, key, { signal: AbortSignal.timeout(50) })
  expect(await outcome).toMatchObject({ ok: false })
})
