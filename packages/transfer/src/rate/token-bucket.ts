/**
 * What may go at once after a pause: as many bytes as pass within this time at the cap. Timers of Node are late by a
 * millisecond or two, and by tens of them on a busy machine; what was missed within this time is caught up with.
 */
export const BURST_MS = 50

/** The least burst: frames would have to be smaller than a few blocks otherwise, and cost more than they carry. */
export const MIN_BURST_BYTES = 64 * 1024

/** Bytes that may go at once under a cap. */
export function burstBytesOf(bytesPerSecond: number): number {
  return Math.max(MIN_BURST_BYTES, (bytesPerSecond * BURST_MS) / 1000)
}

/**
 * A cap on bytes over time. In any time `T` at most `T` times the cap and one burst pass, however the cap is changed
 * meanwhile; the larger of two caps counts for the time in which it was in force. Pure: time comes in, in milliseconds.
 */
export class TokenBucket {
  #perMs: number
  #burst: number
  /** Bytes that may pass now; below zero when what had arrived already was more than that. */
  #level = 0
  #at: number

  /** Empty at first: bytes that passed just before there was a cap count too. */
  constructor(bytesPerSecond: number, now: number) {
    this.#perMs = bytesPerSecond / 1000
    this.#burst = burstBytesOf(bytesPerSecond)
    this.#at = now
  }

  get bytesPerSecond(): number {
    return this.#perMs * 1000
  }

  get burstBytes(): number {
    return this.#burst
  }

  /** Another cap from now on. What was saved up under a higher one is lost, what was taken too much stays to be paid. */
  change(bytesPerSecond: number, now: number): void {
    this.#fill(now)
    this.#perMs = bytesPerSecond / 1000
    this.#burst = burstBytesOf(bytesPerSecond)
    this.#fill(now)
  }

  /** Whether so many bytes may pass; of more than a burst, whether nothing more can be saved up for them. */
  has(bytes: number, now: number): boolean {
    this.#fill(now)
    return this.#level >= this.#needed(bytes)
  }

  /** So many bytes pass. */
  take(bytes: number, now: number): void {
    this.#fill(now)
    this.#level -= bytes
  }

  /** Milliseconds until `has`, if nothing is taken meanwhile. */
  waitMs(bytes: number, now: number): number {
    this.#fill(now)
    return Math.max(0, this.#needed(bytes) - this.#level) / this.#perMs
  }

  #needed(bytes: number): number {
    return Math.min(bytes, this.#burst)
  }

  #fill(now: number): void {
    const passed = Math.max(0, now - this.#at)
    this.#at += passed
    this.#level = Math.min(this.#burst, this.#level + passed * this.#perMs)
  }
}
