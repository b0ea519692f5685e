import { AbortError } from '@libp2p/interface'
import type { ComponentLogger, Connection, Logger, Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'
import { lpStream } from '@libp2p/utils'
import { CODE_P2P } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import { SwallowedDialError } from '../../dial/errors.ts'
import { Trials } from '../../trials.ts'
import {
  ASK_TIMEOUT_MS,
  DIAL_BACK_PROOF_PROTOCOL,
  DIAL_BACK_PROTOCOL,
  DIAL_TIMEOUT_MS,
  MAX_MESSAGE_BYTES
} from '../constants.ts'
import type { DialBackResult } from '../verdict.ts'
import { DialLimiter } from './limiter.ts'
import { dialBackTarget } from './target.ts'
import { decodeAnswer, decodeAsk, encodeAnswer, encodeProof } from './wire.ts'

/** What answering needs of the node. */
export interface DialBackServerComponents {
  registrar: Pick<Registrar, 'handle' | 'unhandle'>
  connectionManager: Pick<ConnectionManager, 'openConnection' | 'getConnections'>
  transportManager: Pick<TransportManager, 'dialTransportForMultiaddr'>
  logger: ComponentLogger
}

/** Dials others back when they ask. */
export class DialBackServer {
  readonly #components: DialBackServerComponents
  readonly #now: () => number
  readonly #onDial: (address: Multiaddr) => void
  readonly #log: Logger
  readonly #limiter = new DialLimiter()
  /** What is dialled for others now, and the connections that were there before. */
  readonly #dialling = new Map<Multiaddr, ReadonlySet<string>>()
  /** Connections that were opened to answer, by id, until they are closed. */
  readonly #opened = new Set<string>()
  readonly #trials = new Trials()
  #shutdown = new AbortController()

  /** `onDial` is told each address before it is dialled. */
  constructor(components: DialBackServerComponents, now: () => number, onDial: (address: Multiaddr) => void) {
    this.#components = components
    this.#now = now
    this.#onDial = onDial
    this.#log = components.logger.forComponent('p2pshare:nat:dial-back')
  }

  async start(): Promise<void> {
    this.#shutdown = new AbortController()
    await this.#components.registrar.handle(
      DIAL_BACK_PROTOCOL,
      async (stream, connection) => this.#handle(stream, connection),
      { maxInboundStreams: 2, maxOutboundStreams: 4, runOnLimitedConnection: false }
    )
  }

  /** Whether a connection was opened to answer a question: it is closed after that. */
  opens(connection: Connection): boolean {
    // who asks is often connected already, and at the very address that it asks about
    return (
      this.#opened.has(connection.id) ||
      (connection.direction === 'outbound' &&
        [...this.#dialling].some(
          ([target, before]) => isAt(connection.remoteAddr, target) && !before.has(connection.id)
        ))
    )
  }

  async stop(): Promise<void> {
    this.#shutdown.abort()
    this.#trials.stop()
    await this.#components.registrar.unhandle(DIAL_BACK_PROTOCOL)
  }

  async #handle(stream: Stream, connection: Connection): Promise<void> {
    const signal = anySignal([this.#shutdown.signal, AbortSignal.timeout(ASK_TIMEOUT_MS)])
    try {
      const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
      const { address, nonce } = decodeAsk((await messages.read({ signal })).subarray())
      const result = await this.#answer(address, nonce, connection, signal)
      this.#log('%p asked for %a: %s', connection.remotePeer, address, result)
      await messages.write(encodeAnswer(result), { signal })
      await stream.close({ signal })
    } finally {
      signal.clear()
    }
  }

  async #answer(
    address: Multiaddr,
    nonce: Uint8Array,
    { remoteAddr, remotePeer }: Connection,
    signal: AbortSignal
  ): Promise<DialBackResult> {
    const target = dialBackTarget(address, remoteAddr, remotePeer)
    if (target === undefined || this.#components.transportManager.dialTransportForMultiaddr(target) === undefined) {
      return 'refused'
    }
    const peer = remotePeer.toString()
    if (!this.#limiter.start(peer, this.#now())) {
      return 'try-later'
    }
    try {
      return await this.#dial(target, nonce, signal)
    } finally {
      this.#limiter.done()
    }
  }

  async #dial(target: Multiaddr, nonce: Uint8Array, signal: AbortSignal): Promise<DialBackResult> {
    const { connectionManager } = this.#components
    const before = new Set(connectionManager.getConnections().map(({ id }) => id))
    const limited = anySignal([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)])
    let connection: Connection | undefined
    this.#onDial(target)
    this.#dialling.set(target, before)
    try {
      connection = await connectionManager.openConnection(target, { force: true, signal: limited })
      if (before.has(connection.id) || !isAt(connection.remoteAddr, target)) {
        // it joined a dial to this peer that was under way: what that one found says nothing of this address
        connection = undefined
        return 'try-later'
      }
      this.#trials.mark(connection)
      return await prove(connection, nonce, limited)
    } catch (error) {
      this.#log('%a is not reachable from here: %e', target, error)
      // it joined others each time, which ended with a circuit: nothing was found out
      return error instanceof SwallowedDialError ? 'try-later' : 'unreachable'
    } finally {
      limited.clear()
      if (connection !== undefined) {
        this.#closeFresh(connection)
      }
      this.#dialling.delete(target)
    }
  }

  /**
   * Only what was opened for the question is closed; and not under the streams of others, who take any connection to a
   * peer, as a circuit through it does.
   */
  #closeFresh(connection: Connection): void {
    const { id } = connection
    this.#opened.add(id)
    connection.addEventListener('close', () => this.#opened.delete(id))
    if (connection.status === 'open') {
      this.#trials.end(connection)
    } else {
      this.#opened.delete(id)
    }
  }
}

async function prove(connection: Connection, nonce: Uint8Array, signal: AbortSignal): Promise<DialBackResult> {
  const stream = await connection.newStream(DIAL_BACK_PROOF_PROTOCOL, { signal, runOnLimitedConnection: false })
  try {
    const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
    await messages.write(encodeProof(nonce), { signal })
    const result = decodeAnswer((await messages.read({ signal })).subarray())
    await stream.close({ signal })
    return result === 'ok' ? 'ok' : 'unreachable'
  } catch (error) {
    stream.abort(error instanceof Error ? error : new AbortError())
    throw error
  }
}

function isAt(remote: Multiaddr, target: Multiaddr): boolean {
  return remote.decapsulateCode(CODE_P2P).equals(target.decapsulateCode(CODE_P2P))
}
