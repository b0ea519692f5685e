/**
 * Complete shares whose map, nodes and files are open at once. One of 1,000 files takes about half a megabyte; a node may
 * remember thousands, and few are asked for at the same time.
 */
export const MAX_AWAKE_SHARES = 128

/** Which shares are open, the least recently used first; those above the bound go to sleep when nobody is served. */
export class Awake<Share> {
  readonly #shares = new Set<Share>()
  readonly #isIdle: (share: Share) => boolean
  readonly #sleep: (share: Share) => void

  constructor(isIdle: (share: Share) => boolean, sleep: (share: Share) => void) {
    this.#isIdle = isIdle
    this.#sleep = sleep
  }

  get size(): number {
    return this.#shares.size
  }

  /** A share is open, and used now. */
  use(share: Share): void {
    this.#shares.delete(share)
    this.#shares.add(share)
    for (const other of this.#shares) {
      if (this.#shares.size <= MAX_AWAKE_SHARES) {
        return
      }
      if (other !== share && this.#isIdle(other)) {
        this.#shares.delete(other)
        this.#sleep(other)
      }
    }
  }

  /** It was closed by somebody else. */
  forget(share: Share): void {
    this.#shares.delete(share)
  }
}
