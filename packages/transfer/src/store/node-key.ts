import type { CID } from 'multiformats/cid'

/** Map key of a block: its multihash, so that CIDv0 and CIDv1 of the same bytes meet. One byte a character. */
export function nodeKey(cid: CID): string {
  const { bytes } = cid.multihash
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
