import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { SecureContext } from 'node:tls'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import { settled } from '../socket-events.ts'
import { handshake } from '../tls/handshake.ts'
import { BULK_ALPN, GREETING_BYTES, READY } from './constants.ts'
import { BulkChannelError } from './errors.ts'

/** A dialler that has proved who it is and shown a token, which nobody has looked at. */
export interface Greeting {
  readonly socket: TLSSocket
  readonly peer: PeerId
  readonly token: Uint8Array
}

export interface GreetOptions extends AbortOptions {
  readonly context: SecureContext
  /** For TLS and token together. */
  readonly timeoutMs: number
  /** Whether anything may come of it, asked as soon as the peer is known: a stranger is not waited for. */
  readonly welcome: (peer: PeerId) => boolean
}

/**
 * The accepting side up to the token. `raw` begins with a TLS handshake, and is destroyed when this rejects.
 *
 * @throws BulkChannelError, InvalidCertificateError, TlsHandshakeError, DeadlineError, or the signal's reason
 */
export async function greet(raw: Socket, { context, timeoutMs, welcome, signal }: GreetOptions): Promise<Greeting> {
  const deadline = performance.now() + timeoutMs
  const abortable = signal === undefined ? {} : { signal }
  if (raw.destroyed) {
    throw new BulkChannelError('unreachable', 'the dialler has gone')
  }
  // the other side may end first and still read what we have for it
  raw.allowHalfOpen = true
  const socket = new TLSSocket(raw, {
    secureContext: context,
    isServer: true,
    requestCert: true,
    rejectUnauthorized: false,
    // asked when the first message has arrived, before anything was computed: most who do not belong here end now
    ALPNCallback: ({ protocols }) => (protocols.includes(BULK_ALPN) ? BULK_ALPN : undefined)
  })
  try {
    const peer = await handshake(socket, { timeoutMs, ...abortable })
    if (socket.alpnProtocol !== BULK_ALPN) {
      throw new BulkChannelError('protocol', 'the dialler did not name the protocol')
    }
    if (!welcome(peer)) {
      throw new BulkChannelError('protocol', 'the dialler was not invited')
    }
    const token = await readToken(socket, deadline - performance.now(), abortable)
    return { socket, peer, token }
  } catch (error) {
    socket.on('error', ignore)
    socket.destroy()
    throw error
  }
}

/** Tells the dialler that the token was taken. */
export function answerReady(socket: TLSSocket): void {
  socket.write(Uint8Array.of(READY))
}

/** Exactly the token: the dialler has to wait for the answer before it sends more. */
async function readToken(socket: TLSSocket, timeoutMs: number, options: AbortOptions): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let stop = ignore
  try {
    await settled(options, (done) => {
      const deadline = setTimeout(() => {
        done(new DeadlineError('the token of a bulk channel', timeoutMs))
      }, timeoutMs)
      const onData = (bytes: Buffer): void => {
        parts.push(bytes)
        const got = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
        if (got > GREETING_BYTES) {
          done(new BulkChannelError('protocol', 'something follows the token'))
        } else if (got === GREETING_BYTES) {
          socket.pause()
          done()
        }
      }
      const onEnd = (): void => {
        done(new BulkChannelError('protocol', 'the dialler ended before its token'))
      }
      if (socket.readableEnded) {
        onEnd()
      }
      socket.on('data', onData)
      socket.once('end', onEnd)
      socket.once('close', onEnd)
      socket.on('error', done)
      socket.on('_tlsError', done)
      stop = (): void => {
        clearTimeout(deadline)
        socket.off('data', onData)
        socket.off('end', onEnd)
        socket.off('close', onEnd)
        socket.off('error', done)
        socket.off('_tlsError', done)
      }
    })
  } finally {
    stop()
  }
  return Buffer.concat(parts)
}

function ignore(): void {
  // the error that matters has been thrown
}
