import type { PeerId } from '@libp2p/interface'
import type { BulkChannel } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { peer } from './session.ts'

/** A bulk channel in memory: what was written stays in `written`, until `take` says that the system has it. */
export class FakeBulkChannel implements BulkChannel {
  readonly remotePeer: PeerId = peer
  readonly remoteAddr = multiaddr('/ip4/127.0.0.1/tcp/1')
  readonly closed: Promise<Error | undefined>
  readonly queuedBytes = 0
  readonly written: Array<readonly Uint8Array[]> = []
  full = false
  error: Error | undefined
  resumes = 0
  readonly #done: Array<() => void> = []
  readonly #end = Promise.withResolvers<Error | undefined>()
  #drained = Promise.withResolvers<undefined>()

  constructor() {
    this.closed = this.#end.promise
  }

  write(parts: readonly Uint8Array[], done: () => void = () => undefined): boolean {
    this.written.push(parts)
    this.#done.push(done)
    return !this.full
  }

  async drained(): Promise<void> {
    await Promise.race([this.#drained.promise, this.closed])
  }

  /** The system took everything. */
  take(): void {
    for (const done of this.#done.splice(0)) {
      done()
    }
    this.full = false
    this.#drained.resolve(undefined)
    this.#drained = Promise.withResolvers()
  }

  resume(): void {
    this.resumes++
  }

  end(): void {
    this.#end.resolve(undefined)
  }

  abort(error: Error): void {
    this.error ??= error
    this.take()
    this.#end.resolve(error)
  }
}
