import type { Connection, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { MAX_PACED_PEERS, NEIGHBOUR_BURST_BYTES, NEIGHBOUR_BYTES_PER_SECOND } from './constants.ts'
import { Pace } from './pace.ts'

/** Timers take no longer delay. A peer that is so far overdrawn waits again. */
const MAX_PAUSE_MS = 60_000

/**
 * A registrar whose inbound streams are read at a bounded rate per peer. gossipsub itself reads whatever comes, decodes
 * and verifies it and keeps what it did not get to; a paused stream makes its sender wait instead (yamux sends no more
 * window), and costs nothing but its window.
 */
export function pacedRegistrar(registrar: Registrar, pacer: Pacer): Registrar {
  const handle: Registrar['handle'] = async (protocol, handler, options) =>
    registrar.handle(
      protocol,
      (stream, connection) => {
        pacer.watch(stream, connection)
        return handler(stream, connection)
      },
      options
    )
  return new Proxy(registrar, {
    get: (target, name) => {
      if (name === 'handle') {
        return handle
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
}

/** Pauses streams of peers that send faster than they may. All streams of one peer share its rate. */
export class Pacer {
  readonly #pace = new Pace(NEIGHBOUR_BYTES_PER_SECOND, NEIGHBOUR_BURST_BYTES, MAX_PACED_PEERS)
  readonly #timers = new Map<Stream, ReturnType<typeof setTimeout>>()

  watch(stream: Stream, { remotePeer }: Pick<Connection, 'remotePeer'>): void {
    const key = remotePeer.toString()
    stream.addEventListener('message', ({ data }) => {
      const waitMs = this.#pace.take(key, data.byteLength, Date.now())
      if (waitMs > 0) {
        this.#pause(stream, waitMs)
      }
    })
    stream.addEventListener('close', () => {
      this.#forget(stream)
    })
  }

  /** Nothing is resumed any more. */
  stop(): void {
    for (const stream of [...this.#timers.keys()]) {
      this.#forget(stream)
    }
  }

  #pause(stream: Stream, waitMs: number): void {
    if (stream.readStatus !== 'readable') {
      return
    }
    stream.pause()
    const timer = setTimeout(
      () => {
        this.#timers.delete(stream)
        if (stream.readStatus === 'paused') {
          stream.resume()
        }
      },
      Math.min(waitMs, MAX_PAUSE_MS)
    )
    this.#timers.set(stream, timer)
  }

  #forget(stream: Stream): void {
    clearTimeout(this.#timers.get(stream))
    this.#timers.delete(stream)
  }
}
