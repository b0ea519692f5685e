import type { Duplex } from 'node:stream'
import { connect, TLSSocket } from 'node:tls'
import type { SecureContext, TLSSocketOptions } from 'node:tls'
import { InvalidCryptoExchangeError, serviceCapabilities } from '@libp2p/interface'
import type {
  AbortOptions,
  ConnectionEncrypter,
  MessageStream,
  SecureConnectionOptions,
  SecuredConnection,
  StreamMuxerFactory
} from '@libp2p/interface'
import { nativeSocketOf } from '../native-socket.ts'
import type { NativeSocket } from '../native-socket.ts'
import { ALPN_LIBP2P, TLS_PROTOCOL } from './constants.ts'
import { TlsHandshakeError } from './errors.ts'
import { handshake } from './handshake.ts'
import type { TlsComponents, TlsInit } from './index.ts'
import { nodeCertificate } from './node-certificate.ts'
import { TlsStream } from './tls-stream.ts'

/**
 * `/tls/1.0.0`: on the sockets of our transport themselves; on streams, as of circuits, UDP and behind protectors, through the
 * adapters of `@libp2p/tls`.
 */
export class TlsEncrypter implements ConnectionEncrypter {
  readonly [Symbol.toStringTag] = '@p2pshare/transport-tcp/tls'
  readonly [serviceCapabilities]: string[] = ['@libp2p/connection-encryption']
  readonly protocol = TLS_PROTOCOL
  readonly #components: TlsComponents
  readonly #options: Required<TlsInit>

  constructor(components: TlsComponents, options: Required<TlsInit>) {
    this.#components = components
    this.#options = options
  }

  async secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return await this.#secure(connection, true, options)
  }

  async secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return await this.#secure(connection, false, options)
  }

  async #secure(
    connection: MessageStream,
    isServer: boolean,
    options: SecureConnectionOptions
  ): Promise<SecuredConnection> {
    const native = nativeSocketOf(connection)
    try {
      return native === undefined
        ? await this.#onStream(connection, isServer, options)
        : await this.#onSocket(connection, native, isServer, options)
    } catch (error) {
      connection.abort(error instanceof Error ? error : new TlsHandshakeError('the handshake failed', { cause: error }))
      throw error
    }
  }

  async #onSocket(
    connection: MessageStream,
    native: NativeSocket,
    isServer: boolean,
    options: SecureConnectionOptions
  ): Promise<SecuredConnection> {
    const { signal } = options
    const secureContext = await nodeCertificate(this.#components.privateKey).context()
    const held: { stream?: TlsStream } = {}
    const close = async (closing: AbortOptions): Promise<void> => {
      if (held.stream === undefined) {
        throw new TlsHandshakeError('the connection was closed during the handshake')
      }
      await held.stream.finish(closing)
    }
    const raw = await native.detach({ close }, signal === undefined ? {} : { signal })
    if (raw.destroyed) {
      throw new TlsHandshakeError('the other side ended the connection before the handshake')
    }
    const { socket, ...secured } = await this.#handshake(raw, secureContext, isServer, options)
    held.stream = new TlsStream(connection, raw, socket)
    return { ...secured, connection: held.stream }
  }

  /**
   * With the certificate and the checks of all our connections: `@libp2p/tls` itself makes a certificate for each, and reads
   * that of the other side in JavaScript, which takes some 7 ms at each end before the first byte.
   */
  async #onStream(
    connection: MessageStream,
    isServer: boolean,
    options: SecureConnectionOptions
  ): Promise<SecuredConnection> {
    const [{ toMessageStream, toNodeDuplex }, secureContext] = await Promise.all([
      // takes 100 ms to load, and a node with nothing but TCP never needs it
      import('@libp2p/tls/utils'),
      nodeCertificate(this.#components.privateKey).context()
    ])
    const raw = toNodeDuplex(connection)
    const { socket, ...secured } = await this.#handshake(raw, secureContext, isServer, options)
    return { ...secured, connection: toMessageStream(connection, socket) }
  }

  async #handshake(
    raw: Duplex,
    secureContext: SecureContext,
    isServer: boolean,
    { signal, remotePeer: expected, skipStreamMuxerNegotiation }: SecureConnectionOptions
  ): Promise<Omit<SecuredConnection, 'connection'> & { socket: TLSSocket }> {
    const early = skipStreamMuxerNegotiation !== true
    const muxers = early ? this.#components.upgrader.getStreamMuxers() : new Map<string, StreamMuxerFactory>()
    const common: TLSSocketOptions = { secureContext, requestCert: true, rejectUnauthorized: false }
    const socket = isServer
      ? new TLSSocket(raw, { ...common, isServer, ALPNCallback: ({ protocols }) => chooseAlpn(protocols, muxers) })
      : connect({ ...common, socket: raw, ALPNProtocols: [...muxers.keys(), ALPN_LIBP2P] })
    const timeoutMs = this.#options.handshakeTimeoutMs
    const remotePeer = await handshake(socket, { timeoutMs, expected, ...(signal !== undefined && { signal }) })
    const streamMuxer = muxerOf(socket.alpnProtocol, muxers)
    return { socket, remotePeer, ...(streamMuxer !== undefined && { streamMuxer }) }
  }
}

/** The first of the client's protocols that we have; none ends the handshake, as the specification asks. */
function chooseAlpn(offered: readonly string[], muxers: ReadonlyMap<string, StreamMuxerFactory>): string | undefined {
  return offered.find((protocol) => protocol === ALPN_LIBP2P || muxers.has(protocol))
}

/** The muxer that was chosen within the handshake. Without one it is chosen by multistream-select afterwards. */
function muxerOf(
  protocol: string | false | null,
  muxers: ReadonlyMap<string, StreamMuxerFactory>
): StreamMuxerFactory | undefined {
  if (typeof protocol !== 'string' || protocol === ALPN_LIBP2P) {
    return undefined
  }
  const muxer = muxers.get(protocol)
  if (muxer === undefined) {
    throw new InvalidCryptoExchangeError(`the muxer ${protocol} was agreed on, and is not there`)
  }
  return muxer
}
