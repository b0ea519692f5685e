import type { AbortOptions, MessageStream, Stream, StreamCloseEvent } from '@libp2p/interface'
import type { AbstractMessageStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import { systemClock } from '../clock.ts'
import { FaultInjectedError } from '../errors.ts'
import { FaultLine } from './line.ts'
import type { FaultPlan } from './plan.ts'

/**
 * Bytes one direction holds back before it asks the sender to wait, as a link with a small buffer does. It limits the
 * throughput of a delayed line to this much per delay.
 */
export const HIGH_WATER_BYTES = 1024 * 1024

/** What differs between a stream, which can be closed by halves, and a connection, which cannot. */
export interface CouplingHooks {
  /** Close what is wrapped for writing, gracefully. */
  closeInner(options?: AbortOptions): Promise<void>
  /** The incoming direction ended early by plan. */
  incomingEnded(): void
  /** Whether the end of what is wrapped is seen at once even behind a stall that never ends. */
  readonly seesEndPastStall: boolean
}

/** Ties a wrapper to the stream or connection below it, with a fault line in each direction. */
export class Coupling {
  readonly #inner: MessageStream & Partial<Pick<Stream, 'remoteWriteStatus'>>
  readonly #wrapper: AbstractMessageStream
  readonly #hooks: CouplingHooks
  readonly #outgoing: FaultLine
  readonly #incoming: FaultLine
  #remoteFinished = false
  #held = false
  #paused = false
  readonly #waiting = new Set<() => void>()

  constructor(inner: MessageStream, wrapper: AbstractMessageStream, plan: FaultPlan, hooks: CouplingHooks) {
    this.#inner = inner
    this.#wrapper = wrapper
    this.#hooks = hooks
    const clock = plan.clock ?? systemClock
    this.#outgoing = new FaultLine(plan.outgoing ?? [], clock, {
      deliver: (bytes) => {
        this.#sendInner(bytes)
      },
      cut: (how, afterBytes) => {
        if (how === 'close') {
          this.#closeQuietly()
        } else {
          this.#reset(afterBytes)
        }
      },
      drained: () => {
        this.#maybeDrain()
      },
      stuck: () => {
        for (const release of this.#waiting) {
          release()
        }
      }
    })
    this.#incoming = new FaultLine(plan.incoming ?? [], clock, {
      deliver: (bytes) => {
        wrapper.onData(bytes)
      },
      cut: (how, afterBytes) => {
        if (how === 'close') {
          hooks.incomingEnded()
        } else {
          this.#reset(afterBytes)
        }
      },
      drained: () => {
        this.#held = false
        this.#updatePause()
      },
      stuck: () => undefined
    })
    this.#listen()
  }

  /** Take bytes of the wrapper; `false` asks it to wait for `drain`. */
  send(data: Uint8ArrayList): boolean {
    // a copy: the caller may use its buffer again while the line holds these
    this.#outgoing.push(data.slice())
    return this.#outgoing.heldBytes < HIGH_WATER_BYTES && !this.#inner.writableNeedsDrain
  }

  /**
   * Close what is below once everything held has left. Resolves `false` when that will not happen because the plan
   * lets nothing through any more.
   */
  async finish(options: AbortOptions = {}): Promise<boolean> {
    const { signal } = options
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const release = (): void => {
      resolve(false)
    }
    const abort = (): void => {
      reject(signal?.reason)
    }
    this.#waiting.add(release)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      this.#outgoing.then(() => {
        this.#hooks.closeInner(options).then(() => {
          resolve(true)
        }, reject)
      })
      if (this.#outgoing.stuck) {
        release()
      }
      return await promise
    } finally {
      this.#waiting.delete(release)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** The wrapper was aborted. */
  abort(error: Error): void {
    this.#outgoing.kill()
    this.#incoming.kill()
    this.#inner.abort(error)
  }

  pause(): void {
    this.#paused = true
    this.#updatePause()
  }

  resume(): void {
    this.#paused = false
    this.#updatePause()
  }

  #listen(): void {
    const inner = this.#inner
    // what is held here is bounded by HIGH_WATER_BYTES and the wrapper keeps the limit it was given
    inner.maxReadBufferLength = Infinity
    inner.addEventListener('message', (event) => {
      this.#incoming.push(event.data.slice())
      if (this.#incoming.heldBytes >= HIGH_WATER_BYTES) {
        this.#held = true
        this.#updatePause()
      }
    })
    inner.addEventListener('drain', () => {
      this.#maybeDrain()
    })
    inner.addEventListener('remoteCloseWrite', () => {
      this.#onRemoteFinished()
    })
    inner.addEventListener('close', (event) => {
      this.#onInnerClose(event)
    })
    if (inner.remoteWriteStatus === 'closed') {
      // behind what it still has to read, which it dispatches in a microtask of its own
      queueMicrotask(() => {
        this.#onRemoteFinished()
      })
    }
  }

  #onRemoteFinished(): void {
    this.#remoteFinished = true
    this.#incoming.then(() => {
      this.#wrapper.onRemoteCloseWrite()
    })
  }

  #onInnerClose(event: StreamCloseEvent): void {
    const { error, local } = event
    if (error !== undefined && local === true) {
      // this end gave up (the muxer, the listener): no network is in between
      this.#outgoing.kill()
      this.#incoming.kill()
      this.#wrapper.onTransportClosed(error)
      return
    }
    const close = (): void => {
      if (error === undefined) {
        this.#wrapper.onTransportClosed()
      } else {
        this.#wrapper.onRemoteReset()
      }
    }
    if (this.#incoming.stuck && this.#hooks.seesEndPastStall && !this.#remoteFinished) {
      this.#incoming.kill()
      close()
      return
    }
    this.#incoming.then(close)
  }

  #sendInner(bytes: Uint8Array): void {
    try {
      this.#inner.send(bytes)
    } catch {
      // closed below: its close event tells the wrapper
    }
  }

  #closeQuietly(): void {
    this.#hooks.closeInner().catch((error: unknown) => {
      this.#inner.abort(error instanceof Error ? error : new FaultInjectedError(0, { cause: error }))
    })
  }

  #reset(afterBytes: number): void {
    const error = new FaultInjectedError(afterBytes)
    this.#outgoing.kill()
    this.#incoming.kill()
    if (this.#wrapper.status === 'open' || this.#wrapper.status === 'closing') {
      this.#wrapper.onRemoteReset()
    }
    // an abort drops what was not sent, and the bytes before the cut are to arrive
    if (this.#inner.writeBufferLength === 0) {
      this.#inner.abort(error)
    } else {
      this.#inner.addEventListener(
        'idle',
        () => {
          this.#inner.abort(error)
        },
        { once: true }
      )
    }
  }

  #maybeDrain(): void {
    if (this.#outgoing.heldBytes === 0 && !this.#inner.writableNeedsDrain && this.#wrapper.writableNeedsDrain) {
      this.#wrapper.safeDispatchEvent('drain')
    }
  }

  #updatePause(): void {
    try {
      if (this.#paused || this.#held) {
        this.#inner.pause()
      } else {
        this.#inner.resume()
      }
    } catch {
      // closed for reading: nothing comes that could be held back
    }
  }
}
