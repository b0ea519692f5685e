import { MAX_SAMPLES, REPLICATION, estimateSize } from './rules/network-size.ts'
import type { KnownSize, SizeEstimate, SizeSample } from './rules/network-size.ts'
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
 * Before anything else is known: from the own neighbourhood, which a table knows best. One that is not complete yet looks
 * thinner than it is. `undefined` when alone; fewer than 20 `ranks` say that it is no more than a lower bound.
 */
export function guessSize(self: Position, nearest: readonly Position[]): Required<KnownSize> | undefined {
  if (nearest.length < REPLICATION) {
    return nearest.length === 0 ? undefined : { nodes: nearest.length + 1, ranks: nearest.length }
  }
  const last = nearest[REPLICATION - 1]
  return last === undefined ? undefined : { nodes: (REPLICATION - 1) / distanceOf(last, self), ranks: REPLICATION }
}
