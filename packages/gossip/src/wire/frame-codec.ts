import { InvalidMessageError } from '@p2pshare/interface'
import {
  MAX_DIGEST_BUCKETS,
  MAX_MESSAGE_BYTES,
  MAX_PING_CLAIMS,
  MAX_PING_IDS,
  MAX_WANT_IDS
} from '../membership/bounds.ts'
import type { MembershipMessage } from '../membership/types.ts'
import { packIds, packNumbers, unpackIds, unpackNumbers } from './fixed-width.ts'
import { MAX_CLAIM_BYTES, MAX_FRAME_CLAIMS, MAX_FRAME_IDS } from './limits.ts'
import { Frame } from './membership.ts'

type WithRawClaims<T> = T extends { readonly claims: unknown }
  ? Omit<T, 'claims' | 'stale'> & { readonly claims: readonly Uint8Array[] }
  : T

/** A message whose claims are still as they travelled: bytes of the frame, not copied. */
export type RawMessage = WithRawClaims<MembershipMessage>

/** A nonce is one byte. */
const MAX_NONCE = 255

/** Hops beyond a byte are said to be so many: no network is so wide. */
const MAX_HOPS = 255

const KINDS = {
  ping: Frame.Kind.PING,
  ack: Frame.Kind.ACK,
  push: Frame.Kind.PUSH,
  prune: Frame.Kind.PRUNE,
  want: Frame.Kind.WANT,
  digest: Frame.Kind.DIGEST,
  summary: Frame.Kind.SUMMARY,
  sync: Frame.Kind.SYNC
} as const

/** The frame of a message that keeps to the bounds of `membership/bounds.ts`. */
export function encodeMessage(message: MembershipMessage): Uint8Array<ArrayBuffer> {
  return encodeRaw('claims' in message ? { ...message, claims: message.claims.map(({ wire }) => wire) } : message)
}

function encodeRaw(message: RawMessage): Uint8Array<ArrayBuffer> {
  const kind = KINDS[message.type]
  switch (message.type) {
    case 'ping':
    case 'ack':
      return Frame.encode({ kind, number: message.nonce, ids: packIds(message.ids), claims: asOwned(message.claims) })
    case 'push':
      return Frame.encode({ kind, number: Math.min(message.hops, MAX_HOPS), claims: asOwned(message.claims) })
    case 'prune':
      return Frame.encode({ kind })
    case 'want':
      return Frame.encode({ kind, ids: packIds(message.ids) })
    case 'digest':
      return Frame.encode({ kind, number: message.members, buckets: packNumbers(message.buckets, 4) })
    case 'summary':
      return Frame.encode({
        kind,
        number: message.of,
        ids: packIds(message.ids),
        buckets: packNumbers(message.buckets, 2),
        last: message.answer
      })
    case 'sync':
      return Frame.encode({ kind, claims: asOwned(message.claims), last: message.done })
  }
}

/** protons wants arrays over an `ArrayBuffer`; ours never are over shared memory. */
function asOwned(claims: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
  return claims as Uint8Array<ArrayBuffer>[]
}

/**
 * Throws `InvalidMessageError` for everything that no honest node sends: what is too large, does not decode, or has a
 * field that its kind does not have. Unknown fields are ignored.
 */
export function decodeMessage(bytes: Uint8Array): RawMessage {
  if (bytes.byteLength > MAX_MESSAGE_BYTES) {
    throw new InvalidMessageError(`frame: ${bytes.byteLength} bytes, at most ${MAX_MESSAGE_BYTES}`)
  }
  const frame = decode(bytes)
  const { number } = frame
  switch (frame.kind) {
    case Frame.Kind.PING:
    case Frame.Kind.ACK:
      only(frame, ['number', 'ids', 'claims'])
      return pingOf(frame)
    case Frame.Kind.PUSH:
      only(frame, ['number', 'claims'])
      return { type: 'push', hops: between('number', number, 1, MAX_HOPS), claims: claimsOf(frame) }
    case Frame.Kind.PRUNE:
      only(frame, [])
      return { type: 'prune' }
    case Frame.Kind.WANT:
      only(frame, ['ids'])
      return { type: 'want', ids: unpackIds(frame.ids, MAX_WANT_IDS) }
    case Frame.Kind.DIGEST:
      only(frame, ['number', 'buckets'])
      return { type: 'digest', members: number, buckets: unpackNumbers(frame.buckets, 4, MAX_DIGEST_BUCKETS) }
    case Frame.Kind.SUMMARY:
      only(frame, ['number', 'ids', 'buckets', 'last'])
      return summaryOf(frame)
    case Frame.Kind.SYNC:
      only(frame, ['claims', 'last'])
      return { type: 'sync', claims: claimsOf(frame), done: frame.last }
    case Frame.Kind.UNSPECIFIED:
      throw new InvalidMessageError('frame.kind: unspecified')
  }
}

function pingOf(frame: Frame): RawMessage {
  return {
    type: frame.kind === Frame.Kind.PING ? 'ping' : 'ack',
    nonce: between('number', frame.number, 0, MAX_NONCE),
    ids: unpackIds(frame.ids, MAX_PING_IDS),
    claims: claimsOf(frame, MAX_PING_CLAIMS)
  }
}

function summaryOf(frame: Frame): RawMessage {
  const of = between('number', frame.number, 0, MAX_DIGEST_BUCKETS)
  const buckets = unpackNumbers(frame.buckets, 2, MAX_DIGEST_BUCKETS)
  if (buckets.some((bucket) => bucket >= of)) {
    throw new InvalidMessageError(`frame.buckets: one is not below ${of}`)
  }
  return { type: 'summary', of, buckets, ids: unpackIds(frame.ids, MAX_FRAME_IDS), answer: frame.last }
}

function claimsOf({ claims }: Frame, max = MAX_FRAME_CLAIMS): Uint8Array[] {
  if (claims.length > max) {
    throw new InvalidMessageError(`frame.claims: ${claims.length} elements, at most ${max}`)
  }
  for (const { byteLength } of claims) {
    between('claims', byteLength, 1, MAX_CLAIM_BYTES)
  }
  return claims
}

function between(field: string, value: number, min: number, max: number): number {
  if (value < min || value > max) {
    throw new InvalidMessageError(`frame.${field}: ${value}, from ${min} to ${max}`)
  }
  return value
}

type Field = 'number' | 'ids' | 'buckets' | 'claims' | 'last'

function only(frame: Frame, allowed: readonly Field[]): void {
  for (const field of ['number', 'ids', 'buckets', 'claims', 'last'] as const) {
    const value = frame[field]
    if ((typeof value === 'object' ? value.length > 0 : Boolean(value)) && !allowed.includes(field)) {
      throw new InvalidMessageError(`frame.${field}: a frame of kind ${frame.kind} has none`)
    }
  }
}

function decode(bytes: Uint8Array): Frame {
  try {
    return Frame.decode(bytes, { limits: { claims: MAX_FRAME_CLAIMS } })
  } catch (cause) {
    throw new InvalidMessageError('frame: cannot be decoded', { cause })
  }
}
