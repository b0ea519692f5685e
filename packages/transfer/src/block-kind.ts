import { InvalidMessageError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { UnsupportedDagError } from './errors.ts'

/** What turns a SHA-256 digest into a CID. Small numbers, since one is kept for each link and each leaf. */
export const BlockKind = Object.freeze({
  /** CIDv1, raw codec. */
  raw: 0,
  /** CIDv0, which is always dag-pb. */
  pbV0: 1,
  /** CIDv1, dag-pb. */
  pbV1: 2
} as const)

/** One of the numbers in `BlockKind`. */
export type BlockKind = (typeof BlockKind)[keyof typeof BlockKind]

/** Bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32

export const CODEC_RAW = 0x55
export const CODEC_DAG_PB = 0x70
export const SHA2_256 = 0x12
const IDENTITY = 0x00

/** What a binary CID of each kind begins with; the digest follows. */
export const CID_PREFIX: Readonly<Record<BlockKind, Uint8Array>> = Object.freeze({
  [BlockKind.raw]: Uint8Array.of(1, CODEC_RAW, SHA2_256, DIGEST_BYTES),
  [BlockKind.pbV0]: Uint8Array.of(SHA2_256, DIGEST_BYTES),
  [BlockKind.pbV1]: Uint8Array.of(1, CODEC_DAG_PB, SHA2_256, DIGEST_BYTES)
})

/** Bytes of a binary CID of this kind. */
export function cidBytes(kind: BlockKind): number {
  return CID_PREFIX[kind].byteLength + DIGEST_BYTES
}

/** The CID of a digest. The digest is copied: a view of a buffer that is used again is fine. */
export function cidOf(kind: BlockKind, digest: Uint8Array): CID {
  const hash = Digest.create(SHA2_256, new Uint8Array(digest))
  switch (kind) {
    case BlockKind.raw:
      return CID.createV1(CODEC_RAW, hash)
    case BlockKind.pbV0:
      return CID.createV0(hash)
    case BlockKind.pbV1:
      return CID.createV1(CODEC_DAG_PB, hash)
  }
}

/**
 * Sort a CID that somebody else made.
 *
 * @throws UnsupportedDagError for another codec or hash, identity (inline) CIDs among them.
 * @throws InvalidMessageError for a SHA-256 digest that is not 32 bytes long.
 */
export function blockKindOf(cid: CID): BlockKind {
  if (cid.code !== CODEC_RAW && cid.code !== CODEC_DAG_PB) {
    throw new UnsupportedDagError(`codec 0x${cid.code.toString(16)} is neither raw nor dag-pb`, cid)
  }
  if (cid.multihash.code === IDENTITY) {
    throw new UnsupportedDagError('a block inside its own CID (identity hash)', cid)
  }
  if (cid.multihash.code !== SHA2_256) {
    throw new UnsupportedDagError(`hash 0x${cid.multihash.code.toString(16)} is not sha2-256`, cid)
  }
  if (cid.multihash.digest.byteLength !== DIGEST_BYTES) {
    throw new InvalidMessageError(`sha2-256 digest of ${cid.multihash.digest.byteLength} bytes in ${cid.toString()}`)
  }
  if (cid.code === CODEC_RAW) {
    return BlockKind.raw
  }
  return cid.version === 0 ? BlockKind.pbV0 : BlockKind.pbV1
}
