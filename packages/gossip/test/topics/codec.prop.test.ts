import { fc, test } from '@fast-check/vitest'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { describe, expect } from 'vitest'
import { MAX_BATCH_BYTES, MAX_NETWORK_MESSAGE_BYTES, MAX_PRESENCE_BYTES } from '../../src/topics/constants.ts'
import { decodeBatch, encodeBatch } from '../../src/wire/direct-codec.ts'
import { decodeNetworkMessage, encodeNetworkMessage } from '../../src/wire/network-codec.ts'
import { decodePresence, encodePresence } from '../../src/wire/presence-codec.ts'
import { rootOf } from '../support/peers.ts'

const sender = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const address = fc
  .record({ ip: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) })
  .map(({ ip, port }) => multiaddr(`/ip4/${ip}/tcp/${port}/p2p/${sender.toString()}`))
const have = fc
  .record({ leaves: fc.integer({ min: 2, max: 2 ** 32 - 1 }), map: fc.uint8Array({ minLength: 1, maxLength: 64 }) })
  .map(({ leaves, map }) => ({ leaves, held: Math.floor(leaves / 2), map }))
const presence = fc.record({
  type: fc.constant('here' as const),
  multiaddrs: fc.array(address, { maxLength: 16 }),
  have,
  everyS: fc.integer({ min: 1, max: 604_800 })
})

const examples: Record<string, { bytes: Uint8Array; decode: (bytes: Uint8Array) => unknown; max: number }> = {
  presence: {
    bytes: encodePresence({
      type: 'here',
      multiaddrs: [multiaddr('/ip4/1.2.3.4/tcp/1')],
      have: { leaves: 9, held: 4, map: Uint8Array.of(1, 0) },
      everyS: 60
    }),
    decode: (bytes) => decodePresence(bytes, sender),
    max: MAX_PRESENCE_BYTES
  },
  announcement: {
    bytes: encodeNetworkMessage({ type: 'announcement', root: rootOf(1), name: 'a', bytes: 9, multiaddrs: [] }),
    decode: (bytes) => decodeNetworkMessage(bytes, sender),
    max: MAX_NETWORK_MESSAGE_BYTES
  },
  question: {
    bytes: encodeNetworkMessage({
      type: 'question',
      id: new Uint8Array(16),
      topic: 'a',
      payload: Uint8Array.of(1),
      deadlineMs: 1000,
      maxAnswers: 5
    }),
    decode: (bytes) => decodeNetworkMessage(bytes, sender),
    max: MAX_NETWORK_MESSAGE_BYTES
  },
  'direct messages': {
    bytes: encodeBatch([
      {
        type: 'exchange',
        topic: 'topic',
        presence: Uint8Array.of(8, 1),
        messages: [
          {
            from: Uint8Array.of(1),
            seqno: new Uint8Array(8),
            data: Uint8Array.of(8, 1),
            signature: Uint8Array.of(1),
            key: new Uint8Array(),
            ageMs: 1
          }
        ]
      }
    ]),
    decode: decodeBatch,
    max: MAX_BATCH_BYTES
  }
}

test.prop([presence])('a presence comes back as it was', (message) => {
  expect(decodePresence(encodePresence(message), sender)).toEqual(message)
})

describe.each(Object.entries(examples))('%s', (name, { bytes, decode, max }) => {
  function tryDecode(input: Uint8Array): void {
    try {
      decode(input)
    } catch (err) {
      expect(err).toMatchObject({ name: 'InvalidMessageError' })
    }
  }

  test('each truncation is another message or invalid', () => {
    for (let length = 0; length < bytes.byteLength; length++) {
      tryDecode(bytes.subarray(0, length))
    }
  })

  test.prop([fc.nat(), fc.nat({ max: 255 })])('one changed byte is another message or invalid', (place, value) => {
    const changed = Uint8Array.from(bytes)
    changed[place % changed.byteLength] = value
    tryDecode(changed)
  })

  test('10,000 times random bytes are a message or invalid, and nothing else', () => {
    const random = seededRandom(`topics ${name}`)
    for (let n = 0; n < 10_000; n++) {
      // mostly short, where the decoder gets furthest; now and then up to the limit and past it
      tryDecode(random.bytes(random.int(n % 1000 === 0 ? max + 10 : 60)))
    }
  })
})
