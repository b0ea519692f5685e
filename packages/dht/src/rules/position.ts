/**
 * Where a key or a peer is in the key space: the first 64 bits of the SHA-256 that Kademlia compares, as two unsigned
 * 32-bit words. Networks are far below 2^32 nodes, so the bits behind decide nothing.
 */
export interface Position {
  readonly high: number
  readonly low: number
}

/** Somebody who can be asked. */
export interface Contact {
  /** Names the peer: its peer id as text. */
  readonly key: string
  readonly position: Position
  /** Who shares its fate on the network (`ipGroup`); `undefined` when it does not count against anybody. */
  readonly group?: string
}

const WORD = 2 ** 32

/** Bits that can be flipped and compared. */
export const POSITION_BITS = 64

/** Of the first eight bytes of a hash. */
export function positionOf(hash: Uint8Array): Position {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength)
  return { high: view.getUint32(0), low: view.getUint32(4) }
}

/** XOR distance as a share of the key space, in `[0, 1)`, exact to 53 bits. */
export function distanceOf(a: Position, b: Position): number {
  return (((a.high ^ b.high) >>> 0) + ((a.low ^ b.low) >>> 0) / WORD) / WORD
}

/** The position that differs from `position` in the bit `bit`, counted from 0 at the front. */
export function flipBit({ high, low }: Position, bit: number): Position {
  return bit < 32
    ? { high: (high ^ (1 << (31 - bit))) >>> 0, low }
    : { high, low: (low ^ (1 << (POSITION_BITS - 1 - bit))) >>> 0 }
}

/** Bits that `a` and `b` have in common at the front. */
export function commonPrefix(a: Position, b: Position): number {
  const high = (a.high ^ b.high) >>> 0
  return high === 0 ? 32 + Math.clz32((a.low ^ b.low) >>> 0) : Math.clz32(high)
}
