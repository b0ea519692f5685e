import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { MAX_LEAVES } from '../../src/constants.ts'
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts'
import type { Message } from '../../src/wire/codec.ts'
import {
  MAX_CID_BYTES,
  MAX_CONTROL_BYTES,
  MAX_CONTROL_FIELDS,
  MAX_LEAF_BLOCKS,
  MAX_NODE_CIDS,
  MAX_RANGES,
  MAX_RUNS,
  SESSION_ID_BYTES
} from '../../src/wire/limits.ts'
import { Control, Lane } from '../../src/wire/messages.ts'
import { plain } from './support/arbitrary.ts'
import { refusal } from './support/refusal.ts'

const root = cid(32)

/** A CID of `digestBytes + 4` bytes. */
function cid(digestBytes: number): CID {
  return CID.createV1(0x55, Digest.create(0x12, new Uint8Array(digestBytes).fill(7)))
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

const ranges = (count: number): Message => ({
  type: 'have',
  // as long as ranges get: far apart, near the end
  ranges: times(count, (index) => ({ start: MAX_LEAVES - 2 * (count - index), count: 1 }))
})
const runs = (type: 'request' | 'cancel' | 'reject', count: number): Message => {
  const all = times(count, (index) => ({ leaf: MAX_LEAVES - 1 - index, first: 1, count: MAX_LEAF_BLOCKS - 1 }))
  return type === 'reject' ? { type, reason: 'busy', runs: all, nodes: 0xffff_ffff } : { type, runs: all }
}
const getNodes = (count: number, digestBytes = 32): Message => ({
  type: 'get-nodes',
  id: 0xffff_ffff,
  cids: times(count, () => cid(digestBytes))
})
const request = (leaf: number, first: number, count: number): Message => ({
  type: 'request',
  runs: [{ leaf, first, count }]
})
const hello = (session: number): Message => ({
  type: 'hello',
  root,
  lane: 'control',
  session: new Uint8Array(session)
})

test.each<[name: string, atTheBound: Message, past: Message]>([
  ['MAX_RANGES', ranges(MAX_RANGES), ranges(MAX_RANGES + 1)],
  ['MAX_RUNS in a REQUEST', runs('request', MAX_RUNS), runs('request', MAX_RUNS + 1)],
  ['MAX_RUNS in a CANCEL', runs('cancel', MAX_RUNS), runs('cancel', MAX_RUNS + 1)],
  ['MAX_RUNS in a REJECT', runs('reject', MAX_RUNS), runs('reject', MAX_RUNS + 1)],
  ['MAX_RUNS in a GRANT', { type: 'grant', leaves: MAX_RUNS }, { type: 'grant', leaves: MAX_RUNS + 1 }],
  ['one leaf in a GRANT', { type: 'grant', leaves: 1 }, { type: 'grant', leaves: 0 }],
  ['MAX_NODE_CIDS', getNodes(MAX_NODE_CIDS), getNodes(MAX_NODE_CIDS + 1)],
  ['MAX_CID_BYTES', getNodes(MAX_NODE_CIDS, MAX_CID_BYTES - 4), getNodes(1, MAX_CID_BYTES - 3)],
  ['MAX_LEAF_BLOCKS', request(0, 0, MAX_LEAF_BLOCKS), request(0, 0, MAX_LEAF_BLOCKS + 1)],
  ['MAX_LEAF_BLOCKS from the last block', request(0, MAX_LEAF_BLOCKS - 1, 1), request(0, MAX_LEAF_BLOCKS - 1, 2)],
  ['MAX_LEAVES in a run', request(MAX_LEAVES - 1, 0, 1), request(MAX_LEAVES, 0, 1)],
  [
    'MAX_LEAVES in a range',
    { type: 'have', ranges: [{ start: 0, count: MAX_LEAVES }] },
    { type: 'have', ranges: [{ start: 1, count: MAX_LEAVES }] }
  ],
  ['SESSION_ID_BYTES', hello(SESSION_ID_BYTES), hello(SESSION_ID_BYTES + 1)],
  ['SESSION_ID_BYTES, one less', hello(SESSION_ID_BYTES), hello(SESSION_ID_BYTES - 1)]
])('%s: the bound is accepted and one past it is not', (_, atTheBound, past) => {
  const bytes = encodeMessage(atTheBound)
  expect(bytes.byteLength).toBeLessThanOrEqual(MAX_CONTROL_BYTES)
  expect(plain(decodeMessage(bytes))).toEqual(plain(atTheBound))
  expect(refusal(() => decodeMessage(encodeMessage(past)))).toBeDefined()
})

test('a message of MAX_CONTROL_BYTES is read, one byte more is refused before it is decoded', () => {
  const core = encodeMessage({ type: 'grant', leaves: 1 })
  const padded = (bytes: number): Uint8Array => {
    // an unknown field with a three-byte length fills up the rest
    const filler = bytes - core.byteLength - 5
    const header = [0xfa, 1, (filler & 0x7f) | 0x80, ((filler >> 7) & 0x7f) | 0x80, filler >> 14]
    return Uint8Array.from([...core, ...header, ...new Uint8Array(filler)])
  }
  expect(decodeMessage(padded(MAX_CONTROL_BYTES))).toEqual({ type: 'grant', leaves: 1 })
  expect(refusal(() => decodeMessage(padded(MAX_CONTROL_BYTES + 1)))?.message).toContain(String(MAX_CONTROL_BYTES))
})

test('a WANT that says nothing of adding replaces', () => {
  const message = decodeMessage(encodeMessage({ type: 'want', ranges: [], urgent: false }))
  expect(message).toEqual({ type: 'want', ranges: [], urgent: false, adds: false })
})

test('a message with two parts is refused, whatever they are', () => {
  const bytes = Control.encode({ grant: { leaves: 1 }, ack: { bytes: 1, move: 0, last: false, heard: 0 } })
  expect(refusal(() => decodeMessage(bytes))?.message).toContain('2 parts')
})

test('an unspecified lane is refused', () => {
  const { root: bytes } = { root: new Uint8Array(root.bytes) }
  const session = new Uint8Array(SESSION_ID_BYTES)
  const hello = { root: bytes, lane: Lane.LANE_UNSPECIFIED, session, moves: false, move: 0, heard: 0 }
  expect(refusal(() => decodeMessage(Control.encode({ hello })))?.message).toContain('lane')
})

test('a small message cannot claim more than it has: nothing is made for a count that is not there', () => {
  // 4 GiB of runs, of ranges and of CIDs, claimed in a few bytes
  for (const tag of [0x32, 0x42, 0x4a, 0x52, 0x12, 0x1a]) {
    const claim = Uint8Array.of(tag, 0xff, 0xff, 0xff, 0xff, 0x0f)
    expect(refusal(() => decodeMessage(claim))).toBeDefined()
  }
})

test('with as many fields as the limit a message is read, with one more it is not, however small they are', () => {
  const pass = encodeMessage({ type: 'pass', ranges: [] })
  // field 1000, a number: of a later version
  const unknown = Uint8Array.of(0xc0, 0x3e, 1)
  const withUnknown = (fields: number): Uint8Array => Buffer.concat([pass, ...times(fields, () => unknown)])
  expect(decodeMessage(withUnknown(MAX_CONTROL_FIELDS - 1))).toEqual({ type: 'pass', ranges: [] })
  expect(() => decodeMessage(withUnknown(MAX_CONTROL_FIELDS))).toThrow(/more than 16 fields/u)
  expect(() => decodeMessage(Buffer.alloc(MAX_CONTROL_BYTES, Uint8Array.of(0x12, 0x00)))).toThrow(
    /more than 16 fields/u
  )
})
