import type { Lane } from '../../../src/session/lane.ts'

/** A lane in memory: what was sent stays in `sent`, what arrives is put in by the test. */
export class FakeLane implements Lane {
  readonly closed: Promise<Error | undefined>
  /** In order, as handed over: not copies. */
  readonly sent: Uint8Array[] = []
  /** The next `send` says that the lane is full. */
  full = false
  backlogBytes = 0
  ended = false
  paused = false
  error: Error | undefined
  readonly #resolve: (error: Error | undefined) => void
  #onChunk: ((chunk: Uint8Array) => void) | undefined
  #drained = Promise.withResolvers<undefined>()

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    this.closed = promise
    this.#resolve = resolve
  }

  get sentBytes(): number {
    return this.sent.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  send(bytes: Parameters<Lane['send']>[0]): boolean {
    this.sent.push(bytes instanceof Uint8Array ? bytes : bytes.subarray())
    return !this.full
  }

  async drained(): Promise<void> {
    await Promise.race([this.#drained.promise, this.closed])
  }

  /** There is room again. */
  drain(): void {
    this.full = false
    this.#drained.resolve(undefined)
    this.#drained = Promise.withResolvers()
  }

  receive(onChunk: (chunk: Uint8Array) => void): void {
    this.#onChunk = onChunk
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  /** Bytes from the peer. */
  deliver(...chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#onChunk?.(chunk)
    }
  }

  /** The peer, or the network, ended the lane. */
  finish(error?: Error): void {
    this.#resolve(error)
  }

  end(): void {
    this.ended = true
    this.#resolve(undefined)
  }

  abort(error: Error): void {
    this.error = error
    this.#resolve(error)
  }
}
