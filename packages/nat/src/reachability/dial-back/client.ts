import { randomBytes } from 'node:crypto'
import type { AbortOptions, Connection, PeerId, Stream } from '@libp2p/interface'
import { AbortError } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { lpStream } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import {
  ASK_TIMEOUT_MS,
  DIAL_BACK_PROOF_PROTOCOL,
  DIAL_BACK_PROTOCOL,
  MAX_MESSAGE_BYTES,
  NONCE_BYTES
} from '../constants.ts'
import type { DialBackResult } from '../verdict.ts'
import { isCircuit, isSameProtocol } from './target.ts'
import { decodeAnswer, decodeProof, encodeAnswer, encodeAsk } from './wire.ts'

interface Pending {
  readonly peer: PeerId
  readonly address: Multiaddr
  readonly askedOver: string
  /** Milliseconds since the Unix epoch, as libp2p tells when a connection opened. */
  readonly since: number
  isProven: boolean
}

/** Asks others to dial this node, and recognises them when they do. */
export class DialBackClient {
  readonly #registrar: Pick<Registrar, 'handle' | 'unhandle'>
  readonly #pending = new Map<string, Pending>()
  readonly #answers = new WeakSet<Connection>()

  constructor({ registrar }: { registrar: Pick<Registrar, 'handle' | 'unhandle'> }) {
    this.#registrar = registrar
  }

  async start(): Promise<void> {
    await this.#registrar.handle(
      DIAL_BACK_PROOF_PROTOCOL,
      async (stream, connection) => this.#onProof(stream, connection),
      { maxInboundStreams: 1, maxOutboundStreams: 1, runOnLimitedConnection: false }
    )
  }

  async stop(): Promise<void> {
    await this.#registrar.unhandle(DIAL_BACK_PROOF_PROTOCOL)
  }

  /** Whether a connection is the answer to a question, or may be as long as that is out: who opened it closes it then. */
  awaits(connection: Connection): boolean {
    return (
      this.#answers.has(connection) || [...this.#pending.values()].some((pending) => isAnswerTo(pending, connection))
    )
  }

  /**
   * Ask the peer at the other end of `connection` to dial `address`. `ok` is believed only when that peer came over a new
   * connection, of the address's kind, with the nonce.
   *
   * @throws InvalidMessageError for an answer that is none
   */
  async ask(connection: Connection, address: Multiaddr, { signal }: AbortOptions = {}): Promise<DialBackResult> {
    const nonce = randomBytes(NONCE_BYTES)
    const key = nonce.toString('hex')
    const { remotePeer: peer, id: askedOver } = connection
    const pending: Pending = { peer, address, askedOver, since: Date.now(), isProven: false }
    const limited = anySignal([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)])
    this.#pending.set(key, pending)
    try {
      const stream = await connection.newStream(DIAL_BACK_PROTOCOL, { signal: limited, runOnLimitedConnection: false })
      try {
        const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
        await messages.write(encodeAsk({ address, nonce }), { signal: limited })
        const result = decodeAnswer((await messages.read({ signal: limited })).subarray())
        await stream.close({ signal: limited })
        return result === 'ok' && !pending.isProven ? 'refused' : result
      } catch (error) {
        stream.abort(error instanceof Error ? error : new AbortError())
        throw error
      }
    } finally {
      limited.clear()
      this.#pending.delete(key)
    }
  }

  async #onProof(stream: Stream, connection: Connection): Promise<void> {
    const signal = AbortSignal.timeout(ASK_TIMEOUT_MS)
    const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES })
    const nonce = decodeProof((await messages.read({ signal })).subarray())
    const pending = this.#pending.get(Buffer.from(nonce).toString('hex'))
    const isAnswer = pending !== undefined && isAnswerTo(pending, connection)
    if (isAnswer) {
      pending.isProven = true
      this.#answers.add(connection)
    }
    await messages.write(encodeAnswer(isAnswer ? 'ok' : 'refused'), { signal })
    await stream.close({ signal })
  }
}

/** Whether it came from who was asked, after the question, and by the way that was asked about. */
function isAnswerTo({ peer, address, askedOver, since }: Pending, connection: Connection): boolean {
  const { remotePeer, remoteAddr, direction, id, timeline } = connection
  return (
    peer.equals(remotePeer) &&
    direction === 'inbound' &&
    id !== askedOver &&
    timeline.open >= since &&
    !isCircuit(remoteAddr) &&
    isSameProtocol(remoteAddr, address)
  )
}
