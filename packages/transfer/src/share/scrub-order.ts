/** A place in the order in which the leaves of a share are read. */
export interface ScrubOrder {
  /** The leaf that is read as number `at`, for `at` from 0 to the number of leaves. */
  leaf(at: number): number
}

/**
 * All leaves of a share once, in an order that `seed` decides: what is damaged together is found soon wherever it is, and a
 * place in the order is one number, whatever the size of the share.
 *
 * @param seed - a whole number in `[0, 2^32)`.
 */
export function scrubOrder(leafCount: number, seed: number): ScrubOrder {
  const first = leafCount === 0 ? 0 : seed % leafCount
  const step = coprimeAbove(Math.floor((leafCount * GOLDEN) % Math.max(1, leafCount)), leafCount)
  return { leaf: (at) => (first + at * step) % leafCount }
}

/** Steps of this part of the whole come everywhere soon. */
const GOLDEN = 0.618_033_988_75

function coprimeAbove(least: number, to: number): number {
  let step = Math.max(1, least)
  while (divisor(step, to) !== 1) {
    step++
  }
  return step
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b)
}
