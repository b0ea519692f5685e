/** Buffers kept for reuse; with the request window it bounds receive memory. */
const MAX_FREE = 16

/** Smaller buffers are not worth keeping. */
const MIN_POOLED_BYTES = 64 * 1024

/** Leaf buffers to write into. */
export interface Buffers {
  acquire(bytes: number): Uint8Array
  release(buffer: Uint8Array): void
}

/** Leaf buffers that are used again. One size a share: that of its largest leaf. */
export class BufferPool implements Buffers {
  readonly #bytes: number
  readonly #free: Uint8Array[] = []

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  acquire(bytes: number): Uint8Array {
    if (bytes < MIN_POOLED_BYTES || bytes > this.#bytes) {
      return new Uint8Array(bytes)
    }
    return this.#free.pop() ?? new Uint8Array(this.#bytes)
  }

  release(buffer: Uint8Array): void {
    if (buffer.byteLength === this.#bytes && this.#free.length < MAX_FREE) {
      this.#free.push(buffer)
    }
  }
}
