import { InvalidMessageError } from '@p2pshare/interface'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Claim } from '../membership/types.ts'
import {
  MAX_CLAIM_BODY_BYTES,
  MAX_CLAIM_BYTES,
  MAX_KEY_BYTES,
  MAX_PEER_ID_BYTES,
  MAX_SIGNATURE_BYTES
} from './limits.ts'
import { MAX_METADATA_BYTES } from '../membership/bounds.ts'
import { ClaimBody, SignedClaim } from './membership.ts'

/** What a claim says, with peers as the multihashes of their ids. */
export interface ClaimContent {
  readonly kind: Claim['kind']
  readonly subject: Uint8Array
  readonly incarnation: number
  /** Only `suspect`. */
  readonly accuser?: Uint8Array
  /** Only `suspect`. */
  readonly evidence?: 'silent' | 'closed'
  /** Only `alive`. */
  readonly metadata?: Uint8Array
}

/** A claim as it travels, checked in form; whether the signature is right is not known yet. */
export interface DecodedClaim extends ClaimContent {
  readonly body: Uint8Array
  readonly signature: Uint8Array
  /** Of the signer, when it is not in its peer id. */
  readonly key?: Uint8Array
}

const KINDS = {
  alive: ClaimBody.Kind.ALIVE,
  left: ClaimBody.Kind.LEFT,
  suspect: ClaimBody.Kind.SUSPECT
} as const
const EVIDENCE = { silent: ClaimBody.Evidence.SILENT, closed: ClaimBody.Evidence.CLOSED } as const

/** The part of a claim that is signed. */
export function encodeClaimBody(content: ClaimContent): Uint8Array<ArrayBuffer> {
  const { kind, subject, incarnation, accuser, evidence, metadata } = content
  return ClaimBody.encode({
    kind: KINDS[kind],
    subject: Uint8Array.from(subject),
    incarnation,
    ...(accuser === undefined ? {} : { accuser: Uint8Array.from(accuser) }),
    ...(evidence === undefined ? {} : { evidence: EVIDENCE[evidence] }),
    ...(metadata === undefined ? {} : { metadata: Uint8Array.from(metadata) })
  })
}

/** The bytes that travel. */
export function encodeSignedClaim(body: Uint8Array, signature: Uint8Array, key?: Uint8Array): Uint8Array<ArrayBuffer> {
  return SignedClaim.encode({
    body: Uint8Array.from(body),
    signature: Uint8Array.from(signature),
    ...(key === undefined ? {} : { key: Uint8Array.from(key) })
  })
}

/** Throws `InvalidMessageError` for everything that no honest node signs. The result shares memory with `wire`. */
export function decodeClaim(wire: Uint8Array): DecodedClaim {
  if (wire.byteLength > MAX_CLAIM_BYTES) {
    throw new InvalidMessageError(`claim: ${wire.byteLength} bytes, at most ${MAX_CLAIM_BYTES}`)
  }
  const { body, signature, key } = decode('claim', () => SignedClaim.decode(wire))
  atMost('body', body, MAX_CLAIM_BODY_BYTES, 1)
  atMost('signature', signature, MAX_SIGNATURE_BYTES, 1)
  atMost('key', key, MAX_KEY_BYTES)
  const content = toContent(decode('claim.body', () => ClaimBody.decode(body)))
  return { ...content, body, signature, ...(key.byteLength === 0 ? {} : { key }) }
}

function toContent({ kind, subject, incarnation, accuser, evidence, metadata }: ClaimBody): ClaimContent {
  atMost('subject', subject, MAX_PEER_ID_BYTES, 1)
  atMost('accuser', accuser, MAX_PEER_ID_BYTES, kind === ClaimBody.Kind.SUSPECT ? 1 : 0)
  atMost('metadata', metadata, MAX_METADATA_BYTES)
  if (!Number.isSafeInteger(incarnation) || incarnation < 1) {
    throw new InvalidMessageError(`claim.incarnation: ${incarnation}, from 1 to 2^53 - 1`)
  }
  const isSuspect = kind === ClaimBody.Kind.SUSPECT
  if (accuser.byteLength > 0 !== isSuspect || (evidence !== ClaimBody.Evidence.NONE) !== isSuspect) {
    throw new InvalidMessageError(`claim: accuser and evidence belong to a suspicion, and only there`)
  }
  if (metadata.byteLength > 0 && kind !== ClaimBody.Kind.ALIVE) {
    throw new InvalidMessageError('claim.metadata: only one that is alive has it')
  }
  switch (kind) {
    case ClaimBody.Kind.ALIVE:
      return { kind: 'alive', subject, incarnation, metadata }
    case ClaimBody.Kind.LEFT:
      return { kind: 'left', subject, incarnation }
    case ClaimBody.Kind.SUSPECT:
      return {
        kind: 'suspect',
        subject,
        incarnation,
        accuser,
        evidence: evidence === ClaimBody.Evidence.CLOSED ? 'closed' : 'silent'
      }
    case ClaimBody.Kind.UNSPECIFIED:
      throw new InvalidMessageError('claim.kind: unspecified')
  }
}

const DOMAIN = new TextEncoder().encode('p2pshare membership claim 1\n')

/** What the signature is over: a claim of one network means nothing in another, nor in another protocol. */
export function signedBytes(network: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(network)
  const bytes = new Uint8Array(DOMAIN.byteLength + 1 + name.byteLength + body.byteLength)
  bytes.set(DOMAIN)
  bytes[DOMAIN.byteLength] = name.byteLength
  bytes.set(name, DOMAIN.byteLength + 1)
  bytes.set(body, DOMAIN.byteLength + 1 + name.byteLength)
  return bytes
}

/** First 53 bits of the SHA-256 of what is signed: the same however it was signed. */
export function claimIdOf(signed: Uint8Array): number {
  return firstBits(sha256(signed))
}

function firstBits(digest: Uint8Array): number {
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength)
  return view.getUint32(0) * 2 ** 21 + (view.getUint32(4) >>> 11)
}

function atMost(field: string, { byteLength }: Uint8Array, max: number, min = 0): void {
  if (byteLength < min || byteLength > max) {
    throw new InvalidMessageError(`claim.${field}: ${byteLength} bytes, from ${min} to ${max}`)
  }
}

function decode<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new InvalidMessageError(`${what}: cannot be decoded`, { cause })
  }
}
