import {
  MAX_CONTACTS,
  MAX_METADATA_BYTES,
  MAX_PUSH_CLAIMS,
  MAX_SUMMARY_IDS,
  MAX_SYNC_CLAIMS
} from '../membership/bounds.ts'

/** Claims in one frame of any kind. */
export const MAX_FRAME_CLAIMS = Math.max(MAX_PUSH_CLAIMS, MAX_SYNC_CLAIMS)

/** Ids in one frame of any kind: summaries have the most. */
export const MAX_FRAME_IDS = MAX_SUMMARY_IDS

/** Addresses a member says it has. */
export const MAX_METADATA_ADDRESSES = 16

/** Bytes of one of them: two peer ids, a relay, a long DNS name and certificate hashes fit. */
export const MAX_METADATA_ADDRESS_BYTES = 256

/** Roles of a member. */
export const MAX_ROLES = 8

/** Characters of one role: a word. */
export const MAX_ROLE_LENGTH = 32

/** Characters of a member's version. */
export const MAX_VERSION_LENGTH = 64

/** Bytes of a peer id: an identity multihash of the largest key that is inlined. SHA-256 needs 34, Ed25519 38. */
export const MAX_PEER_ID_BYTES = 44

/** Bytes of a signature: RSA with 4,096 bits. Ed25519 needs 64. */
export const MAX_SIGNATURE_BYTES = 512

/** Bytes of a key that its peer id does not contain: RSA with 4,096 bits, with framing. */
export const MAX_KEY_BYTES = 600

/** Bytes of what is signed: metadata, two peer ids, and 128 bytes for fields of newer versions. */
export const MAX_CLAIM_BODY_BYTES = MAX_METADATA_BYTES + 2 * MAX_PEER_ID_BYTES + 128

/** Bytes of a claim with its signature and key, with 16 of framing. */
export const MAX_CLAIM_BYTES = MAX_CLAIM_BODY_BYTES + MAX_SIGNATURE_BYTES + MAX_KEY_BYTES + 16

/** Claims kept for the next life of this node. */
export const MAX_SNAPSHOT_CLAIMS = MAX_CONTACTS

/** Bytes of these claims, with room for the largest metadata. */
export const MAX_SNAPSHOT_BYTES = 1024 * 1024
