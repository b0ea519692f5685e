import { connect, TLSSocket } from 'node:tls'
import type { TLSSocketOptions } from 'node:tls'
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

/** `/tls/1.0.0` on the sockets of our transport; what has no socket of its own goes to `@libp2p/tls`. */
export class TlsEncrypter implements ConnectionEncrypter {
  readonly [Symbol.toStringTag] = '@p2pshare/transport-tcp/tls'
  readonly [serviceCapabilities]: string[] = ['@libp2p/connection-encryption']
  readonly protocol = TLS_PROTOCOL
  readonly #components: TlsComponents
  readonly #options: Required<TlsInit>
  #stock: Promise<ConnectionEncrypter> | undefined

  constructor(components: TlsComponents, options: Required<TlsInit>) {
    this.#components = components
    this.#options = options
  }

  async secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    const native = nativeSocketOf(connection)
    return native === undefined
      ? await (await this.#fallback()).secureInbound(connection, options)
      : await this.#secure(connection, native, true, options)
  }

  async secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    const native = nativeSocketOf(connection)
    return native === undefined
      ? await (await this.#fallback()).secureOutbound(connection, options)
      : await this.#secure(connection, native, false, options)
  }

  /** Connections of other transports, and those that a protector wraps: rare in a node with our transport, so loaded late. */
  #fallback(): Promise<ConnectionEncrypter> {
    this.#stock ??= import('@libp2p/tls').then(({ tls }) => tls()(this.#components))
    return this.#stock
  }

  async #secure(
    connection: MessageStream,
    native: NativeSocket,
    isServer: boolean,
    options: SecureConnectionOptions
  ): Promise<SecuredConnection> {
    try {
      return await this.#handshake(connection, native, isServer, options)
    } catch (error) {
      connection.abort(error instanceof Error ? error : new TlsHandshakeError('the handshake failed', { cause: error }))
      throw error
    }
  }

  async #handshake(
    connection: MessageStream,
    native: NativeSocket,
    isServer: boolean,
    { signal, remotePeer, skipStreamMuxerNegotiation }: SecureConnectionOptions
  ): Promise<SecuredConnection> {
    const abortable = signal === undefined ? {} : { signal }
    const secureContext = await nodeCertificate(this.#components.privateKey).context()
    const early = skipStreamMuxerNegotiation !== true
    const muxers = early ? this.#components.upgrader.getStreamMuxers() : new Map<string, StreamMuxerFactory>()
    const held: { stream?: TlsStream } = {}
    const close = async (closing: AbortOptions): Promise<void> => {
      if (held.stream === undefined) {
        throw new TlsHandshakeError('the connection was closed during the handshake')
      }
      await held.stream.finish(closing)
    }
    const raw = await native.detach({ close }, abortable)
    if (raw.destroyed) {
      throw new TlsHandshakeError('the other side ended the connection before the handshake')
    }
    const common: TLSSocketOptions = { secureContext, requestCert: true, rejectUnauthorized: false }
    const socket = isServer
      ? new TLSSocket(raw, { ...common, isServer, ALPNCallback: ({ protocols }) => chooseAlpn(protocols, muxers) })
      : connect({ ...common, socket: raw, ALPNProtocols: [...muxers.keys(), ALPN_LIBP2P] })
    const timeoutMs = this.#options.handshakeTimeoutMs
    const peer = await handshake(socket, { timeoutMs, expected: remotePeer, ...abortable })
    const streamMuxer = muxerOf(socket.alpnProtocol, muxers)
    held.stream = new TlsStream(connection, raw, socket)
    return { remotePeer: peer, connection: held.stream, ...(streamMuxer === undefined ? {} : { streamMuxer }) }
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
