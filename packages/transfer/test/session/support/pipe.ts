import type { Lane } from '../../../src/session/lane.ts'

/** One end of a pipe in memory. What was sent waits until the test lets it through. */
export class PipeEnd implements Lane {
  readonly closed: Promise<Error | undefined>
  peer: PipeEnd | undefined
  readonly #queue: Uint8Array[] = []
  readonly #early: Uint8Array[] = []
  readonly #end = Promise.withResolvers<Error | undefined>()
  #onChunk: ((chunk: Uint8Array) => void) | undefined
  #isEnding = false
  #isClosed = false

  constructor() {
    this.closed = this.#end.promise
  }

  get backlogBytes(): number {
    return this.#queue.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  send(bytes: Parameters<Lane['send']>[0]): boolean {
    if (!this.#isEnding && !this.#isClosed) {
      this.#queue.push(bytes.slice())
    }
    return true
  }

  async drained(): Promise<void> {
    // never full
  }

  receive(onChunk: (chunk: Uint8Array) => void): void {
    this.#onChunk = onChunk
    for (const chunk of this.#early.splice(0)) {
      onChunk(chunk)
    }
  }

  pause(): void {
    // tests have room
  }

  resume(): void {
    // tests have room
  }

  end(): void {
    this.#isEnding = true
    this.#closeIfDone()
  }

  abort(error: Error): void {
    this.cut(error)
    this.peer?.cut(error)
  }

  /** Let so many bytes through. */
  pass(bytes: number): void {
    let left = bytes
    while (left > 0 && !this.#isClosed) {
      const [chunk] = this.#queue
      if (chunk === undefined) {
        break
      }
      this.#queue.splice(0, 1, ...(chunk.byteLength > left ? [chunk.subarray(left)] : []))
      this.peer?.take(chunk.subarray(0, left))
      left -= chunk.byteLength
    }
    this.#closeIfDone()
  }

  take(chunk: Uint8Array): void {
    if (this.#onChunk === undefined) {
      this.#early.push(chunk)
    } else if (!this.#isClosed) {
      this.#onChunk(chunk)
    }
  }

  /** It is over, and what did not get through is lost. */
  cut(error: Error | undefined): void {
    this.#isClosed = true
    this.#queue.length = 0
    this.#end.resolve(error)
  }

  /** As with libp2p's streams: the other side ends when this one has. */
  #closeIfDone(): void {
    if (this.#isEnding && this.#queue.length === 0 && !this.#isClosed) {
      if (this.peer?.isOver === true) {
        this.peer.cut(undefined)
        this.cut(undefined)
      } else {
        this.peer?.end()
      }
    }
  }

  get isOver(): boolean {
    return this.#isEnding && this.#queue.length === 0
  }
}

export function pipe(): [PipeEnd, PipeEnd] {
  const [a, b] = [new PipeEnd(), new PipeEnd()]
  a.peer = b
  b.peer = a
  return [a, b]
}
