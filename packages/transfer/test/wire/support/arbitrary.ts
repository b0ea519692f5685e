import { BULK_TOKEN_BYTES } from '@p2pshare/interface'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { BLOCK_BYTES, MAX_LEAF_BYTES, MAX_LEAVES, MAX_NODE_BYTES } from '../../../src/constants.ts'
import { toRanges } from '../../../src/swarm/bitfield.ts'
import type { Message, RejectReason, Run } from '../../../src/wire/codec.ts'
import type { FrameHeader } from '../../../src/wire/frame.ts'
import { MAX_LEAF_BLOCKS, MAX_NODE_CIDS, MAX_RUNS, SESSION_ID_BYTES } from '../../../src/wire/limits.ts'

const UINT32_MAX = 0xffff_ffff
const REASONS: RejectReason[] = ['unknown-root', 'not-held', 'busy', 'gone', 'duplicate', 'banned']

export const cids: fc.Arbitrary<CID> = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom('v0', 'raw', 'dag-pb'))
  .map(([bytes, kind]) => {
    const digest = Digest.create(0x12, bytes)
    return kind === 'v0' ? CID.createV0(digest) : CID.createV1(kind === 'raw' ? 0x55 : 0x70, digest)
  })

/** Sets of indices, as the ranges that are their one form. */
export const ranges = fc
  .array(fc.oneof(fc.nat({ max: 200 }), fc.nat({ max: MAX_LEAVES - 1 })), { maxLength: 60 })
  .map((indices) => toRanges(indices))

const runs: fc.Arbitrary<Run[]> = fc.array(
  fc
    .tuple(fc.nat({ max: MAX_LEAVES - 1 }), fc.nat({ max: MAX_LEAF_BLOCKS - 1 }), fc.nat({ max: MAX_LEAF_BLOCKS - 1 }))
    .map(([leaf, a, b]) => ({ leaf, first: Math.min(a, b), count: Math.abs(a - b) + 1 })),
  { maxLength: 40 }
)

const ids = fc.integer({ min: 1, max: UINT32_MAX })

export const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    root: cids,
    lane: fc.constantFrom('control' as const, 'data' as const),
    session: fc.uint8Array({ minLength: SESSION_ID_BYTES, maxLength: SESSION_ID_BYTES })
  }),
  fc.record(
    {
      type: fc.constant('hello' as const),
      root: cids,
      lane: fc.constantFrom('control' as const, 'data' as const),
      session: fc.uint8Array({ minLength: SESSION_ID_BYTES, maxLength: SESSION_ID_BYTES }),
      moves: fc.constant(true as const),
      move: ids,
      heard: fc.integer({ min: 1 })
    },
    { requiredKeys: ['type', 'root', 'lane', 'session'] }
  ),
  fc.record(
    {
      type: fc.constant('ack' as const),
      bytes: fc.maxSafeNat(),
      move: ids,
      last: fc.constant(true as const),
      heard: fc.integer({ min: 1 })
    },
    { requiredKeys: ['type', 'bytes'] }
  ),
  fc.record({ type: fc.constant('end' as const) }),
  fc.record({ type: fc.constant('resume' as const), place: fc.maxSafeNat() }),
  fc.record({ type: fc.constant('want' as const), ranges, urgent: fc.boolean(), adds: fc.boolean() }),
  fc.record({ type: fc.constantFrom('have' as const, 'offer' as const, 'pass' as const), ranges }),
  fc.record({ type: fc.constant('grant' as const), leaves: fc.integer({ min: 1, max: MAX_RUNS }) }),
  fc.record({ type: fc.constantFrom('request' as const, 'cancel' as const), runs }),
  fc.record({
    type: fc.constant('reject' as const),
    reason: fc.constantFrom(...REASONS),
    runs,
    nodes: fc.nat({ max: UINT32_MAX })
  }),
  fc.record({
    type: fc.constant('get-nodes' as const),
    id: fc.integer({ min: 1, max: UINT32_MAX }),
    cids: fc.array(cids, { maxLength: 10 })
  }),
  fc.record({ type: fc.constant('channel' as const), step: fc.constantFrom('ask', 'open', 'closed'), id: ids }),
  fc.record({ type: fc.constant('channel-reply' as const), step: fc.constantFrom('refuse', 'closed'), id: ids }),
  fc.record({
    type: fc.constantFrom('channel' as const, 'channel-reply' as const),
    step: fc.constant('invite' as const),
    id: ids,
    token: fc.uint8Array({ minLength: BULK_TOKEN_BYTES, maxLength: BULK_TOKEN_BYTES }),
    port: fc.integer({ min: 1, max: 0xffff })
  })
)

export const frameHeaders: fc.Arbitrary<FrameHeader> = fc.oneof(
  fc
    .tuple(
      fc.nat({ max: MAX_LEAVES - 1 }),
      fc.nat({ max: MAX_LEAF_BLOCKS - 1 }),
      fc.double({ min: 0, max: 1, noNaN: true })
    )
    .map(([leaf, firstBlock, share]) => {
      const most = MAX_LEAF_BYTES - firstBlock * BLOCK_BYTES
      return { kind: 'data' as const, leaf, firstBlock, bytes: Math.max(1, Math.floor(most * share)) }
    }),
  fc.record({
    kind: fc.constant('node' as const),
    request: fc.integer({ min: 1, max: UINT32_MAX }),
    ordinal: fc.nat({ max: MAX_NODE_CIDS - 1 }),
    bytes: fc.nat({ max: MAX_NODE_BYTES })
  })
)

/** A message with nothing in it that compares by identity. */
export function plain(message: Message): unknown {
  switch (message.type) {
    case 'hello':
      return { ...message, root: message.root.toString(), session: Buffer.from(message.session).toString('hex') }
    case 'get-nodes':
      return { ...message, cids: message.cids.map(String) }
    case 'channel':
    case 'channel-reply':
      return message.step === 'invite' ? { ...message, token: Buffer.from(message.token).toString('hex') } : message
    default:
      return message
  }
}
