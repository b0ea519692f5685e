import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { decodeKadMessage, encodeKadMessage } from '../../src/wire/codec.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { KadMessage } from '../../src/wire/messages.ts'
import { MAX_MESSAGE_BYTES, MAX_PEERS, MAX_PEER_ADDRESSES } from '../../src/wire/limits.ts'

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength }).map((each) => Uint8Array.from(each))
const peer = fc.record({ id: bytes(40), multiaddrs: fc.array(bytes(30), { maxLength: 5 }) })

property.prop([fc.record({ key: bytes(80), closer: fc.array(peer), providers: fc.array(peer) })])(
  'a message is what it was after the wire',
  (parts) => {
    const message: KadMessage = { type: MessageType.GET_PROVIDERS, ...parts }
    expect(decodeKadMessage(encodeKadMessage(message))).toEqual(message)
  }
)

property.prop([fc.uint8Array({ maxLength: 400 })])('arbitrary bytes are a message or a typed error', (input) => {
  try {
    decodeKadMessage(input)
  } catch (error) {
    expect(error).toMatchObject({ name: 'InvalidMessageError' })
  }
})

function of(peers: number, addresses: number): Uint8Array {
  const multiaddrs = Array.from({ length: addresses }, () => new Uint8Array(1))
  const list = Array.from({ length: peers }, () => ({ id: new Uint8Array(1), multiaddrs }))
  return encodeKadMessage({ type: MessageType.FIND_NODE, closer: list, providers: list })
}

test('lists have 64 peers and 32 addresses each, and not one more', () => {
  expect(decodeKadMessage(of(MAX_PEERS, MAX_PEER_ADDRESSES)).closer).toHaveLength(MAX_PEERS)
  expect(() => decodeKadMessage(of(MAX_PEERS + 1, 0))).toThrow('cannot be decoded')
  expect(() => decodeKadMessage(of(1, MAX_PEER_ADDRESSES + 1))).toThrow('cannot be decoded')
})

test('a field that is no list comes once: what it replaced would be garbage, megabytes of it in a message', () => {
  const message = encodeKadMessage({ type: MessageType.FIND_NODE, closer: [], providers: [] })
  expect(() => decodeKadMessage(Uint8Array.from([...message, ...message]))).toThrow('cannot be decoded')
})

test('a message has 128 KiB and not one byte more', () => {
  const sized = (size: number): Uint8Array =>
    encodeKadMessage({ type: MessageType.PUT_VALUE, record: new Uint8Array(size), closer: [], providers: [] })
  const frame = sized(MAX_MESSAGE_BYTES / 2).byteLength - MAX_MESSAGE_BYTES / 2
  expect(decodeKadMessage(sized(MAX_MESSAGE_BYTES - frame)).record?.byteLength).toBe(MAX_MESSAGE_BYTES - frame)
  expect(() => decodeKadMessage(sized(MAX_MESSAGE_BYTES - frame + 1))).toThrow('at most')
})
