/**
 * Bytes sent on the data lane and not yet acknowledged (SPEC.md#ack): the bound on send memory for one peer. Eight
 * full leaves of the default profile; at 100 ms round trip it allows 80 MiB/s to one peer.
 */
export const SEND_WINDOW_BYTES = 8 * 1024 * 1024

/** Smaller buffers are not kept: making one costs less than looking for it. */
const MIN_KEPT_BYTES = 64 * 1024

interface Lent {
  readonly buffer: Uint8Array<ArrayBuffer>
  /** Lane offset behind the last byte that refers to the buffer. */
  end: number
}

/**
 * Counts what the peer acknowledged, and keeps read buffers until it did: lanes keep references to what they are
 * given, and only the receiver knows when the bytes have left. Buffers are reused, which is what keeps memory flat.
 */
export class SendWindow {
  readonly #free: Uint8Array<ArrayBuffer>[] = []
  readonly #lent: Lent[] = []
  #sent = 0
  #acked = 0
  #freeBytes = 0
  #ended: boolean | undefined
  #wake: (() => void) | undefined

  get unackedBytes(): number {
    return this.#sent - this.#acked
  }

  /** A buffer of at least `bytes`, zeroed or used before for the same session. */
  borrow(bytes: number): Uint8Array<ArrayBuffer> {
    const at = this.#free.findIndex((buffer) => buffer.byteLength >= bytes)
    const [buffer] = at < 0 ? [] : this.#free.splice(at, 1)
    this.#freeBytes -= buffer?.byteLength ?? 0
    return buffer ?? new Uint8Array(new ArrayBuffer(bytes))
  }

  /** The buffer's bytes are on the lane up to now; it comes back when the peer has them. */
  lend(buffer: Uint8Array<ArrayBuffer>): void {
    this.#lent.push({ buffer, end: this.#sent })
  }

  /** Not sent after all. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    const { byteLength } = buffer
    if (byteLength >= MIN_KEPT_BYTES && this.#freeBytes + byteLength <= SEND_WINDOW_BYTES) {
      this.#free.push(buffer)
      this.#freeBytes += byteLength
    }
  }

  sent(bytes: number): void {
    this.#sent += bytes
  }

  /** Returns false for an acknowledgement of bytes never sent. */
  acked(total: number): boolean {
    if (total > this.#sent) {
      return false
    }
    this.#acked = Math.max(this.#acked, total)
    while (this.#lent[0] !== undefined && this.#lent[0].end <= this.#acked) {
      const lent = this.#lent.shift()
      if (lent !== undefined) {
        this.giveBack(lent.buffer)
      }
    }
    this.#wake?.()
    return true
  }

  /** Resolves when there is room, or when the session is `closed`; only one caller waits at a time. */
  async room(closed: Promise<unknown>): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = false
      // once for all waits: a race with each would leave a reaction behind for each
      void closed.then(() => {
        this.#ended = true
        this.#wake?.()
      })
    }
    while (!this.#isEnded() && this.unackedBytes >= SEND_WINDOW_BYTES) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #isEnded(): boolean {
    return this.#ended === true
  }
}
