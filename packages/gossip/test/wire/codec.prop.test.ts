import { fc, test } from '@fast-check/vitest'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import { expect } from 'vitest'
import { MAX_PRESENCE_BYTES } from '../../src/constants.ts'
import { decodePresence, encodePresence } from '../../src/wire/codec.ts'

const sender = peerIdFromString('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const address = fc
  .record({ ip: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) })
  .map(({ ip, port }) => multiaddr(`/ip4/${ip}/tcp/${port}/p2p/${sender.toString()}`))

function decodeOrInvalid(bytes: Uint8Array): string {
  try {
    return decodePresence(bytes, sender).type
  } catch (err) {
    expect(err).toMatchObject({ name: 'InvalidMessageError' })
    return 'invalid'
  }
}

test.prop([fc.array(address, { maxLength: 16 })])('what was encoded is decoded', (multiaddrs) => {
  expect(decodePresence(encodePresence({ type: 'here', multiaddrs }), sender)).toEqual({ type: 'here', multiaddrs })
})

test.prop([fc.array(address, { minLength: 1, maxLength: 4 })])(
  'each truncation is another message or invalid',
  (multiaddrs) => {
    const bytes = encodePresence({ type: 'here', multiaddrs })
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(['here', 'invalid']).toContain(decodeOrInvalid(bytes.subarray(0, length)))
    }
  }
)

test.prop([fc.array(address, { maxLength: 4 }), fc.nat(), fc.nat({ max: 255 })])(
  'one changed byte is another message or invalid',
  (multiaddrs, place, value) => {
    const bytes = encodePresence({ type: 'here', multiaddrs })
    bytes[place % bytes.byteLength] = value
    decodeOrInvalid(bytes)
  }
)

test('10,000 times random bytes are a message or invalid, and nothing else', () => {
  const random = seededRandom('presence')
  for (let n = 0; n < 10_000; n++) {
    // mostly short, where the decoder gets furthest; now and then up to the limit and past it
    const most = n % 100 === 0 ? MAX_PRESENCE_BYTES + 10 : 40
    decodeOrInvalid(random.bytes(random.int(most)))
  }
})
