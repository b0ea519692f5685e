import type { Listener, ListenerEvents, Upgrader } from '@libp2p/interface'
import { getThinWaistAddresses } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter, setMaxListeners } from 'main-event'
import type { Acceptor } from './acceptor.ts'
import { AlreadyListeningError } from './errors.ts'
import { toTarget } from './multiaddr.ts'
import type { Sockets } from './sockets.ts'
import type { UdpSocket } from './udp-socket.ts'

export interface UdxListenerInit {
  readonly upgrader: Upgrader
  readonly sockets: Sockets
  readonly acceptor: Acceptor
}

/** Takes connections at one address, over one socket. */
export class UdxListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #init: UdxListenerInit
  readonly #shutdown = new AbortController()
  #address: Multiaddr | undefined
  #socket: UdpSocket | undefined
  #stopAccepting: (() => void) | undefined

  constructor(init: UdxListenerInit) {
    super()
    this.#init = init
    // each handshake in progress listens to it
    setMaxListeners(Infinity, this.#shutdown.signal)
  }

  /** Throws `ListenFailedError`, `AlreadyListeningError` or `NotAUdxAddressError`. */
  async listen(address: Multiaddr): Promise<void> {
    if (this.#address !== undefined) {
      throw new AlreadyListeningError(`already listening on ${this.#address.toString()}`)
    }
    const { host, port } = toTarget(address)
    const { sockets, acceptor, upgrader } = this.#init
    this.#socket = sockets.listen(host, port)
    this.#address = address
    this.#stopAccepting = acceptor.open(this.#socket, { upgrader, signal: this.#shutdown.signal })
    this.safeDispatchEvent('listening')
  }

  getAddrs(): Multiaddr[] {
    if (this.#address === undefined || this.#socket?.isOpen !== true) {
      return []
    }
    // a wildcard stands for each address of the machine; what is above UDP is not kept
    return getThinWaistAddresses(this.#address, this.#socket.local.port).map((address) =>
      address.encapsulate(multiaddr('/utp'))
    )
  }

  updateAnnounceAddrs(): void {
    // addresses are known when listening begins, and stay as they are
  }

  /** Takes no more, gives up handshakes, and closes the connections of its socket, dialled ones too. */
  async close(): Promise<void> {
    this.#stopAccepting?.()
    this.#shutdown.abort()
    await this.#socket?.shutDown()
    this.safeDispatchEvent('close')
  }
}
