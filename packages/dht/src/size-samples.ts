import { MAX_SAMPLES, REPLICATION, estimateSize } from './rules/network-size.ts'
import type { SizeEstimate, SizeSample } from './rules/network-size.ts'
import { distanceOf } from './rules/position.ts'
import type { Position } from './rules/position.ts'

/** The lookups that tell how large the network is. Pure: the time comes in. */
export class SizeSamples {
  readonly #samples: SizeSample[] = []

  /** Crowded keys and lookups that were cut short have no sample. */
  add(sample: SizeSample | undefined): void {
    if (sample !== undefined) {
      this.#samples.push(sample)
      if (this.#samples.length > MAX_SAMPLES) {
        this.#samples.shift()
      }
    }
  }

  estimate(now: number): SizeEstimate | undefined {
    return estimateSize(this.#samples, now)
  }
}

/**
 * Before lookups have told more: from the own neighbourhood, which a table knows best. A neighbourhood that is not
 * complete yet looks thinner than it is, so that the guess is too small rather than too large. `undefined` when alone.
 */
export function guessSize(self: Position, nearest: readonly Position[]): number | undefined {
  if (nearest.length < REPLICATION) {
    return nearest.length === 0 ? undefined : nearest.length + 1
  }
  const last = nearest[REPLICATION - 1]
  return last === undefined ? undefined : (REPLICATION - 1) / distanceOf(last, self)
}
