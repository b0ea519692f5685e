import { nextUint32 } from '../../random.ts'
import type { RandomState } from '../../random.ts'

const QUANTILES = 4096
const TABLE = Float32Array.from({ length: QUANTILES }, (_, at) => -Math.log(1 - (at + 0.5) / QUANTILES))

/** Draws from an exponential distribution with mean 1, by a table: a message must not cost a logarithm. */
export class Exponential {
  readonly #state: RandomState

  constructor(state: RandomState) {
    this.#state = state
  }

  next(): number {
    return TABLE[nextUint32(this.#state) & (QUANTILES - 1)] ?? 0
  }

  /** Uniform in [0, 1) with 32 bits. */
  uniform(): number {
    return nextUint32(this.#state) / 4294967296
  }
}
