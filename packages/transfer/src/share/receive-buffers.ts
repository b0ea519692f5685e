import { MAX_LEAF_BYTES } from '../constants.ts'

/** Buffers for leaves on their way from the network to the disk, all shares and peers together, however many workers. */
export const MAX_RECEIVE_BYTES = 16 * 1024 * 1024

/** For each worker, and for the network: at 1 MiB one leaf that is worked on, and one that is next. */
const BYTES_EACH = 2 * 1024 * 1024

/** Smaller leaves get memory of their own: handing them to another thread costs more than hashing them. */
export const MIN_SHARED_BYTES = 64 * 1024

interface Waiter {
  readonly bytes: number
  readonly wake: () => void
}

/**
 * Buffers that are used again, in memory that worker threads can see. A lane that gets none stops reading, and is
 * woken in the order in which it asked. Whoever holds none at all is always given one, so that nobody ever waits for
 * somebody who waits for him; this is why more than the bound may be in use, by one leaf for each peer.
 */
export class ReceiveBuffers {
  readonly #maxBytes: number
  /** Size -> buffers of that size, the one that was used last at the end. */
  readonly #free = new Map<number, Uint8Array[]>()
  readonly #waiting: Waiter[] = []
  #freeBytes = 0
  #usedBytes = 0
  #serving = false
  #scheduled = false

  constructor(maxBytes = MAX_RECEIVE_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the buffers that were taken and not given back. */
  get usedBytes(): number {
    return this.#usedBytes
  }

  /**
   * A buffer of at least `bytes`, with whatever was in it before. `undefined`: none is free, or others wait already;
   * `always` makes one all the same.
   */
  take(bytes: number, always: boolean): Uint8Array | undefined {
    const size = sizeOf(bytes)
    const fits = this.#usedBytes + size <= this.#maxBytes && (this.#serving || this.#waiting.length === 0)
    if (!fits && !always) {
      return undefined
    }
    this.#usedBytes += size
    const free = this.#free.get(size)?.pop()
    if (free !== undefined) {
      this.#freeBytes -= size
      return free
    }
    this.#trim()
    return size < MIN_SHARED_BYTES ? new Uint8Array(size) : new Uint8Array(new SharedArrayBuffer(size))
  }

  give(buffer: Uint8Array): void {
    const size = buffer.byteLength
    this.#usedBytes -= size
    if (size >= MIN_SHARED_BYTES && this.#usedBytes + this.#freeBytes + size <= this.#maxBytes) {
      const free = this.#free.get(size) ?? []
      free.push(buffer)
      this.#free.set(size, free)
      this.#freeBytes += size
    }
    this.#serveSoon()
  }

  /** `wake` is called once, when `bytes` can be taken; never at once. Returns how to wait no more. */
  wait(bytes: number, wake: () => void): () => void {
    const waiter = { bytes, wake }
    this.#waiting.push(waiter)
    this.#serveSoon()
    return () => {
      const at = this.#waiting.indexOf(waiter)
      if (at >= 0) {
        this.#waiting.splice(at, 1)
        this.#serveSoon()
      }
    }
  }

  /** In a turn of its own: who gives a buffer back may be in the middle of something. */
  #serveSoon(): void {
    if (this.#waiting.length > 0 && !this.#scheduled) {
      this.#scheduled = true
      queueMicrotask(() => {
        this.#scheduled = false
        this.#serve()
      })
    }
  }

  #serve(): void {
    this.#serving = true
    try {
      for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
        if (this.#usedBytes + sizeOf(first.bytes) > this.#maxBytes) {
          return
        }
        this.#waiting.shift()
        first.wake()
      }
    } finally {
      this.#serving = false
    }
  }

  /** Sizes that nobody uses now make room for those that somebody does. */
  #trim(): void {
    for (const [size, free] of this.#free) {
      while (this.#usedBytes + this.#freeBytes > this.#maxBytes && free.pop() !== undefined) {
        this.#freeBytes -= size
      }
    }
  }
}

/** As much as so many workers keep busy with: measured, more makes nothing faster. */
export function receiveBytes(workers: number): number {
  return Math.min(BYTES_EACH * (1 + Math.max(1, workers)), MAX_RECEIVE_BYTES)
}

/** Few sizes, so that shares of different leaves use each other's buffers. */
function sizeOf(bytes: number): number {
  if (bytes < MIN_SHARED_BYTES) {
    return bytes
  }
  let size = MIN_SHARED_BYTES
  while (size < bytes && size < MAX_LEAF_BYTES) {
    size *= 2
  }
  return size
}
