import type { OnReadOpts } from 'node:net'
import { connect } from 'node:tls'
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import type { IpEndpoint } from '../endpoint.ts'
import { settled } from '../socket-events.ts'
import { InvalidCertificateError, UnexpectedPeerError } from '../tls/errors.ts'
import { handshake } from '../tls/handshake.ts'
import { BULK_ALPN, READY } from './constants.ts'
import { BulkChannelError } from './errors.ts'

/** Where the bytes of a socket go that reads into buffers of ours. */
export interface DirectReader {
  view(): Uint8Array
  /** `false`: read no more. */
  filled(bytes: number): boolean
}

export interface DialOptions extends AbortOptions {
  readonly context: SecureContext
  /** For TCP, TLS and the answer together. */
  readonly timeoutMs: number
  /** Takes what follows the answer. It is paused, and must take what still comes. */
  readonly reader: DirectReader
}

/**
 * The dialling side: a socket whose other end is `peer` and took the token. It is destroyed when this rejects.
 *
 * Node reads into buffers of ours (`onread`) only on a TLS socket that made its own connection, so no socket is made first.
 *
 * @throws BulkChannelError; the signal's reason when it aborts
 */
export async function dial(to: IpEndpoint, peer: PeerId, token: Uint8Array, options: DialOptions): Promise<TLSSocket> {
  const { context, timeoutMs, reader, signal } = options
  const deadline = performance.now() + timeoutMs
  const abortable = signal === undefined ? {} : { signal }
  signal?.throwIfAborted()
  const answer = new AnswerReader(reader)
  const how: ConnectionOptions & {
    readonly onread: OnReadOpts
    readonly noDelay: boolean
    readonly allowHalfOpen: boolean
  } = {
    host: to.host,
    port: to.port,
    secureContext: context,
    rejectUnauthorized: false,
    ALPNProtocols: [BULK_ALPN],
    // the other side may end first and still read what we have for it
    allowHalfOpen: true,
    noDelay: true,
    onread: { buffer: () => answer.view(), callback: (bytes) => answer.filled(bytes) }
  }
  const socket = connect(how)
  try {
    await handshake(socket, { timeoutMs, expected: peer, ...abortable })
    if (socket.alpnProtocol !== BULK_ALPN) {
      throw new BulkChannelError('wrong-peer', 'what answers does not speak the protocol')
    }
    // only now: the token is for nobody else
    socket.write(token)
    await answer.ready(socket, deadline - performance.now(), abortable)
    return socket
  } catch (error) {
    socket.on('error', ignore)
    socket.destroy()
    signal?.throwIfAborted()
    throw toFailure(error, to)
  }
}

/** Reads the one byte of the answer, then hands on to the reader behind it. */
class AnswerReader implements DirectReader {
  readonly #next: DirectReader
  readonly #byte = new Uint8Array(1)
  #answer: number | undefined
  #done: (error?: Error) => void = ignore

  constructor(next: DirectReader) {
    this.#next = next
  }

  view(): Uint8Array {
    return this.#answer === undefined ? this.#byte : this.#next.view()
  }

  filled(bytes: number): boolean {
    if (this.#answer !== undefined) {
      return this.#next.filled(bytes)
    }
    this.#answer = this.#byte[0]
    this.#done()
    return false
  }

  async ready(socket: TLSSocket, timeoutMs: number, options: AbortOptions): Promise<void> {
    let stop: () => void = ignore
    try {
      await settled(options, (done) => {
        this.#done = done
        if (this.#answer !== undefined) {
          done()
        }
        const deadline = setTimeout(() => {
          done(new DeadlineError('the answer to the token of a bulk channel', timeoutMs))
        }, timeoutMs)
        const onEnd = (): void => {
          done(new BulkChannelError('refused', 'the other side did not take the token'))
        }
        const onError = (cause: Error): void => {
          done(new BulkChannelError('refused', 'the other side did not take the token', { cause }))
        }
        socket.once('end', onEnd)
        socket.once('close', onEnd)
        socket.on('error', onError)
        stop = (): void => {
          clearTimeout(deadline)
          socket.off('end', onEnd)
          socket.off('close', onEnd)
          socket.off('error', onError)
        }
      })
    } finally {
      this.#done = ignore
      stop()
    }
    if (this.#answer !== READY) {
      throw new BulkChannelError('refused', `the other side answered ${String(this.#answer)}`)
    }
  }
}

function toFailure(error: unknown, { text }: IpEndpoint): BulkChannelError {
  if (error instanceof BulkChannelError) {
    return error
  }
  const wrong = error instanceof InvalidCertificateError || error instanceof UnexpectedPeerError
  return wrong
    ? new BulkChannelError('wrong-peer', `somebody else answers at ${text}`, { cause: error })
    : new BulkChannelError('unreachable', `no bulk channel to ${text}`, { cause: error })
}

function ignore(): void {
  // nobody waits
}
