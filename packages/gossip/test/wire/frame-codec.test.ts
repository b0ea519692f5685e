import { describe, expect, test } from 'vitest'
import {
  MAX_DIGEST_BUCKETS,
  MAX_MESSAGE_BYTES,
  MAX_PING_CLAIMS,
  MAX_PING_IDS,
  MAX_WANT_IDS
} from '../../src/membership/bounds.ts'
import type { Claim, MembershipMessage } from '../../src/membership/types.ts'
import { MAX_CLAIM_BYTES, MAX_FRAME_CLAIMS, MAX_FRAME_IDS } from '../../src/wire/limits.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/frame-codec.ts'
import { Frame } from '../../src/wire/membership.ts'

const INVALID = expect.objectContaining({ name: 'InvalidMessageError' })
const LARGEST_ID = Number.MAX_SAFE_INTEGER

const claimOf = (bytes: number): Claim => ({
  kind: 'alive',
  subject: 0,
  incarnation: 1,
  signer: 0,
  id: 1,
  bytes,
  wire: new Uint8Array(bytes).fill(7)
})

const withWires = (message: MembershipMessage): unknown =>
  'claims' in message ? { ...message, claims: message.claims.map(({ wire }) => wire) } : message

describe('every message', () => {
  const claims = [claimOf(1), claimOf(200)]
  test.each<MembershipMessage>([
    { type: 'ping', nonce: 0, ids: [], claims: [] },
    { type: 'ping', nonce: 255, ids: [0, 1, LARGEST_ID, 2 ** 32, 2 ** 32 - 1], claims },
    { type: 'ack', nonce: 9, ids: [5], claims: [] },
    { type: 'push', hops: 3, claims },
    { type: 'prune' },
    { type: 'want', ids: [] },
    { type: 'want', ids: [LARGEST_ID] },
    { type: 'digest', members: 10_000, buckets: [0, 1, 2 ** 32 - 1] },
    { type: 'summary', of: 16, buckets: [0, 15], ids: [1, 2], answer: false },
    { type: 'summary', of: 1, buckets: [0], ids: [], answer: true },
    { type: 'sync', claims, done: false },
    { type: 'sync', claims: [], done: true }
  ])('comes back as it was: %o', (message) => {
    expect(decodeMessage(encodeMessage(message))).toEqual(withWires(message))
  })

  test('a ping is small: what the study counts 24 bytes', () => {
    expect(encodeMessage({ type: 'ping', nonce: 255, ids: [], claims: [] }).byteLength).toBeLessThanOrEqual(5)
    expect(encodeMessage({ type: 'ping', nonce: 255, ids: [1, 2], claims: [] }).byteLength).toBeLessThanOrEqual(24)
  })

  test('hops beyond a byte are a byte', () => {
    expect(decodeMessage(encodeMessage({ type: 'push', hops: 1000, claims: [] }))).toMatchObject({ hops: 255 })
  })
})

const ids = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(count * 7)
const many = (count: number): Uint8Array<ArrayBuffer>[] => Array.from({ length: count }, () => new Uint8Array(1))
const { Kind } = Frame

describe('at the limit it is read, one past it is not', () => {
  test.each<[string, (extra: number) => Uint8Array]>([
    ['ids of a ping', (extra) => Frame.encode({ kind: Kind.PING, ids: ids(MAX_PING_IDS + extra) })],
    ['claims of a ping', (extra) => Frame.encode({ kind: Kind.PING, claims: many(MAX_PING_CLAIMS + extra) })],
    ['nonce', (extra) => Frame.encode({ kind: Kind.ACK, number: 255 + extra })],
    ['ids of a want', (extra) => Frame.encode({ kind: Kind.WANT, ids: ids(MAX_WANT_IDS + extra) })],
    [
      'claims of a push',
      (extra) => Frame.encode({ kind: Kind.PUSH, number: 1, claims: many(MAX_FRAME_CLAIMS + extra) })
    ],
    ['claims of a sync', (extra) => Frame.encode({ kind: Kind.SYNC, claims: many(MAX_FRAME_CLAIMS + extra) })],
    [
      'bytes of a claim',
      (extra) => Frame.encode({ kind: Kind.SYNC, claims: [new Uint8Array(MAX_CLAIM_BYTES + extra)] })
    ],
    [
      'buckets of a digest',
      (extra) => Frame.encode({ kind: Kind.DIGEST, buckets: new Uint8Array((MAX_DIGEST_BUCKETS + extra) * 4) })
    ],
    [
      'buckets that a summary is of',
      (extra) => Frame.encode({ kind: Kind.SUMMARY, number: MAX_DIGEST_BUCKETS + extra })
    ],
    [
      'number of a bucket',
      (extra) => Frame.encode({ kind: Kind.SUMMARY, number: 2, buckets: Uint8Array.of(0, 1 + extra) })
    ],
    ['ids of a summary', (extra) => Frame.encode({ kind: Kind.SUMMARY, number: 1, ids: ids(MAX_FRAME_IDS + extra) })],
    ['bytes of a frame', (extra) => ballasted(MAX_MESSAGE_BYTES + extra)]
  ])('%s', (_, make) => {
    expect(() => decodeMessage(make(0))).not.toThrow()
    expect(() => decodeMessage(make(1))).toThrow(INVALID)
  })
})

/** A prune with an unknown field that makes it `bytes` long. */
function ballasted(bytes: number): Uint8Array {
  const prune = Frame.encode({ kind: Kind.PRUNE })
  const ballast = bytes - prune.byteLength - 4
  const head = [(15 << 3) | 2, (ballast & 0x7f) | 0x80, ((ballast >> 7) & 0x7f) | 0x80, ballast >> 14]
  return Buffer.concat([prune, Uint8Array.from(head), new Uint8Array(ballast)])
}

test.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array()],
  ['a kind that does not exist', Uint8Array.of(8, 77)],
  ['no kind', Frame.encode({ number: 1 })],
  ['a field cut short', Uint8Array.of(8, 1, 26, 7, 0)],
  ['a number cut short', Uint8Array.of(8, 1, 16, 0x80)],
  ['bytes after the last field', Uint8Array.of(8, 4, 0xff)],
  ['ids of a broken width', Frame.encode({ kind: Kind.PING, ids: new Uint8Array(8) })],
  ['an id of 54 bits', Frame.encode({ kind: Kind.PING, ids: Uint8Array.of(0x20, 0, 0, 0, 0, 0, 0) })],
  ['hashes of a broken width', Frame.encode({ kind: Kind.DIGEST, buckets: new Uint8Array(5) })],
  ['bucket numbers of a broken width', Frame.encode({ kind: Kind.SUMMARY, number: 9, buckets: new Uint8Array(1) })],
  ['an empty claim', Frame.encode({ kind: Kind.SYNC, claims: [new Uint8Array()] })],
  ['no hops', Frame.encode({ kind: Kind.PUSH })],
  ['a prune with ids', Frame.encode({ kind: Kind.PRUNE, ids: ids(1) })],
  ['a want with claims', Frame.encode({ kind: Kind.WANT, claims: many(1) })],
  ['a ping with buckets', Frame.encode({ kind: Kind.PING, buckets: new Uint8Array(4) })],
  ['a push that is the last', Frame.encode({ kind: Kind.PUSH, number: 1, last: true })],
  ['a sync with a number', Frame.encode({ kind: Kind.SYNC, number: 1 })]
])('%s is refused', (_, bytes) => {
  expect(() => decodeMessage(bytes)).toThrow(INVALID)
})

test('an unknown field is left alone', () => {
  const bytes = Buffer.concat([Frame.encode({ kind: Kind.PRUNE }), Uint8Array.of((15 << 3) | 0, 1)])
  expect(decodeMessage(bytes)).toEqual({ type: 'prune' })
})
