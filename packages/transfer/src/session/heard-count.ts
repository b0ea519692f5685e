/** Messages are acknowledged when there are so many, or so many bytes of them, for the peer keeps them until then. */
const STEP = 32
const STEP_BYTES = 128 * 1024

/** Counts the control messages of a peer, each once, whichever lanes they come by. Pure. */
export class HeardCount {
  #count = 0
  #told = 0
  #bytes = 0

  get count(): number {
    return this.#count
  }

  /** Whether the peer should be told of what was heard. */
  get isDue(): boolean {
    return this.#count - this.#told >= STEP || this.#bytes >= STEP_BYTES
  }

  /** A message with its place in all that the peer says. Returns false for one that was heard before. */
  add(place: number, bytes: number): boolean {
    if (place < this.#count) {
      return false
    }
    this.#count++
    this.#bytes += bytes
    return true
  }

  /** How many the peer is told of now. */
  tell(): number {
    this.#told = this.#count
    this.#bytes = 0
    return this.#count
  }
}
