import { FRAME_HEADER_BYTES } from '../wire/frame.ts'

/**
 * Memory of a node for leaves that are read and not yet taken by a lane, all shares and peers together: sixteen leaves of
 * the default profile, enough to read ahead for as many peers.
 */
export const MAX_READ_BYTES = 16 * 1024 * 1024

/** Of that, leaves nobody needs at the moment, for a peer that asks for the same one next. */
const IDLE_BYTES = 4 * 1024 * 1024

/** Smaller leaves take as much. */
const MIN_BUFFER_BYTES = 16 * 1024

/** How often those are reminded who hold what others wait for. */
const PRESSURE_MS = 1000

/** A buffer of the pool. */
export interface ReadBuffer {
  /** Where a leaf goes. Before it, in the same memory, there is head room for a frame's header. */
  readonly body: Uint8Array<ArrayBuffer>
  /** The pool's own. */
  counted: boolean
}

interface Waiting {
  readonly bytes: number
  resolve(buffer: ReadBuffer): void
}

/**
 * Read buffers of one node. They are used again, since new ones cost the garbage collector more than the reads. Who
 * finds none waits, first come first served, whatever the share.
 */
export class ReadPool {
  readonly #limit: number
  /** By size. */
  readonly #free = new Map<number, ReadBuffer[]>()
  readonly #waiting = new Set<Waiting>()
  /** Least recently used first; called to get the buffer back. */
  readonly #idle = new Map<ReadBuffer, () => void>()
  readonly #hoarders = new Set<() => void>()
  #counted = 0
  #freeBytes = 0
  #idleBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number = MAX_READ_BYTES) {
    this.#limit = limit
  }

  /** Bytes of buffers that are in use or kept for the next peer. */
  get countedBytes(): number {
    return this.#counted
  }

  /** Bytes of buffers that wait to be used again. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  /** A buffer for so many bytes, if there is one and nobody waits for it. */
  tryTake(bytes: number): ReadBuffer | undefined {
    return this.#waiting.size === 0 ? this.#take(sizeFor(bytes)) : undefined
  }

  /** The same when it is there. Rejects when `signal` aborts. */
  async take(bytes: number, signal: AbortSignal): Promise<ReadBuffer> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<ReadBuffer>()
    const waiting: Waiting = { bytes, resolve }
    const abort = (): void => {
      this.#waiting.delete(waiting)
      reject(signal.reason)
      this.#serve()
    }
    signal.addEventListener('abort', abort)
    this.#waiting.add(waiting)
    this.#serve()
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /**
   * A lane has what is in it: how much of that it may keep is bounded there. It still comes back with `give`, unless the
   * lane keeps it for ever.
   */
  settle(buffer: ReadBuffer): void {
    this.#uncount(buffer)
    this.#serve()
  }

  /** A buffer that nobody needs now, and somebody may in a moment; `drop` is called when it is taken away. */
  park(buffer: ReadBuffer, drop: () => void): void {
    this.#count(buffer)
    this.#idle.set(buffer, drop)
    this.#idleBytes += buffer.body.byteLength
    while (this.#idleBytes > IDLE_BYTES) {
      this.#dropIdle()
    }
    this.#serve()
  }

  /** A parked or settled buffer is in use again. */
  unpark(buffer: ReadBuffer): void {
    this.#unidle(buffer)
    this.#count(buffer)
  }

  /** A buffer that nobody refers to any more. */
  give(buffer: ReadBuffer): void {
    this.#uncount(buffer)
    this.#keep(buffer)
    this.#serve()
  }

  /** `check` is called now and then while somebody waits: let go of what is held for too long. Returns how to end it. */
  onPressure(check: () => void): () => void {
    this.#hoarders.add(check)
    return () => {
      this.#hoarders.delete(check)
    }
  }

  #take(size: number): ReadBuffer | undefined {
    while (this.#counted + size > this.#limit && this.#idle.size > 0) {
      this.#dropIdle()
    }
    if (this.#counted + size > this.#limit) {
      return undefined
    }
    const used = this.#free.get(size)?.pop()
    this.#freeBytes -= used?.body.byteLength ?? 0
    const buffer = used ?? newBuffer(size)
    this.#count(buffer)
    this.#trim()
    return buffer
  }

  #dropIdle(): void {
    for (const [buffer, drop] of this.#idle) {
      this.#unidle(buffer)
      drop()
      this.#uncount(buffer)
      this.#keep(buffer)
      return
    }
  }

  #unidle(buffer: ReadBuffer): void {
    if (this.#idle.delete(buffer)) {
      this.#idleBytes -= buffer.body.byteLength
    }
  }

  #count(buffer: ReadBuffer): void {
    if (!buffer.counted) {
      buffer.counted = true
      this.#counted += buffer.body.byteLength
    }
  }

  #uncount(buffer: ReadBuffer): void {
    if (buffer.counted) {
      buffer.counted = false
      this.#counted -= buffer.body.byteLength
    }
  }

  #keep(buffer: ReadBuffer): void {
    const size = buffer.body.byteLength
    const ofSize = this.#free.get(size) ?? []
    ofSize.push(buffer)
    this.#free.set(size, ofSize)
    this.#freeBytes += size
    this.#trim()
  }

  /** Free buffers and those in use together stay within the limit. */
  #trim(): void {
    for (const [size, buffers] of this.#free) {
      while (buffers.length > 0 && this.#freeBytes + this.#counted > this.#limit) {
        buffers.pop()
        this.#freeBytes -= size
      }
    }
  }

  #serve(): void {
    for (const waiting of this.#waiting) {
      const buffer = this.#take(sizeFor(waiting.bytes))
      if (buffer === undefined) {
        break
      }
      this.#waiting.delete(waiting)
      waiting.resolve(buffer)
    }
    this.#watch()
  }

  #watch(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#timer ??= setInterval(() => {
      for (const check of [...this.#hoarders]) {
        check()
      }
    }, PRESSURE_MS)
  }
}

/** Powers of two, so that a buffer fits the next leaf too. */
function sizeFor(bytes: number): number {
  return Math.max(MIN_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
}

function newBuffer(size: number): ReadBuffer {
  const room = new Uint8Array(new ArrayBuffer(FRAME_HEADER_BYTES + size))
  return { body: room.subarray(FRAME_HEADER_BYTES), counted: false }
}
