import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { byteStream } from '@libp2p/utils'
import { InvalidMessageError } from '@p2pshare/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { decodeBatch, directBytes, encodeBatch } from '../wire/direct-codec.ts'
import type { Direct } from '../wire/direct-codec.ts'
import {
  DIRECT_PROTOCOL,
  DIRECT_TIMEOUT_MS,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_DIRECT_STREAMS,
  MAX_OUTBOXES,
  MAX_OUTBOX_MESSAGES
} from './constants.ts'
import type { Pacer } from './paced-registrar.ts'

export interface DirectLinkInit {
  readonly registrar: Registrar
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly pacer: Pacer
  readonly log: Logger
  /** Called in the order of the stream, each after the one before; what it throws is logged. */
  readonly onMessage: (from: PeerId, message: Direct) => Promise<void>
  /** A peer sent what no honest node sends. */
  readonly onFault: (from: PeerId) => void
}

/**
 * Messages to neighbours over connections that are open, several in one stream. Nothing is dialled, nothing waits for an
 * answer; what cannot be sent is dropped.
 */
export class DirectLink {
  readonly #init: DirectLinkInit
  readonly #outboxes = new Map<string, Direct[]>()
  #shutdown: AbortController | undefined

  constructor(init: DirectLinkInit) {
    this.#init = init
  }

  async start(): Promise<void> {
    this.#shutdown = new AbortController()
    await this.#init.registrar.handle(DIRECT_PROTOCOL, this.#onStream, {
      maxInboundStreams: MAX_DIRECT_STREAMS,
      maxOutboundStreams: MAX_DIRECT_STREAMS,
      runOnLimitedConnection: true
    })
  }

  async stop(): Promise<void> {
    this.#shutdown?.abort()
    this.#shutdown = undefined
    this.#outboxes.clear()
    await this.#init.registrar.unhandle(DIRECT_PROTOCOL)
  }

  isConnected(peer: PeerId): boolean {
    return this.#connectionTo(peer) !== undefined
  }

  /** False: it is not a neighbour, or too much waits for it already. */
  send(peer: PeerId, message: Direct): boolean {
    const key = peer.toString()
    const waiting = this.#outboxes.get(key)
    if (waiting !== undefined) {
      return waiting.length < MAX_OUTBOX_MESSAGES && waiting.push(message) > 0
    }
    if (this.#shutdown === undefined || this.#outboxes.size >= MAX_OUTBOXES || !this.isConnected(peer)) {
      return false
    }
    const outbox = [message]
    this.#outboxes.set(key, outbox)
    this.#flush(peer, outbox, this.#shutdown.signal)
      .catch((error: unknown) => {
        this.#init.log('%d messages did not reach %p - %e', outbox.length, peer, error)
      })
      .finally(() => {
        if (this.#outboxes.get(key) === outbox) {
          this.#outboxes.delete(key)
        }
      })
    return true
  }

  async #flush(peer: PeerId, outbox: Direct[], stopping: AbortSignal): Promise<void> {
    await Promise.resolve() // what is sent in the same breath goes in the same stream
    while (outbox.length > 0) {
      stopping.throwIfAborted()
      const connection = this.#connectionTo(peer)
      if (connection === undefined) {
        outbox.length = 0
        return
      }
      const signal = AbortSignal.timeout(DIRECT_TIMEOUT_MS)
      const stream = await connection.newStream(DIRECT_PROTOCOL, { signal, runOnLimitedConnection: true })
      try {
        stream.send(encodeBatch(takeBatch(outbox)))
        await stream.close({ signal })
      } catch (error) {
        stream.abort(error instanceof Error ? error : new InvalidMessageError('aborted', { cause: error }))
        throw error
      }
    }
  }

  readonly #onStream = async (stream: Stream, connection: Connection): Promise<void> => {
    const from = connection.remotePeer
    this.#init.pacer.watch(stream, connection)
    const signal = AbortSignal.timeout(DIRECT_TIMEOUT_MS)
    try {
      const batch = await readToEnd(stream, signal)
      await stream.close({ signal })
      for (const message of decodeBatch(batch)) {
        if (this.#shutdown === undefined) {
          return
        }
        await this.#init.onMessage(from, message)
      }
    } catch (error) {
      if (error instanceof InvalidMessageError) {
        this.#init.onFault(from)
      }
      this.#init.log('messages of %p - %e', from, error)
      stream.abort(error instanceof Error ? error : new InvalidMessageError('aborted', { cause: error }))
    }
  }

  #connectionTo(peer: PeerId): Connection | undefined {
    const open = this.#init.connectionManager.getConnections(peer).filter(({ status }) => status === 'open')
    return open.find(({ limits }) => limits === undefined) ?? open[0]
  }
}

/** Taken from the front of `outbox`, always at least one. */
function takeBatch(outbox: Direct[]): Direct[] {
  let bytes = 0
  let count = 0
  for (const message of outbox) {
    bytes += directBytes(message)
    if (count > 0 && (bytes > MAX_BATCH_BYTES || count === MAX_BATCH_MESSAGES)) {
      break
    }
    count++
  }
  return outbox.splice(0, count)
}

async function readToEnd(stream: Stream, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = byteStream(stream, { maxBufferSize: 2 * MAX_BATCH_BYTES })
  const all = new Uint8ArrayList()
  for (;;) {
    const chunk = await bytes.read({ signal })
    if (chunk === null) {
      return all.subarray()
    }
    all.append(chunk)
    if (all.byteLength > MAX_BATCH_BYTES) {
      throw new InvalidMessageError(`direct messages: more than ${MAX_BATCH_BYTES} bytes`)
    }
  }
}
