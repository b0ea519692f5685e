import type { ComponentLogger } from '@libp2p/interface'
import { TooManySocketsError } from './errors.ts'
import { isLoopback, isWildcard } from './multiaddr.ts'
import type { Native } from './native.ts'
import { UdpSocket } from './udp-socket.ts'
import type { ProtocolHandler } from './udp-socket.ts'

export interface SocketsInit {
  readonly native: Native
  readonly logger: ComponentLogger
  readonly maxOpenSockets: number
  readonly onProtocol: ProtocolHandler
  readonly onStray: (packet: Uint8Array) => void
}

/** The UDP sockets of one node. */
export class Sockets {
  readonly #init: SocketsInit
  readonly #all = new Set<object>()
  readonly #listening = new Set<UdpSocket>()
  /** For dials of a family in which the node does not listen. */
  readonly #dialling = new Map<4 | 6, UdpSocket>()
  /** Opened for another service, which has not given them to a connection yet. */
  readonly #lent = new Set<UdpSocket>()
  readonly #adopted = new Set<UdpSocket>()

  constructor(init: SocketsInit) {
    this.#init = init
  }

  /** Those the node listens on, those that others can reach first. */
  get listening(): UdpSocket[] {
    return [...this.#listening].sort((a, b) => Number(isLoopback(a.local.host)) - Number(isLoopback(b.local.host)))
  }

  get lent(): number {
    return this.#lent.size
  }

  /** Throws `ListenFailedError`. */
  listen(host: string, port: number): UdpSocket {
    const socket = this.#bind(host, port, true, this.#listening)
    this.#init.native.enlarge(socket.native)
    return socket
  }

  /** Dial from where the node listens: what a NAT learns of the one holds for the other. */
  forDial(host: string): UdpSocket {
    const family = host.includes(':') ? 6 : 4
    const fits = this.listening.filter(({ family: own, isOpen }) => isOpen && own === family)
    const ofKind = fits.find(({ local }) => !isWildcard(local.host) && isLoopback(local.host) === isLoopback(host))
    const socket = ofKind ?? fits.find(({ local }) => isWildcard(local.host)) ?? this.#dialling.get(family)
    if (socket?.isOpen === true) {
      return socket
    }
    const opened = this.#bind(family === 6 ? '::' : '0.0.0.0', 0, true)
    this.#init.native.enlarge(opened.native)
    this.#dialling.set(family, opened)
    return opened
  }

  /** One more, for another service. Throws `TooManySocketsError`, or `ListenFailedError`. */
  lend(family: 4 | 6): UdpSocket {
    if (this.#lent.size >= this.#init.maxOpenSockets) {
      throw new TooManySocketsError(this.#init.maxOpenSockets)
    }
    return this.#bind(family === 6 ? '::' : '0.0.0.0', 0, false, this.#lent)
  }

  /** It belongs to its connection from now on, and is closed with it. Has no effect on shared ones. */
  adopt(socket: UdpSocket): void {
    if (this.#lent.delete(socket)) {
      this.#init.native.enlarge(socket.native)
      socket.isOwned = true
      this.#adopted.add(socket)
      void this.#closeWithLast(socket)
    }
  }

  /** Whether it is one of ours, and open. */
  has(socket: object): socket is UdpSocket {
    return this.#all.has(socket) && socket instanceof UdpSocket && socket.isOpen
  }

  /** Closes everything but the sockets of listeners, which are closed by them. */
  async close(): Promise<void> {
    const all = [...this.#dialling.values(), ...this.#lent, ...this.#adopted]
    await Promise.all(all.map(async (socket) => socket.shutDown()))
  }

  async #closeWithLast(socket: UdpSocket): Promise<void> {
    // another try over the same path may still be under way, or begin
    while (socket.connections.size > 0) {
      await Promise.all([...socket.connections].map(async ({ gone }) => gone))
    }
    await socket.shutDown()
  }

  #bind(host: string, port: number, isOwned: boolean, set?: Set<UdpSocket>): UdpSocket {
    const { native, logger, onProtocol, onStray } = this.#init
    const socket: UdpSocket = new UdpSocket({
      native: native.bind(host, port),
      log: logger.forComponent('p2pshare:udx:socket'),
      onProtocol,
      onStray,
      isOwned,
      onClose: () => {
        set?.delete(socket)
        this.#all.delete(socket)
        this.#adopted.delete(socket)
      }
    })
    set?.add(socket)
    this.#all.add(socket)
    return socket
  }
}
