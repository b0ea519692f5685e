/**
 * Bytes sent on the data lane and not yet acknowledged (SPEC.md#ack): the bound on send memory for one peer. Eight
 * full leaves of the default profile; at 100 ms round trip it allows 80 MiB/s to one peer.
 */
export const SEND_WINDOW_BYTES = 8 * 1024 * 1024

/**
 * Called once, when a body is not referred to any more. `reusable` is false when a lane that ended may still hold it:
 * what another peer reads next must not be written into it.
 */
export type Release = (reusable: boolean) => void

interface Held {
  readonly release: Release
  /** Lane offset behind the last byte that refers to the body. */
  readonly end: number
}

/**
 * Counts what the peer acknowledged of the stream lane, and keeps bodies until it did: lanes keep references to what
 * they are given, and only the receiver knows when the bytes have left.
 */
export class SendWindow {
  readonly #held: Held[] = []
  #sent = 0
  #acked = 0
  #closed = false

  get unackedBytes(): number {
    return this.#sent - this.#acked
  }

  get hasRoom(): boolean {
    return this.unackedBytes < SEND_WINDOW_BYTES
  }

  sent(bytes: number): void {
    this.#sent += bytes
  }

  /** A body whose last byte is the last one that was sent. */
  hold(release: Release): void {
    if (this.#closed) {
      release(false)
    } else {
      this.#held.push({ release, end: this.#sent })
    }
  }

  /** Returns false for an acknowledgement of bytes never sent. */
  acked(total: number): boolean {
    if (total > this.#sent) {
      return false
    }
    this.#acked = Math.max(this.#acked, total)
    while (this.#held[0] !== undefined && this.#held[0].end <= this.#acked) {
      this.#held.shift()?.release(true)
    }
    return true
  }

  /** Nothing will be acknowledged any more. */
  close(): void {
    this.#closed = true
    for (const { release } of this.#held.splice(0)) {
      release(false)
    }
  }
}
