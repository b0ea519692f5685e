import { isIP } from 'node:net'
import type { Logger } from '@libp2p/interface'
import type { DatagramAddress, DatagramHandler, DatagramSocket } from '@p2pshare/interface'
import type { UdxConnection } from './connection.ts'
import { LISTENER_CLOSE_TIMEOUT_MS, UDX_PACKET_BYTE } from './constants.ts'
import { toError } from './events.ts'
import { isWildcard } from './multiaddr.ts'
import type { NativeSocket } from './native.ts'
import { hasMagic } from './wire/magic.ts'

/** Takes a datagram of this protocol. */
export type ProtocolHandler = (bytes: Uint8Array, from: DatagramAddress, socket: UdpSocket) => void

export interface UdpSocketInit {
  readonly native: NativeSocket
  readonly log: Logger
  readonly onProtocol: ProtocolHandler
  /** A packet of a UDX stream that there is not. */
  readonly onStray: (packet: Uint8Array) => void
  /** By the transport from the start. */
  readonly isOwned: boolean
  /** It is closed with its last connection. */
  onClose(): void
}

/** One bound UDP socket: streams of UDX, this protocol's own datagrams, and those of others (STUN, probes). */
export class UdpSocket implements DatagramSocket {
  readonly family: 4 | 6
  readonly local: DatagramAddress
  readonly native: NativeSocket
  readonly connections = new Set<UdxConnection>()
  /** Its owner is the transport, or a connection: `close()` of anybody else has no effect. */
  isOwned: boolean
  readonly #init: UdpSocketInit
  readonly #handlers = new Set<DatagramHandler>()
  #closing: Promise<void> | undefined

  constructor(init: UdpSocketInit) {
    this.#init = init
    this.native = init.native
    this.isOwned = init.isOwned
    const { host, port } = init.native.address() ?? { host: '0.0.0.0', port: 0 }
    this.local = { host, port }
    this.family = host.includes(':') ? 6 : 4
    init.native.on('message', this.#onMessage)
  }

  get isOpen(): boolean {
    return this.#closing === undefined
  }

  send(bytes: Uint8Array, to: DatagramAddress): void {
    if (this.isOpen && isIP(to.host) === this.family && Number.isInteger(to.port) && to.port > 0 && to.port < 65_536) {
      this.native.trySend(bytes, to.port, to.host)
    }
  }

  handle(handler: DatagramHandler): () => void {
    this.#handlers.add(handler)
    return () => {
      this.#handlers.delete(handler)
    }
  }

  /** Have the socket receive these. UDX takes packets of a stream from anywhere, so from here too. */
  receiveAgain(packets: readonly Uint8Array[]): void {
    const loopback = this.family === 6 ? '::1' : '127.0.0.1'
    const { host, port } = this.local
    for (const packet of packets) {
      this.send(packet, { host: isWildcard(host) ? loopback : host, port })
    }
  }

  close(): void {
    if (!this.isOwned) {
      void this.shutDown(AbortSignal.abort())
    }
  }

  /** Closes its connections, aborts those that take longer than the signal allows, and then itself. */
  async shutDown(signal: AbortSignal = AbortSignal.timeout(LISTENER_CLOSE_TIMEOUT_MS)): Promise<void> {
    this.#closing ??= this.#shutDown(signal)
    await this.#closing
  }

  async #shutDown(signal: AbortSignal): Promise<void> {
    // no stream may be made on it from here on, and it closes when the last one is gone
    const closed = this.native.close()
    // libp2p's connection manager stops beside us and waits for the end of each connection it knows: not before it looks
    await new Promise((turn) => setImmediate(turn))
    await Promise.all([...this.connections].map((connection) => closeOrAbort(connection, signal)))
    await closed
    this.native.off('message', this.#onMessage)
    this.#handlers.clear()
    this.#init.onClose()
  }

  readonly #onMessage = (bytes: Uint8Array, { host, port }: DatagramAddress): void => {
    if (bytes.length === 0 || port === 0) {
      return
    }
    const from = { host, port }
    try {
      if (bytes[0] === UDX_PACKET_BYTE) {
        this.#init.onStray(bytes)
        return
      }
      if (hasMagic(bytes)) {
        this.#init.onProtocol(bytes, from, this)
        return
      }
      for (const handler of this.#handlers) {
        if (handler(bytes, from)) {
          return
        }
      }
    } catch (error) {
      // anybody can send anything: it must not end the process
      this.#init.log.error('a datagram of %d bytes from %s made a handler throw - %e', bytes.length, host, error)
    }
  }
}

async function closeOrAbort(connection: UdxConnection, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted()
    await connection.close({ signal })
  } catch (error) {
    connection.abort(toError(error))
  }
}
