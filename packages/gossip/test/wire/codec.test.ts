import { multiaddr } from '@multiformats/multiaddr'
import { readFile } from 'node:fs/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, test } from 'vitest'
import { MAX_ADDRESSES, MAX_ADDRESS_BYTES, MAX_PRESENCE_BYTES } from '../../src/constants.ts'
import { decodePresence, encodePresence } from '../../src/wire/codec.ts'
import { Presence } from '../../src/wire/messages.ts'

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
const invalid = { name: 'InvalidMessageError' }
const here = Presence.Kind.HERE

function addressOf(bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes).fill(1)
}

describe('test vectors', () => {
  test.each(vectors.valid)('$name', ({ hex, type, addresses }) => {
    const message = decodePresence(Buffer.from(hex, 'hex'), sender)
    expect(message.type).toBe(type)
    expect(message.type === 'here' ? message.multiaddrs.map((each) => each.toString()) : []).toEqual(addresses)
  })

  test.each(vectors.encoded)('$name is encoded so', ({ hex, type, addresses }) => {
    const message =
      type === 'here'
        ? ({ type, multiaddrs: addresses.map((each) => multiaddr(each)) } as const)
        : ({ type: 'leaving' } as const)
    expect(Buffer.from(encodePresence(message)).toString('hex')).toBe(hex)
  })

  test.each(vectors.invalid)('$name is invalid', ({ hex }) => {
    expect(() => decodePresence(Buffer.from(hex, 'hex'), sender)).toThrow(expect.objectContaining(invalid))
  })
})

describe('addresses', () => {
  test('get the id of their sender, so that who answers there is checked', () => {
    const bytes = encodePresence({ type: 'here', multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')] })
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
    expect(decodePresence(Presence.encode({ kind: here, addresses }), sender)).toEqual({
      type: 'here',
      multiaddrs: [good]
    })
  })

  test('beyond the limits are not sent', () => {
    const long = multiaddr(`/dns4/${'a'.repeat(MAX_ADDRESS_BYTES)}/tcp/1`)
    const many = Array.from({ length: MAX_ADDRESSES + 1 }, (_, port) => multiaddr(`/ip4/127.0.0.1/tcp/${port + 1}`))
    const message = decodePresence(encodePresence({ type: 'here', multiaddrs: [long, ...many] }), sender)
    expect(message.type === 'here' ? message.multiaddrs : []).toHaveLength(MAX_ADDRESSES)
  })
})

describe('limits', () => {
  test('the largest message of honest parts is exactly as large as allowed', () => {
    const addresses = Array.from({ length: MAX_ADDRESSES }, () => addressOf(MAX_ADDRESS_BYTES))
    const bytes = Presence.encode({ kind: here, addresses })
    expect(bytes.byteLength).toBe(MAX_PRESENCE_BYTES)
    expect(decodePresence(bytes, sender).type).toBe('here')
  })

  test('one byte more is refused before anything is decoded', () => {
    expect(() => decodePresence(new Uint8Array(MAX_PRESENCE_BYTES + 1), sender)).toThrow(
      expect.objectContaining(invalid)
    )
  })

  test('one address more is refused', () => {
    const addresses = Array.from({ length: MAX_ADDRESSES + 1 }, () => addressOf(1))
    expect(() => decodePresence(Presence.encode({ kind: here, addresses }), sender)).toThrow(
      expect.objectContaining(invalid)
    )
  })

  test.each([0, MAX_ADDRESS_BYTES + 1])('an address of %s bytes is refused', (bytes) => {
    const message = Presence.encode({ kind: here, addresses: [addressOf(bytes)] })
    expect(() => decodePresence(message, sender)).toThrow(expect.objectContaining(invalid))
  })
})
