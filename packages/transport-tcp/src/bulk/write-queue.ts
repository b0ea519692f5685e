import { GATHER_BELOW_BYTES, GATHER_BYTES, TLS_RECORD_BYTES } from './constants.ts'

/** Parts that go out together, and whom to tell when they did. */
interface Entry {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  readonly done: (() => void) | undefined
}

/** What is given to the socket in one go: one view after another. */
export interface Batch {
  readonly segments: readonly Uint8Array[]
  readonly bytes: number
}

/**
 * Orders what is to be written so that TLS copies little of it. A TLS socket encrypts a single buffer where it lies, but
 * copies the lot when it gets several at once; so large parts go one by one, a small header is put in front of the first
 * record of the body behind it, and many small writes become one. No socket inside.
 */
export class WriteQueue {
  readonly #waiting: Entry[] = []
  #current: Entry[] = []
  #queuedBytes = 0

  /** Bytes that were added and not settled. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Whether nothing waits and nothing is under way. */
  get empty(): boolean {
    return this.#waiting.length === 0 && this.#current.length === 0
  }

  add(parts: readonly Uint8Array[], done?: () => void): void {
    const bytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    this.#waiting.push({ parts, bytes, done })
    this.#queuedBytes += bytes
  }

  /** The next batch, if there is one and none is under way. */
  next(): Batch | undefined {
    if (this.#current.length > 0) {
      return undefined
    }
    let bytes = 0
    for (const entry of this.#waiting) {
      const fits = entry.bytes < GATHER_BELOW_BYTES && bytes + entry.bytes <= GATHER_BYTES
      if (this.#current.length > 0 && !fits) {
        break
      }
      this.#current.push(entry)
      bytes += entry.bytes
      if (!fits) {
        break
      }
    }
    if (this.#current.length === 0) {
      return undefined
    }
    this.#waiting.splice(0, this.#current.length)
    return { segments: segmentsOf(this.#current.flatMap(({ parts }) => parts)), bytes }
  }

  /** The batch was taken: those whose parts were in it are told. */
  settle(): void {
    const taken = this.#current
    this.#current = []
    this.#tell(taken)
  }

  /** Everything is dropped, and everybody told. */
  clear(): void {
    const dropped = [...this.#current, ...this.#waiting.splice(0)]
    this.#current = []
    this.#tell(dropped)
  }

  #tell(entries: readonly Entry[]): void {
    this.#queuedBytes -= entries.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { done } of entries) {
      done?.()
    }
  }
}

/** As few views as can be had without copying a large part. */
export function segmentsOf(parts: readonly Uint8Array[]): Uint8Array[] {
  const segments: Uint8Array[] = []
  let small: Uint8Array[] = []
  let smallBytes = 0
  const flush = (): void => {
    if (smallBytes > 0) {
      segments.push(small.length === 1 && small[0] !== undefined ? small[0] : Buffer.concat(small, smallBytes))
    }
    small = []
    smallBytes = 0
  }
  for (const part of joinNeighbours(parts)) {
    if (part.byteLength < GATHER_BELOW_BYTES) {
      small.push(part)
      smallBytes += part.byteLength
      continue
    }
    const room = smallBytes === 0 ? 0 : TLS_RECORD_BYTES - (smallBytes % TLS_RECORD_BYTES)
    small.push(part.subarray(0, room))
    smallBytes += Math.min(room, part.byteLength)
    flush()
    if (part.byteLength > room) {
      segments.push(part.subarray(room))
    }
  }
  flush()
  return segments
}

/** A header that was written right in front of its body is one view with it. */
function joinNeighbours(parts: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last?.buffer === part.buffer && last.byteOffset + last.byteLength === part.byteOffset) {
      joined.pop()
      joined.push(new Uint8Array(part.buffer, last.byteOffset, last.byteLength + part.byteLength))
    } else if (part.byteLength > 0) {
      joined.push(part)
    }
  }
  return joined
}
