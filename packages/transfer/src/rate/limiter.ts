import type { AbortOptions } from '@libp2p/interface'
import { RateTree } from './rate-tree.ts'
import type { Demand, RatePath } from './rate-tree.ts'

interface Waiting extends Demand {
  resolve(): void
}

/** What a session tells of bytes that arrive. */
export interface Intake {
  /** Returns milliseconds to read nothing in. */
  took(bytes: number): number
}

/** The caps of one node on real time: the only part of rate limiting that has a clock and a timer. */
export class Limiter {
  readonly up = new RateTree<Waiting>()
  readonly down = new RateTree()
  #timer: NodeJS.Timeout | undefined
  /** Somebody was told that its bytes may go, and is about to take them. */
  #isTaking = false

  /** Resolves when so many bytes may be sent, in the order of the calls; at once and for nothing without a cap. */
  async send(path: RatePath, bytes: number, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (!this.up.isLimited(path)) {
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const demand: Waiting = {
      path,
      bytes,
      resolve: () => {
        resolve(undefined)
      }
    }
    const abort = (): void => {
      // it may have been told already: then it takes what it asked for, and its caller finds out
      if (this.up.forget(demand)) {
        reject(signal?.reason)
        this.poll()
      }
    }
    signal?.addEventListener('abort', abort)
    this.up.wait(demand)
    this.poll()
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
    // at this very moment, and not when it was found that it may: on a busy machine that can be long ago
    this.up.take(demand, performance.now())
    this.#isTaking = false
    this.poll()
  }

  /**
   * The intake of one session. What has arrived cannot be sent back, so half a burst is kept for the next read: with one
   * source, and reads that are no longer than that, the cap is exact.
   */
  intake(path: RatePath): Intake {
    return {
      took: (bytes) => {
        if (!this.down.isLimited(path)) {
          return 0
        }
        return this.down.took(path, bytes, this.down.burstBytes(path) / 2, performance.now())
      }
    }
  }

  /** Milliseconds for which a cap of this node keeps it from reading; 0: it reads. */
  pauseMs(path: RatePath, now: number): number {
    return this.down.isLimited(path) ? this.down.took(path, 0, this.down.burstBytes(path) / 2, now) : 0
  }

  /** Let pass what may, and come back for the rest. Called when something changed. */
  poll(): void {
    if (this.#isTaking) {
      return
    }
    clearTimeout(this.#timer)
    this.#timer = undefined
    const first = this.up.next(performance.now())
    if (first !== undefined) {
      this.#isTaking = true
      first.resolve()
      return
    }
    const ms = this.up.waitMs(performance.now())
    if (ms !== undefined) {
      // what a late timer misses is made up for: tokens are counted by the clock
      this.#timer = setTimeout(() => {
        this.poll()
      }, Math.ceil(ms))
    }
  }
}
