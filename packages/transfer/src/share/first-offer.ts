import type { PeerId } from '@libp2p/interface'

/** Where the first pass over a share begins: seeders of one share begin apart from each other (SPEC.md#uploading). */
export function firstOffer(self: PeerId, leafCount: number): number {
  const [a = 0, b = 0] = self.toMultihash().digest.subarray(-2)
  return Math.floor(((a * 256 + b) / 65536) * leafCount)
}
