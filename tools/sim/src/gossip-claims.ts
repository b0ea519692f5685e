import type { Claim, MembershipMessage, UnsignedClaim } from '@p2pshare/gossip/membership'

/** Frame, Noise, yamux, TCP and IP of a message: what the study counted, too. */
export const OVERHEAD_BYTES = 80

/** Addresses, roles and version of a member, as the study had them. */
export const METADATA_BYTES = 96

/** Fields of a claim's body: kind, a peer's multihash with tag and length, an incarnation of our time. */
const KIND_BYTES = 2
const PEER_BYTES = 40
const INCARNATION_BYTES = 7
const EVIDENCE_BYTES = 2
/** Ed25519, with tag and length. */
const SIGNATURE_BYTES = 66
/** In a frame: an id, the hash of a bucket, the number of a bucket. */
const ID_BYTES = 7
const HASH_BYTES = 4
const BUCKET_BYTES = 2
/** A flag, or tag and length of a short field. */
const FIELD_BYTES = 2

export const KINDS = ['ping', 'ack', 'push', 'prune', 'want', 'digest', 'summary', 'sync'] as const

const NO_WIRE = new Uint8Array()

/** Claims as they would be signed, without signatures: nobody in a simulation can lie about who said it. */
export class ClaimMaker {
  #made = 0

  sign(signer: number, claim: UnsignedClaim): Claim {
    const { kind, subject, incarnation, evidence, metadata } = claim
    const bytes = bytesOfClaim(kind === 'suspect', metadata?.length ?? 0)
    return {
      kind,
      subject,
      incarnation,
      signer,
      ...(evidence === undefined ? {} : { evidence }),
      ...(metadata === undefined ? {} : { metadata }),
      id: scattered(this.#made++),
      bytes,
      wire: NO_WIRE
    }
  }
}

/** Ids are hashes: 53 bits that look random and differ for every number. */
function scattered(made: number): number {
  const low = Math.imul(made + 1, 0x9e3779b1) >>> 0
  const high = (Math.imul(made ^ 0x5bd1e995, 0x85ebca6b) >>> 11) & 0x1fffff
  return high * 2 ** 32 + low
}

/** Bytes and messages by kind. */
export class TrafficMeter {
  readonly bytes = new Float64Array(KINDS.length)
  readonly messages = new Float64Array(KINDS.length)

  /** Bytes of a message as it travels, without overhead; counted. */
  weigh(message: MembershipMessage): number {
    const kind = KINDS.indexOf(message.type)
    const bytes = bytesOf(message)
    this.bytes[kind] = (this.bytes[kind] ?? 0) + bytes
    this.messages[kind] = (this.messages[kind] ?? 0) + 1
    return bytes
  }

  /** Bytes with overhead by kind, so far. */
  totals(): number[] {
    return KINDS.map((_, at) => (this.bytes[at] ?? 0) + OVERHEAD_BYTES * (this.messages[at] ?? 0))
  }
}

function bytesOfClaim(isSuspicion: boolean, metadataBytes: number): number {
  const accuser = isSuspicion ? PEER_BYTES + EVIDENCE_BYTES : 0
  const metadata = metadataBytes > 0 ? bytesOfField(metadataBytes) : 0
  return bytesOfField(KIND_BYTES + PEER_BYTES + INCARNATION_BYTES + accuser + metadata) + SIGNATURE_BYTES
}

/** What the codec of `@p2pshare/gossip` makes of it (packages/gossip/src/wire/membership.proto), with the length before. */
function bytesOf(message: MembershipMessage): number {
  const body = KIND_BYTES + bytesOfBody(message)
  return bytesOfNumber(body) + body
}

function bytesOfBody(message: MembershipMessage): number {
  switch (message.type) {
    case 'ping':
    case 'ack':
      return bytesOfCount(message.nonce) + bytesOfList(message.ids.length * ID_BYTES) + bytesOfClaims(message.claims)
    case 'push':
      return bytesOfCount(message.hops) + bytesOfClaims(message.claims)
    case 'sync':
      return bytesOfClaims(message.claims) + (message.done ? FIELD_BYTES : 0)
    case 'prune':
      return 0
    case 'want':
      return bytesOfList(message.ids.length * ID_BYTES)
    case 'digest':
      return bytesOfCount(message.members) + bytesOfList(message.buckets.length * HASH_BYTES)
    case 'summary':
      return (
        bytesOfCount(message.of) +
        bytesOfList(message.ids.length * ID_BYTES) +
        bytesOfList(message.buckets.length * BUCKET_BYTES) +
        (message.answer ? FIELD_BYTES : 0)
      )
  }
}

function bytesOfClaims(claims: readonly Claim[]): number {
  let bytes = 0
  for (const claim of claims) {
    bytes += bytesOfField(claim.bytes)
  }
  return bytes
}

function bytesOfList(bytes: number): number {
  return bytes === 0 ? 0 : bytesOfField(bytes)
}

function bytesOfField(bytes: number): number {
  return 1 + bytesOfNumber(bytes) + bytes
}

function bytesOfCount(count: number): number {
  return count === 0 ? 0 : 1 + bytesOfNumber(count)
}

/** A varint. */
function bytesOfNumber(number: number): number {
  return number < 128 ? 1 : number < 16_384 ? 2 : 3
}
