import type { ComponentLogger, ConnectionEncrypter, Metrics, PrivateKey, Upgrader } from '@libp2p/interface'
import { InvalidOptionError } from '@p2pshare/interface'
import { HANDSHAKE_TIMEOUT_MS } from './constants.ts'
import { TlsEncrypter } from './tls.ts'

/** What the user of `tls()` may choose. */
export interface TlsInit {
  /**
   * How long a handshake may take, in milliseconds. Signals of libp2p's upgrader and of the dial end it too.
   *
   * @default 10_000
   */
  handshakeTimeoutMs?: number
}

/** What `tls()` needs from the node that hosts it. */
export interface TlsComponents {
  readonly privateKey: PrivateKey
  readonly upgrader: Upgrader
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
}

/** The defaults of `TlsInit`. */
export const tlsDefaults: Readonly<Required<TlsInit>> = Object.freeze({ handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS })

/**
 * The libp2p TLS handshake, `/tls/1.0.0`: on connections of `tcp()` of this package TLS runs on the socket itself, on all
 * others it is that of `@libp2p/tls`. See SPEC.md.
 *
 * @throws InvalidOptionError
 */
export function tls(init: TlsInit = {}): (components: TlsComponents) => ConnectionEncrypter {
  const options = { ...tlsDefaults, ...init }
  if (!Number.isInteger(options.handshakeTimeoutMs) || options.handshakeTimeoutMs < 1) {
    throw new InvalidOptionError('handshakeTimeoutMs', 'must be a whole number of milliseconds, at least 1')
  }
  return (components) => new TlsEncrypter(components, options)
}

export { InvalidCertificateError, TlsHandshakeError, UnexpectedPeerError } from './errors.ts'
