import { randomBytes } from 'node:crypto'
import type { Connection, Logger, Stream, StreamHandler } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { UdxConnection } from './connection.ts'
import type { Connections } from './connections.ts'
import { KEY_EXCHANGE_TIMEOUT_MS } from './constants.ts'
import { StreamIdError } from './errors.ts'
import { MOVE_PROTOCOL, answerWithKeys, askForKeys } from './path/exchange.ts'
import type { ExchangeInit } from './path/exchange.ts'
import { SECRET_BYTES } from './path/keys.ts'

export interface KeyExchangeInit {
  readonly registrar: Registrar
  readonly connections: Connections
  readonly log: Logger
}

/** Agrees on keys with the other end of each connection, so that its path can be watched and moved. */
export class KeyExchange {
  readonly #init: KeyExchangeInit
  #shutdown = new AbortController()

  constructor(init: KeyExchangeInit) {
    this.#init = init
  }

  async start(): Promise<void> {
    this.#shutdown = new AbortController()
    setMaxListeners(Infinity, this.#shutdown.signal)
    await this.#init.registrar.handle(MOVE_PROTOCOL, this.#onStream, { maxInboundStreams: 1, maxOutboundStreams: 1 })
  }

  async stop(): Promise<void> {
    this.#shutdown.abort()
    await this.#init.registrar.unhandle(MOVE_PROTOCOL)
  }

  /**
   * The part of the one who dialled. Nobody waits for it: a connection to somebody who does not speak the protocol works,
   * and stays where it is.
   */
  async ask(connection: Connection, below: UdxConnection): Promise<void> {
    const signal = this.#signal()
    try {
      this.#init.connections.guard(below, await askForKeys(connection, exchangeOf(below, signal)))
    } catch (error) {
      this.#init.log('%p has no keys for its path - %e', connection.remotePeer, error)
    } finally {
      signal.clear()
    }
  }

  readonly #onStream: StreamHandler = async (stream: Stream, connection: Connection): Promise<void> => {
    const { connections } = this.#init
    const below = connections.beneath(connection)
    if (below === undefined || connections.isGuarded(below)) {
      stream.abort(new StreamIdError('no connection that needs keys'))
      return
    }
    const signal = this.#signal()
    try {
      await answerWithKeys(stream, exchangeOf(below, signal), (keys) => {
        connections.guard(below, keys)
      })
    } finally {
      signal.clear()
    }
  }

  #signal(): ReturnType<typeof anySignal> {
    return anySignal([this.#shutdown.signal, AbortSignal.timeout(KEY_EXCHANGE_TIMEOUT_MS)])
  }
}

function exchangeOf({ localId, remoteId }: UdxConnection, signal: AbortSignal): ExchangeInit {
  return { localId, remoteId, secret: randomBytes(SECRET_BYTES), signal }
}
