import { serviceCapabilities } from '@libp2p/interface'
import type { PeerId, Startable } from '@libp2p/interface'
import type { TransportTcp, TransportTcpComponents } from './index.ts'
import type { TransportTcpInit } from './options.ts'

/** Remembers who connected last; the oldest goes first. */
export class TransportTcpService implements TransportTcp, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/transport-tcp'
  readonly [serviceCapabilities]: string[] = ['@p2pshare/transport-tcp']
  readonly #components: TransportTcpComponents
  readonly #options: Required<TransportTcpInit>
  readonly #seen = new Map<string, PeerId>()

  constructor(components: TransportTcpComponents, options: Required<TransportTcpInit>) {
    this.#components = components
    this.#options = options
  }

  start(): void {
    this.#components.events.addEventListener('peer:connect', this.#onConnect)
  }

  stop(): void {
    this.#components.events.removeEventListener('peer:connect', this.#onConnect)
    this.#seen.clear()
  }

  peers(): number {
    return this.#seen.size
  }

  readonly #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    const key = peer.toString()
    this.#seen.delete(key)
    this.#seen.set(key, peer)
    const [oldest] = this.#seen.keys()
    if (this.#seen.size > this.#options.maxPeers && oldest !== undefined) {
      this.#seen.delete(oldest)
    }
  }
}
