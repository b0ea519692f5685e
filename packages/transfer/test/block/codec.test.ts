import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeBlockAnswer,
  decodeBlockRequest,
  encodeBlockAnswer,
  encodeBlockRequest,
  MAX_BLOCK_ANSWER_BYTES,
  MAX_BLOCK_REQUEST_BYTES
} from '../../src/block/wire/codec.ts'
import * as wire from '../../src/block/wire/messages.ts'
import { MAX_NODE_BYTES } from '../../src/constants.ts'
import { Undelimiter } from '../../src/wire/delimited.ts'
import { MAX_CID_BYTES } from '../../src/wire/limits.ts'
import { fromHex, refusal, toHex } from '../wire/support/refusal.ts'
import { small } from './support/blocks.ts'

/** One message without its length, taken as a peer takes it. */
function undelimited(bytes: Uint8Array, limit: number): Uint8Array {
  return new Undelimiter(limit).take(bytes, 0).message ?? new Uint8Array(0)
}

const request = (bytes: Uint8Array) => decodeBlockRequest(undelimited(bytes, MAX_BLOCK_REQUEST_BYTES))
const answer = (bytes: Uint8Array) => decodeBlockAnswer(undelimited(bytes, MAX_BLOCK_ANSWER_BYTES))

describe('a request', () => {
  it('comes out as it went in', () => {
    expect(request(encodeBlockRequest({ id: 7, cid: small.cid }))).toEqual({ id: 7, cid: small.cid })
    const largest = { id: 0xff_ff_ff_ff, cid: small.cid, root: small.cid }
    expect(request(encodeBlockRequest(largest))).toEqual(largest)
  })

  it('is these bytes (SPEC.md#small-content)', () => {
    const digest = '0'.repeat(64)
    const cid = `01551220${digest}`
    expect(toHex(encodeBlockRequest(request(fromHex(`2808031224${cid}`))))).toBe(`2808031224${cid}`)
  })

  it('is refused without an id, without a CID, and with a CID over MAX_CID_BYTES', () => {
    const cid = new Uint8Array(small.cid.bytes)
    const decode = (message: Partial<wire.BlockRequest>) => () => decodeBlockRequest(wire.BlockRequest.encode(message))
    expect(refusal(decode({ id: 1, cid }))).toBeUndefined()
    expect(refusal(decode({ cid }))).toBeDefined()
    expect(refusal(decode({ id: 1 }))).toBeDefined()
    // identity CIDs are as long as one likes
    const identity = (bytes: number) => Uint8Array.of(1, 0x55, 0, bytes - 4, ...new Uint8Array(bytes - 4))
    expect(refusal(decode({ id: 1, cid: identity(MAX_CID_BYTES) }))).toBeUndefined()
    expect(refusal(decode({ id: 1, cid: identity(MAX_CID_BYTES + 1) }))).toBeDefined()
    expect(refusal(decode({ id: 1, cid, root: identity(MAX_CID_BYTES + 1) }))).toBeDefined()
  })

  it('is refused when it is cut off, or anything else', () => {
    const whole = undelimited(encodeBlockRequest({ id: 7, cid: small.cid, root: small.cid }), MAX_BLOCK_REQUEST_BYTES)
    for (let end = 0; end < whole.byteLength; end++) {
      refusal(() => decodeBlockRequest(whole.subarray(0, end)))
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_BLOCK_REQUEST_BYTES }), (bytes) => {
        refusal(() => decodeBlockRequest(bytes))
      }),
      { numRuns: 500, seed: 3 }
    )
  })
})

describe('an answer', () => {
  it('is these bytes (SPEC.md#small-content)', () => {
    expect(toHex(encodeBlockAnswer({ id: 3, bytes: 4096 }))).toBe('050803108020')
  })

  it('comes out as it went in', () => {
    for (const one of [
      { id: 1, bytes: 0 },
      { id: 0xff_ff_ff_ff, bytes: MAX_NODE_BYTES },
      { id: 2, refusal: 'not-held' },
      { id: 2, refusal: 'busy' },
      { id: 2, refusal: 'banned' }
    ] as const) {
      expect(answer(encodeBlockAnswer(one))).toEqual(one)
    }
  })

  it('is refused with more than MAX_NODE_BYTES, without an id, and with both a block and a refusal', () => {
    const decode = (message: Partial<wire.BlockAnswer>) => () => decodeBlockAnswer(wire.BlockAnswer.encode(message))
    expect(refusal(decode({ id: 1, bytes: MAX_NODE_BYTES }))).toBeUndefined()
    expect(refusal(decode({ id: 1, bytes: MAX_NODE_BYTES + 1 }))).toBeDefined()
    expect(refusal(decode({ bytes: 1 }))).toBeDefined()
    expect(refusal(decode({ id: 1, bytes: 1, refusal: wire.Refusal.BLOCK_BUSY }))).toBeDefined()
  })

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_BLOCK_ANSWER_BYTES }), (bytes) => {
        refusal(() => decodeBlockAnswer(bytes))
      }),
      { numRuns: 500, seed: 4 }
    )
  })
})

it.each([
  ['request', MAX_BLOCK_REQUEST_BYTES],
  ['answer', MAX_BLOCK_ANSWER_BYTES]
] as const)('a %s of the largest size is read, and one byte more is not', (_, limit) => {
  const prefix = (bytes: number) => (bytes < 128 ? [bytes] : [(bytes & 0x7f) | 0x80, bytes >> 7])
  const take = (bytes: number) =>
    new Undelimiter(limit).take(Uint8Array.of(...prefix(bytes), ...new Uint8Array(bytes)), 0).message
  expect(take(limit)?.byteLength).toBe(limit)
  expect(refusal(() => take(limit + 1))).toBeDefined()
})
