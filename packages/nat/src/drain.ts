import type { Connection, Stream } from '@libp2p/interface'
import { DRAIN_CHECK_MS, DRAIN_QUIET_CHECKS, KEEPALIVE_PROTOCOLS } from './constants.ts'

/** Connections that are to be closed when nothing uses them any more. */
export class Drains {
  readonly #checkMs: number
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(checkMs: number = DRAIN_CHECK_MS) {
    this.#checkMs = checkMs
  }

  /**
   * Close `connection` when it has had no stream in use for a while; leave it when `isReplaced` says that what was to come
   * in its place is gone again. A second call for the same one does nothing.
   */
  drain(connection: Connection, isReplaced: () => boolean): void {
    if (this.#timers.has(connection.id)) {
      return
    }
    let quiet = 0
    const timer = setInterval(() => {
      if (connection.status === 'open' && isReplaced()) {
        quiet = connection.streams.some(isInUse) ? 0 : quiet + 1
        if (quiet < DRAIN_QUIET_CHECKS) {
          return
        }
        connection.close().catch((error: unknown) => {
          connection.log.error('could not close a drained connection - %e', error)
        })
      }
      this.#end(connection.id)
    }, this.#checkMs)
    timer.unref()
    this.#timers.set(connection.id, timer)
  }

  /** Leave what is not closed yet as it is. */
  stop(): void {
    for (const id of [...this.#timers.keys()]) {
      this.#end(id)
    }
  }

  #end(id: string): void {
    clearInterval(this.#timers.get(id))
    this.#timers.delete(id)
  }
}

/** A stream that is being opened has no protocol yet, and counts. */
function isInUse({ protocol }: Stream): boolean {
  return !KEEPALIVE_PROTOCOLS.includes(protocol)
}
