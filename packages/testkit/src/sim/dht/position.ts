/** A place in the key space: the first 64 bits, as two unsigned 32-bit words. */
export interface DhtPosition {
  readonly high: number
  readonly low: number
}

/** Nodes nearest to a key that hold its records, and contacts in a bucket (Kademlia's k). */
export const DHT_K = 20

/** Bits that two words have in common at the front. */
export function commonBits(a: number, b: number): number {
  return Math.clz32((a ^ b) >>> 0)
}

/** A word that looks random for every triple, for choices that must not depend on the order of asking. */
export function scatter(a: number, b: number, c: number): number {
  let word = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b ^ (a >>> 13), 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f)
  word = Math.imul(word ^ (word >>> 16), 0x7feb352d)
  word = Math.imul(word ^ (word >>> 15), 0x846ca68b)
  return (word ^ (word >>> 16)) >>> 0
}
