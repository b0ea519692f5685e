import { POSITION_BITS, commonPrefix, flipBit } from './position.ts'
import type { Position } from './position.ts'

/** A part of the key space: every position that begins with these bits. */
export interface Prefix {
  /** The first of them: zeros behind the bits that count. */
  readonly position: Position
  /** Bits that count. */
  readonly length: number
}

/** The whole key space. */
export const EVERYTHING: Prefix = Object.freeze({ position: Object.freeze({ high: 0, low: 0 }), length: 0 })

/** The part of the key space, `length` bits deep, that `position` is in. */
export function prefixOf(position: Position, length: number): Prefix {
  return { position: blend(position, { high: 0, low: 0 }, length), length }
}

/** The first `length` bits of one and the rest of the other. */
export function blend(front: Position, back: Position, length: number): Position {
  const high = maskOf(length)
  const low = maskOf(length - 32)
  return {
    high: ((front.high & high) | (back.high & ~high)) >>> 0,
    low: ((front.low & low) | (back.low & ~low)) >>> 0
  }
}

/** Whether a position is in that part of the key space. */
export function isUnder(position: Position, prefix: Prefix): boolean {
  return commonPrefix(position, prefix.position) >= prefix.length
}

/** Whether `inner` is a part of `outer`, or the same. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && isUnder(inner.position, outer)
}

/** Its two halves, the one that begins with a zero first. A single position has none. */
export function halves(prefix: Prefix): readonly Prefix[] {
  if (prefix.length >= POSITION_BITS) {
    return []
  }
  const length = prefix.length + 1
  return [
    { position: prefix.position, length },
    { position: flipBit(prefix.position, prefix.length), length }
  ]
}

/** The part that is twice as large; the whole key space has none larger. */
export function parent({ position, length }: Prefix): Prefix {
  return prefixOf(position, Math.max(0, length - 1))
}

/** The first `bits` of 32, as a mask. */
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits)
}
