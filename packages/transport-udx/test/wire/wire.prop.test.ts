import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { MAX_STREAM_ID } from '../../src/ids.ts'
import {
  ANSWER_BYTES,
  COOKIE_BYTES,
  INIT_BYTES,
  NONCE_BYTES,
  decodeHandshake,
  encodeHandshake
} from '../../src/wire/handshake.ts'
import type { Handshake } from '../../src/wire/handshake.ts'
import { MAGIC } from '../../src/wire/magic.ts'
import {
  CHALLENGE_BYTES,
  PATH_MESSAGE_BYTES,
  TOKEN_BYTES,
  openPathMessage,
  sealPathMessage,
  tokenOf,
  tokenText
} from '../../src/wire/path.ts'
import type { PathMessage } from '../../src/wire/path.ts'
import { PREFACE_BYTES, decodePreface, encodePreface } from '../../src/wire/preface.ts'

const bytes = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array))
const nonZero = (length: number): fc.Arbitrary<Buffer> =>
  bytes(length).filter((array) => array.some((byte) => byte > 0))
const nonce = bytes(NONCE_BYTES)
const id = fc.integer({ min: 1, max: MAX_STREAM_ID })
const offset = fc.nat({ max: Number.MAX_SAFE_INTEGER })

const handshake: fc.Arbitrary<Handshake> = fc.oneof(
  fc.record({
    type: fc.constant('init' as const),
    nonce,
    id,
    cookie: fc.option(nonZero(COOKIE_BYTES), { nil: undefined })
  }),
  fc.record({ type: fc.constant('retry' as const), nonce, cookie: nonZero(COOKIE_BYTES) }),
  fc.record({ type: fc.constant('accept' as const), nonce, id }),
  fc.record({ type: fc.constant('reject' as const), nonce })
)

const pathMessage: fc.Arbitrary<PathMessage> = fc.oneof(
  fc.record({ type: fc.constant('probe' as const), sequence: offset }),
  fc.record({
    type: fc.constant('pong' as const),
    sequence: offset,
    challenge: fc.option(nonZero(CHALLENGE_BYTES), { nil: undefined })
  }),
  fc.record({ type: fc.constant('prove' as const), received: offset, challenge: nonZero(CHALLENGE_BYTES) })
)

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 150 }).map((array) => Uint8Array.from([...MAGIC, ...array]))
)

test.prop([handshake], { numRuns: 100 })('a handshake message is read as it was written', (message) => {
  expect(decodeHandshake(encodeHandshake(message))).toEqual(message)
})

test.prop([handshake, fc.nat(INIT_BYTES), fc.uint8Array({ minLength: 1, maxLength: 8 })], { numRuns: 100 })(
  'a handshake message of another length is none',
  (message, cut, tail) => {
    const encoded = encodeHandshake(message)
    expect(decodeHandshake(encoded.subarray(0, Math.min(cut, encoded.length - 1)))).toBeUndefined()
    expect(decodeHandshake(Buffer.concat([encoded, tail]))).toBeUndefined()
  }
)

test.prop([garbage], { numRuns: 100 })('anything is read without an error', (array) => {
  expect(() => decodeHandshake(array)).not.toThrow()
  expect(() => tokenOf(array)).not.toThrow()
  expect(openPathMessage(array, Buffer.alloc(32))).toBeUndefined()
})

test.prop([pathMessage, bytes(TOKEN_BYTES), bytes(32)], { numRuns: 100 })(
  'a path message is read as it was written, by who has the key',
  (message, token, key) => {
    const sealed = sealPathMessage(message, token, key)
    expect(sealed).toHaveLength(PATH_MESSAGE_BYTES)
    expect(tokenOf(sealed)).toBe(tokenText(token))
    expect(openPathMessage(sealed, key)).toEqual(message)
    expect(decodeHandshake(sealed)).toBeUndefined()
  }
)

test.prop([pathMessage, fc.nat(PATH_MESSAGE_BYTES - 1), fc.integer({ min: 1, max: 255 })], { numRuns: 100 })(
  'a path message of which one byte is another is none',
  (message, at, flip) => {
    const key = Buffer.alloc(32, 1)
    const sealed = Buffer.from(sealPathMessage(message, Buffer.alloc(TOKEN_BYTES, 2), key))
    sealed[at] = (sealed[at] ?? 0) ^ flip
    expect(openPathMessage(sealed, key)).toBeUndefined()
  }
)

test.prop([offset, offset], { numRuns: 100 })('a preface is read as it was written', (received, start) => {
  expect(decodePreface(encodePreface({ received, start }))).toEqual({ received, start })
})

test('a preface with an offset that is no safe number, or of another length, is none', () => {
  const bytes = Buffer.alloc(PREFACE_BYTES)
  bytes.writeBigUInt64BE(BigInt(Number.MAX_SAFE_INTEGER) + 1n)
  expect(decodePreface(bytes)).toBeUndefined()
  expect(decodePreface(Buffer.alloc(PREFACE_BYTES - 1))).toBeUndefined()
  expect(decodePreface(Buffer.alloc(PREFACE_BYTES + 1))).toBeUndefined()
})

test('the first byte is none of UDX, STUN or uTP', () => {
  const [first] = MAGIC
  expect(first).not.toBe(0xff)
  expect(first).toBeGreaterThan(3)
  expect(first & 0x0f).not.toBe(1)
})

test('every answer is shorter than its question, with room for the end of a stream', () => {
  expect(ANSWER_BYTES + 20 + 28).toBeLessThanOrEqual(INIT_BYTES)
})
