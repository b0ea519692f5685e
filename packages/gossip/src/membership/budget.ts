/** Bytes a second, saved up to a burst. What is spent beyond it is waited for. */
export class Budget {
  readonly #perSecond: number
  readonly #burst: number
  #bytes: number
  #at = -Infinity

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#bytes = burst
  }

  /** What can be spent now; below 0 after too large a piece. */
  left(now: number): number {
    if (now > this.#at) {
      this.#bytes = Math.min(this.#burst, this.#bytes + ((now - this.#at) * this.#perSecond) / 1000)
      this.#at = now
    }
    return this.#bytes
  }

  spend(bytes: number): void {
    this.#bytes -= bytes
  }

  /** When something can be spent again. */
  freeAt(now: number): number {
    const left = this.left(now)
    return left > 0 ? now : now + Math.ceil((1 - left) / (this.#perSecond / 1000))
  }
}
