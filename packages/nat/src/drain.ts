import type { Connection, Stream } from '@libp2p/interface'
import { DRAIN_CHECK_MS, DRAIN_QUIET_CHECKS, KEEPALIVE_PROTOCOLS } from './constants.ts'

/** What may be given to `Drains`. */
export interface DrainOptions {
  /** How often a connection is looked at, in milliseconds. @default 1,000 */
  readonly checkMs?: number
  /** How long streams that the other end opened count as use, in milliseconds. @default Infinity */
  readonly maxForeignUseMs?: number
  /** Connections at a time; one more, and the one that is here longest is closed at once. @default Infinity */
  readonly max?: number
}

interface Drain {
  readonly connection: Connection
  readonly timer: NodeJS.Timeout
}

/** Connections that are to be closed when nothing uses them any more. */
export class Drains {
  readonly #options: Required<DrainOptions>
  readonly #drains = new Map<string, Drain>()

  constructor({ checkMs = DRAIN_CHECK_MS, maxForeignUseMs = Infinity, max = Infinity }: DrainOptions = {}) {
    this.#options = { checkMs, maxForeignUseMs, max }
  }

  /**
   * Close `connection` when it has had no stream in use for a while; leave it when `isReplaced` says that what was to come
   * in its place is gone again. A second call for the same one does nothing.
   */
  drain(connection: Connection, isReplaced: () => boolean): void {
    if (this.#drains.has(connection.id)) {
      return
    }
    const { checkMs, maxForeignUseMs, max } = this.#options
    const [oldest] = this.#drains.size >= max ? this.#drains.values() : []
    if (oldest !== undefined) {
      this.#close(oldest.connection)
    }
    let [quiet, looks] = [0, 0]
    const timer = setInterval(() => {
      if (connection.status !== 'open' || !isReplaced()) {
        this.#forget(connection.id)
        return
      }
      looks++
      const isForeignUse = looks * checkMs <= maxForeignUseMs
      quiet = connection.streams.some((stream) => isInUse(stream, isForeignUse)) ? 0 : quiet + 1
      if (quiet >= DRAIN_QUIET_CHECKS) {
        this.#close(connection)
      }
    }, checkMs)
    timer.unref()
    this.#drains.set(connection.id, { connection, timer })
  }

  /** Leave what is not closed yet as it is. */
  stop(): void {
    for (const id of [...this.#drains.keys()]) {
      this.#forget(id)
    }
  }

  #close(connection: Connection): void {
    this.#forget(connection.id)
    connection.close().catch((error: unknown) => {
      connection.log.error('could not close a drained connection - %e', error)
    })
  }

  #forget(id: string): void {
    clearInterval(this.#drains.get(id)?.timer)
    this.#drains.delete(id)
  }
}

/** A stream that is being opened has no protocol yet, and counts. */
function isInUse({ protocol, direction }: Stream, isForeignUse: boolean): boolean {
  return !KEEPALIVE_PROTOCOLS.includes(protocol) && (isForeignUse || direction === 'outbound')
}
