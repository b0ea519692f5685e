/**
 * The Erlang distribution (Gamma with a whole shape): distance times network size of the k-th nearest of randomly placed
 * peers follows it with shape k.
 */

/** Probability of a value up to `x`. */
export function gammaCdf(shape: number, x: number): number {
  let term = 1
  let sum = 1
  for (let i = 1; i < shape; i++) {
    term *= x / i
    sum += term
  }
  return 1 - Math.exp(-x) * sum
}

/** The value that is not exceeded with `probability`, by bisection to 1e-9. */
export function gammaInv(shape: number, probability: number): number {
  let low = 0
  let high = shape + 20 * Math.sqrt(shape) + 20
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (gammaCdf(shape, middle) < probability) {
      low = middle
    } else {
      high = middle
    }
  }
  return high
}
