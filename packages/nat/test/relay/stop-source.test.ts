import { peerIdFromString } from '@libp2p/peer-id'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSource } from '../../src/relay/stop-source.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

/** `StopMessage { type: CONNECT, peer: { id } , limit }` with its length before it, as circuit relay v2 writes it. */
function message(): Uint8Array {
  const id = peerIdFromString(PEER).toMultihash().bytes
  const peer = [0x0a, id.length, ...id]
  const limit = [0x1a, 2, 0x08, 60]
  const body = [0x08, 0, 0x12, peer.length, ...peer, ...limit]
  return Uint8Array.from([body.length, ...body])
}

test('the peer that asks for a circuit is read from the message to the target', () => {
  expect(readSource(message())).toBe(PEER)
})

test('a message that is cut short names nobody, and never throws', () => {
  const whole = message()
  const end = whole.length - 4 // the limit is not needed
  for (let length = 0; length < end; length += 1) {
    expect(readSource(whole.subarray(0, length))).toBeUndefined()
  }
})

test('bytes that are no message name nobody, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(() => readSource(bytes)).not.toThrow()
    }),
    { numRuns: 100, seed: 4 }
  )
})
