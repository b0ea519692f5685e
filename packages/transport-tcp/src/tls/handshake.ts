import type { TLSSocket } from 'node:tls'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import { abortReason } from '../socket-events.ts'
import { TlsHandshakeError } from './errors.ts'
import { verifyCertificate } from './verify.ts'

/** How a handshake is run. */
export interface HandshakeOptions extends AbortOptions {
  readonly timeoutMs: number
  /** Who must be at the other side. */
  readonly expected?: PeerId | undefined
}

/**
 * Waits until the handshake of a new TLS socket is over and tells whose certificate the other side has. Whatever goes
 * wrong, the socket is destroyed at once and nothing of it is left.
 *
 * @throws InvalidCertificateError, UnexpectedPeerError
 * @throws TlsHandshakeError when TLS fails or the other side ends the connection; the signal's reason when it aborts
 * @throws DeadlineError after `timeoutMs`
 */
export async function handshake(socket: TLSSocket, options: HandshakeOptions): Promise<PeerId> {
  const { signal, timeoutMs, expected } = options
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  const { promise: secured, resolve: onSecure } = Promise.withResolvers<undefined>()
  const onAbort = (): void => {
    fail(signal === undefined ? new TlsHandshakeError('aborted') : abortReason(signal))
  }
  const onError = (cause: unknown): void => {
    fail(new TlsHandshakeError(`the handshake failed: ${String(cause)}`, { cause }))
  }
  const onClose = (): void => {
    fail(new TlsHandshakeError('the other side ended the connection during the handshake'))
  }
  const deadline = setTimeout(() => {
    fail(new DeadlineError('the TLS handshake', timeoutMs))
  }, timeoutMs)
  signal?.addEventListener('abort', onAbort)
  socket.on('error', onError)
  // a socket that may be half open ends without a close
  socket.on('end', onClose)
  socket.on('close', onClose)
  // 'secureConnect' is only for sockets that `tls.connect` made, this one is for both
  socket.once('secure', onSecure)
  try {
    signal?.throwIfAborted()
    await Promise.race([secured, failed])
    return await Promise.race([identify(socket, expected), failed])
  } catch (error) {
    // what is still under way may fail too, with nobody to hear of it
    failed.catch(ignore)
    socket.on('error', ignore)
    socket.destroy()
    throw error
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', onAbort)
    socket.off('error', onError)
    socket.off('end', onClose)
    socket.off('close', onClose)
    socket.off('secure', onSecure)
  }
}

async function identify(socket: TLSSocket, expected: PeerId | undefined): Promise<PeerId> {
  // we never ask for one; a session that was resumed proves who the peer was, not who it is
  if (socket.isSessionReused()) {
    throw new TlsHandshakeError('the other side resumed a session')
  }
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) {
    throw new TlsHandshakeError('the other side showed no certificate')
  }
  return await verifyCertificate(certificate.raw, { now: Date.now(), expected })
}

function ignore(): void {
  // the error that matters has been thrown
}
