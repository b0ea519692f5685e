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

/** The value that is not exceeded with `probability`. */
export function gammaInv(shape: number, probability: number): number {
  return bisect(shape + 20 * Math.sqrt(shape) + 20, (x) => gammaCdf(shape, x) < probability)
}

/**
 * The quotient of two such values, of whole shapes `over` and `under`, that is not exceeded with `probability`: what is
 * measured by the one, when the other says in what unit.
 */
export function gammaRatioInv(over: number, under: number, probability: number): number {
  // their share of the sum follows the Beta distribution, whose sum is the tail of a binomial one
  const share = bisect(1, (x) => binomialTail(over + under - 1, over, x) < probability)
  return share / (1 - share)
}

/** Probability of at least `least` successes in `tries`. */
function binomialTail(tries: number, least: number, success: number): number {
  // logarithms: the first term of 600 tries is beyond what a number holds
  let log = tries * Math.log1p(-success)
  let below = 0
  for (let n = 0; n < least; n++) {
    below += Math.exp(log)
    log += Math.log(((tries - n) / (n + 1)) * (success / (1 - success)))
  }
  return 1 - below
}

/** Where in `[0, high]` `isBelow` ends, to 1e-9. */
function bisect(high: number, isBelow: (x: number) => boolean): number {
  let low = 0
  while (high - low > 1e-9) {
    const middle = (low + high) / 2
    if (isBelow(middle)) {
      low = middle
    } else {
      high = middle
    }
  }
  return high
}
