/** Busy time in one sample. Long enough to bridge a leaf that waits for the disk, short enough to start fast. */
const SAMPLE_MS = 50
/** Samples kept: a few seconds of work. */
const KEPT = 64
/** Fewer say nothing: the first bytes go into the system's buffers at the speed of memory. */
const MIN_SAMPLES = 3
/** Taking the rate too high by far costs little, too low a lot (docs/swarm-scheduling.md): so a high percentile, and more. */
const PERCENTILE = 0.9
const MARGIN = 1.25

/**
 * How fast this node sends when it has something to send: only time in which something waited to be sent counts. Pure: the
 * time is passed in.
 */
export class UploadRate {
  readonly #samples: number[] = []
  #estimate: number | undefined
  #bytes = 0
  #busyMs = 0
  #countedAt = 0
  #busyUntil = -Infinity

  /** Bytes a millisecond; `undefined` as long as nothing is known. */
  get perMs(): number | undefined {
    return this.#estimate
  }

  /** Something waits to be sent from now to `until`, unless it is said otherwise before; nothing, if that is past. */
  setBusy(until: number, now: number): void {
    this.#count(now)
    this.#busyUntil = until
  }

  sent(bytes: number, now: number): void {
    this.#count(now)
    this.#bytes += bytes
    if (this.#busyMs >= SAMPLE_MS) {
      this.#keep(this.#bytes / this.#busyMs)
      this.#bytes = 0
      this.#busyMs = 0
    }
  }

  #count(now: number): void {
    this.#busyMs += Math.max(0, Math.min(now, this.#busyUntil) - this.#countedAt)
    this.#countedAt = now
  }

  #keep(sample: number): void {
    this.#samples.push(sample)
    if (this.#samples.length > KEPT) {
      this.#samples.shift()
    }
    if (this.#samples.length >= MIN_SAMPLES) {
      const sorted = [...this.#samples].sort((a, b) => a - b)
      this.#estimate = (sorted[Math.floor((sorted.length - 1) * PERCENTILE)] ?? 0) * MARGIN
    }
  }
}
