import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import {
  MAX_ADDRESSES,
  MAX_ADDRESS_BYTES,
  MAX_ANSWERS,
  MAX_ANSWER_BYTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_DEADLINE_MS,
  MAX_EVERY_S,
  MAX_EXCHANGE_BYTES,
  MAX_HAVE_MAP_BYTES,
  MAX_ID_BYTES,
  MAX_KEY_BYTES,
  MAX_NAME_BYTES,
  MAX_NETWORK_MESSAGE_BYTES,
  MAX_PRESENCE_BYTES,
  MAX_QUESTION_BYTES,
  MAX_QUESTION_TOPIC_BYTES,
  MAX_RELAYED,
  MAX_ROOT_BYTES,
  MAX_SHARE_BYTES,
  MAX_SIGNATURE_BYTES,
  MIN_DEADLINE_MS
} from '../../src/topics/constants.ts'
import { decodeBatch, encodeBatch, exchangeOf, fitting } from '../../src/wire/direct-codec.ts'
import type { Direct } from '../../src/wire/direct-codec.ts'
import { decodeNetworkMessage, encodeNetworkMessage } from '../../src/wire/network-codec.ts'
import { decodePresence, encodePresence } from '../../src/wire/presence-codec.ts'
import { DirectBatch, NetworkMessage, Presence } from '../../src/wire/topics.ts'
import type { Relayed } from '../../src/wire/topics.ts'
import { rootOf } from '../support/peers.ts'

interface Vector {
  name: string
  hex: string
  type: 'here' | 'leaving'
  addresses: string[]
}
const file = await readFile(new URL('../fixtures/presence.json', import.meta.url), 'utf8')
const vectors = JSON.parse(file) as Record<'valid' | 'encoded' | 'invalid', Vector[]>
const sender = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const stranger = '12D3KooWHFKTMzwerBtsVmtz4ZZEQy2heafxzWw6wNn5PPYkBxJ5'
const invalid = expect.objectContaining({ name: 'InvalidMessageError' }) as Error
const here = Presence.Kind.HERE

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(1)
}

describe('test vectors of presence', () => {
  test.each(vectors.valid)('$name', ({ hex, type, addresses }) => {
    const message = decodePresence(Buffer.from(hex, 'hex'), sender)
    expect(message.type).toBe(type)
    expect(message.type === 'here' ? message.multiaddrs.map((each) => each.toString()) : []).toEqual(addresses)
  })

  test.each(vectors.encoded)('$name is encoded so', ({ hex, type, addresses }) => {
    const multiaddrs = addresses.map((each) => multiaddr(each))
    const message = type === 'here' ? ({ type, multiaddrs, everyS: 0 } as const) : ({ type: 'leaving' } as const)
    expect(Buffer.from(encodePresence(message)).toString('hex')).toBe(hex)
  })

  test.each(vectors.invalid)('$name is invalid', ({ hex }) => {
    expect(() => decodePresence(Buffer.from(hex, 'hex'), sender)).toThrow(invalid)
  })
})

describe('addresses', () => {
  test('get the id of their sender, so that who answers there is checked', () => {
    const bytes = encodePresence({ type: 'here', multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')], everyS: 60 })
    expect(decodePresence(bytes, sender)).toMatchObject({
      multiaddrs: [multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${sender.toString()}`)]
    })
  })

  test('of another peer, or of a kind this node does not know, are left out', () => {
    const good = multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${sender.toString()}`)
    const unknown = Uint8Array.from([0xff, 0xff, 0x7f, 1, 2, 3])
    const addresses = [multiaddr(`/ip4/127.0.0.1/tcp/2/p2p/${stranger}`).bytes, unknown, good.bytes].map((each) =>
      Uint8Array.from(each)
    )
    expect(decodePresence(Presence.encode({ kind: here, addresses, every: 1 }), sender)).toMatchObject({
      multiaddrs: [good]
    })
  })

  test('beyond the limits are not sent', () => {
    const long = multiaddr(`/dns4/${'a'.repeat(MAX_ADDRESS_BYTES)}/tcp/1`)
    const many = Array.from({ length: MAX_ADDRESSES + 1 }, (_, port) => multiaddr(`/ip4/127.0.0.1/tcp/${port + 1}`))
    const message = decodePresence(encodePresence({ type: 'here', multiaddrs: [long, ...many], everyS: 1 }), sender)
    expect(message.type === 'here' ? message.multiaddrs : []).toHaveLength(MAX_ADDRESSES)
  })
})

describe('a presence', () => {
  const have = { leaves: 600, held: 3, map: bytesOf(MAX_HAVE_MAP_BYTES) }

  function decoded(message: Parameters<typeof Presence.encode>[0]): ReturnType<typeof decodePresence> {
    return decodePresence(Presence.encode(message), sender)
  }

  test('carries what its sender has, and how often it speaks', () => {
    const message = { type: 'here', multiaddrs: [], have, everyS: 90 } as const
    expect(decodePresence(encodePresence(message), sender)).toEqual(message)
  })

  test('that does not say how often it speaks does so each minute', () => {
    expect(decoded({ kind: here, addresses: [], every: 0 })).toMatchObject({ everyS: 60 })
  })

  test('of honest parts at their limits fits, and nothing longer is decoded', () => {
    const addresses = Array.from({ length: MAX_ADDRESSES }, () => bytesOf(MAX_ADDRESS_BYTES))
    const most = { leaves: 2 ** 32 - 1, held: 2 ** 32 - 2, map: bytesOf(MAX_HAVE_MAP_BYTES) }
    const bytes = Presence.encode({ kind: here, addresses, have: most, every: MAX_EVERY_S })
    expect(bytes.byteLength).toBeLessThanOrEqual(MAX_PRESENCE_BYTES)
    expect(decodePresence(bytes, sender).type).toBe('here')
    expect(() => decodePresence(new Uint8Array(MAX_PRESENCE_BYTES + 1), sender)).toThrow(invalid)
  })

  test.each<[string, Parameters<typeof Presence.encode>[0]]>([
    ['one address more', { kind: here, addresses: Array.from({ length: MAX_ADDRESSES + 1 }, () => bytesOf(1)) }],
    ['an empty address', { kind: here, addresses: [bytesOf(0)] }],
    ['a long address', { kind: here, addresses: [bytesOf(MAX_ADDRESS_BYTES + 1)] }],
    ['a long map', { kind: here, have: { ...have, map: bytesOf(MAX_HAVE_MAP_BYTES + 1) } }],
    ['more held than there is', { kind: here, have: { leaves: 1, held: 2, map: bytesOf(0) } }],
    ['a longer silence', { kind: here, every: MAX_EVERY_S + 1 }],
    ['a goodbye with addresses', { kind: Presence.Kind.LEAVING, addresses: [bytesOf(1)] }],
    ['a goodbye with a map', { kind: Presence.Kind.LEAVING, have }]
  ])('with %s is invalid', (_, message) => {
    expect(() => decoded(message)).toThrow(invalid)
  })

  test('needs no map when all or nothing is held', () => {
    const all = { leaves: 2, held: 2, map: bytesOf(1) }
    expect(decoded({ kind: here, have: all })).toMatchObject({ have: { leaves: 2, held: 2 } })
    expect(decoded({ kind: here, have: all })).not.toHaveProperty('have.map')
  })
})

describe('an announcement', () => {
  const multiaddrs = [multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${sender.toString()}`)]
  const good = { type: 'announcement', root: rootOf(1), name: 'photos', bytes: 5, multiaddrs } as const

  test('comes back as it was', () => {
    expect(decodeNetworkMessage(encodeNetworkMessage(good), sender)).toEqual(good)
    const bare = { type: 'announcement', root: rootOf(1), multiaddrs: [] } as const
    expect(decodeNetworkMessage(encodeNetworkMessage(bare), sender)).toEqual(bare)
  })

  test('of the largest size is taken', () => {
    const longest = { ...good, name: 'a'.repeat(MAX_NAME_BYTES), bytes: MAX_SHARE_BYTES }
    expect(decodeNetworkMessage(encodeNetworkMessage(longest), sender)).toEqual(longest)
  })

  test.each([
    ['a root that is none', { root: bytesOf(10), name: '', bytes: 0n, addresses: [] }],
    ['a long root', { root: bytesOf(MAX_ROOT_BYTES + 1), name: '', bytes: 0n, addresses: [] }],
    ['a long name', { name: 'a'.repeat(MAX_NAME_BYTES + 1) }],
    ['a name with control characters', { name: 'a\u001b[2J' }],
    ['more bytes than a number holds', { bytes: BigInt(MAX_SHARE_BYTES) + 1n }],
    ['one address more', { addresses: Array.from({ length: MAX_ADDRESSES + 1 }, () => bytesOf(1)) }],
    ['an empty address', { addresses: [bytesOf(0)] }]
  ])('with %s is invalid', (_, change) => {
    const root = Uint8Array.from(rootOf(1).bytes)
    const announcement = { root, name: '', bytes: 0n, addresses: [], ...change }
    expect(() => decodeNetworkMessage(NetworkMessage.encode({ announcement }), sender)).toThrow(invalid)
  })
})

describe('a question', () => {
  const good = {
    type: 'question',
    id: bytesOf(16),
    topic: 'a'.repeat(MAX_QUESTION_TOPIC_BYTES),
    payload: bytesOf(MAX_QUESTION_BYTES),
    deadlineMs: MAX_DEADLINE_MS,
    maxAnswers: MAX_ANSWERS
  } as const

  test('of the largest size comes back as it was', () => {
    const bytes = encodeNetworkMessage(good)
    expect(bytes.byteLength).toBeLessThanOrEqual(MAX_NETWORK_MESSAGE_BYTES)
    expect(decodeNetworkMessage(bytes, sender)).toEqual(good)
  })

  test.each([
    ['a short id', { id: bytesOf(15) }],
    ['no topic', { topic: '' }],
    ['a long topic', { topic: 'a'.repeat(MAX_QUESTION_TOPIC_BYTES + 1) }],
    ['a long payload', { payload: bytesOf(MAX_QUESTION_BYTES + 1) }],
    ['too little time', { deadlineMs: MIN_DEADLINE_MS - 1 }],
    ['too much time', { deadlineMs: MAX_DEADLINE_MS + 1 }],
    ['no answers', { maxAnswers: 0 }],
    ['too many answers', { maxAnswers: MAX_ANSWERS + 1 }]
  ])('with %s is invalid', (_, change) => {
    const { type: _type, ...question } = { ...good, ...change }
    expect(() => decodeNetworkMessage(NetworkMessage.encode({ question }), sender)).toThrow(invalid)
  })

  test('and an announcement in one message are neither', () => {
    const { type: _type, ...question } = good
    const announcement = { root: Uint8Array.from(rootOf(1).bytes), name: '', bytes: 0n, addresses: [] }
    expect(() => decodeNetworkMessage(NetworkMessage.encode({ question, announcement }), sender)).toThrow(invalid)
    expect(() => decodeNetworkMessage(NetworkMessage.encode({}), sender)).toThrow(invalid)
    expect(() => decodeNetworkMessage(bytesOf(MAX_NETWORK_MESSAGE_BYTES + 1), sender)).toThrow(invalid)
  })
})

describe('direct messages', () => {
  const relayed: Relayed = {
    from: bytesOf(MAX_ID_BYTES),
    seqno: bytesOf(8),
    data: bytesOf(MAX_PRESENCE_BYTES),
    signature: bytesOf(MAX_SIGNATURE_BYTES),
    key: bytesOf(MAX_KEY_BYTES),
    ageMs: 5
  }
  const exchange: Direct = {
    type: 'exchange',
    topic: 'a'.repeat(256),
    presence: bytesOf(MAX_PRESENCE_BYTES),
    messages: [relayed]
  }
  const answer: Direct = {
    type: 'answer',
    question: bytesOf(16),
    from: bytesOf(MAX_ID_BYTES),
    payload: bytesOf(MAX_ANSWER_BYTES),
    signature: bytesOf(MAX_SIGNATURE_BYTES),
    key: bytesOf(MAX_KEY_BYTES)
  }

  test('with all parts at their limit come back as they were', () => {
    expect(decodeBatch(encodeBatch([exchange, answer]))).toEqual([exchange, answer])
  })

  test.each<[string, Direct]>([
    ['a long topic', { ...exchange, topic: 'a'.repeat(257) }],
    ['a long presence', { ...exchange, presence: bytesOf(MAX_PRESENCE_BYTES + 1) }],
    ['a relayed message of nobody', { ...exchange, messages: [{ ...relayed, from: bytesOf(0) }] }],
    ['a relayed message of a long id', { ...exchange, messages: [{ ...relayed, from: bytesOf(MAX_ID_BYTES + 1) }] }],
    ['a relayed message without a number', { ...exchange, messages: [{ ...relayed, seqno: bytesOf(7) }] }],
    ['a relayed message that is not signed', { ...exchange, messages: [{ ...relayed, signature: bytesOf(0) }] }],
    ['a long signature', { ...answer, signature: bytesOf(MAX_SIGNATURE_BYTES + 1) }],
    ['a long key', { ...answer, key: bytesOf(MAX_KEY_BYTES + 1) }],
    ['a long answer', { ...answer, payload: bytesOf(MAX_ANSWER_BYTES + 1) }],
    ['an answer to nothing', { ...answer, question: bytesOf(15) }]
  ])('with %s are invalid', (_, message) => {
    expect(() => decodeBatch(encodeBatch([message]))).toThrow(invalid)
  })

  test('that are too many, or relay too many, are invalid', () => {
    const small = { ...answer, payload: bytesOf(0) }
    const tiny = { ...relayed, data: bytesOf(1), key: bytesOf(0), signature: bytesOf(64) }
    const many = (count: number): Direct => ({ ...exchange, messages: Array.from({ length: count }, () => tiny) })
    expect(decodeBatch(encodeBatch(Array.from({ length: MAX_BATCH_MESSAGES }, () => small)))).toHaveLength(
      MAX_BATCH_MESSAGES
    )
    expect(() => decodeBatch(encodeBatch(Array.from({ length: MAX_BATCH_MESSAGES + 1 }, () => small)))).toThrow(invalid)
    expect(decodeBatch(encodeBatch([many(MAX_RELAYED)]))).toHaveLength(1)
    expect(() => decodeBatch(encodeBatch([many(MAX_RELAYED + 1)]))).toThrow(invalid)
  })

  test('that are nothing, or two things, are invalid', () => {
    expect(() => decodeBatch(DirectBatch.encode({ messages: [{}] }))).toThrow(invalid)
    expect(() => decodeBatch(DirectBatch.encode({ messages: [{ exchange, answer }] }))).toThrow(invalid)
    expect(() => decodeBatch(bytesOf(MAX_BATCH_BYTES + 1))).toThrow(invalid)
  })

  test('hand on as much as fits, from the first on', () => {
    const messages = Array.from({ length: MAX_RELAYED + 1 }, (_, ageMs) => ({ ...relayed, ageMs }))
    expect(fitting(messages, Infinity)).toHaveLength(MAX_RELAYED)
    const some = fitting(messages, 48 * 1024)
    expect(some.map(({ ageMs }) => ageMs)).toEqual(some.map((_, index) => index))
    expect(encodeBatch([{ ...exchange, presence: bytesOf(0), messages: some }]).byteLength).toBeLessThan(49 * 1024)
    expect(some.length).toBeGreaterThan(5)
  })

  test('an exchange takes a message that fills it to its last byte, and not one that is a byte longer', () => {
    const framing = 32 + 8
    const bare = { ...relayed, from: bytesOf(34), signature: bytesOf(64), key: bytesOf(0) }
    const room = MAX_EXCHANGE_BYTES - 100 - 34 - 64 - framing
    const heldWith = (data: number): unknown => {
      const made = exchangeOf('t', bytesOf(100), [{ ...bare, data: bytesOf(data) }])
      return made.type === 'exchange' && made.messages.length
    }
    expect(heldWith(room)).toBe(1)
    expect(heldWith(room + 1)).toBe(0)
  })
})
