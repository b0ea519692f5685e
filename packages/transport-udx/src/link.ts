import type { NativeStream } from './native.ts'

/** What happens on one UDX stream. None is called after `release()`. */
export interface LinkEvents {
  onBytes(bytes: Uint8Array): void
  onEnd(): void
  onDrain(): void
  onError(error: NodeJS.ErrnoException): void
}

/** One UDX stream of a connection, which can have another one after it moved. */
export class Link {
  /** Resolves when the stream is gone. Never rejects. */
  readonly gone: Promise<void>
  readonly #stream: NativeStream
  #events: LinkEvents | undefined

  constructor(stream: NativeStream, events: LinkEvents) {
    this.#stream = stream
    this.#events = events
    const gone = Promise.withResolvers<undefined>()
    this.gone = gone.promise
    stream.on('data', (bytes: Uint8Array) => this.#events?.onBytes(bytes))
    stream.once('end', () => {
      // UDX streams may be half open, and close only when both ends have ended
      stream.end()
      this.#events?.onEnd()
    })
    stream.on('drain', () => this.#events?.onDrain())
    stream.on('error', (error: NodeJS.ErrnoException) => this.#events?.onError(error))
    stream.once('close', () => {
      gone.resolve(undefined)
    })
  }

  get id(): number {
    return this.#stream.id
  }

  get remoteId(): number {
    return this.#stream.remoteId
  }

  /** Something was sent that is not acknowledged. */
  get isSending(): boolean {
    return !this.#stream.destroyed && this.#stream.inflight > 0
  }

  /** Says whether there is room for more. */
  write(bytes: Uint8Array): boolean {
    return this.#stream.write(bytes)
  }

  /** Resolves with `true` when all that was written before is acknowledged. Not to be called after `end()`. */
  async acknowledged(): Promise<boolean> {
    return this.#stream.flush()
  }

  keepAlive(everyMs: number): void {
    if (!this.#stream.destroyed) {
      this.#stream.setKeepalive(everyMs)
    }
  }

  end(): void {
    if (!this.#stream.destroyed) {
      this.#stream.end()
    }
  }

  /** Nothing of it is of interest any more. */
  release(): void {
    this.#events = undefined
    this.destroy()
  }

  destroy(): void {
    this.#stream.destroy()
  }
}
