import { P2PShareError } from '@p2pshare/interface'
import type { PeerId } from '@libp2p/interface'

/** The other side's certificate does not follow the libp2p TLS specification. */
export class InvalidCertificateError extends P2PShareError {
  static override readonly name = 'InvalidCertificateError'
  override readonly name = 'InvalidCertificateError'
  readonly code = 'ERR_INVALID_CERTIFICATE'
  readonly fault = 'remote'
}

/** The certificate is a valid one, of somebody else. */
export class UnexpectedPeerError extends P2PShareError {
  static override readonly name = 'UnexpectedPeerError'
  override readonly name = 'UnexpectedPeerError'
  readonly code = 'ERR_UNEXPECTED_PEER'
  readonly fault = 'remote'
  readonly expected: PeerId
  readonly actual: PeerId

  constructor(expected: PeerId, actual: PeerId, options?: ErrorOptions) {
    super(`expected ${expected.toString()}, and it is ${actual.toString()}`, options)
    this.expected = expected
    this.actual = actual
  }
}

/** The TLS handshake failed before a certificate could be judged; `cause` is what TLS or the socket said. */
export class TlsHandshakeError extends P2PShareError {
  static override readonly name = 'TlsHandshakeError'
  override readonly name = 'TlsHandshakeError'
  readonly code = 'ERR_TLS_HANDSHAKE'
  readonly fault = 'network'
}
