import type { MessagePort } from 'node:worker_threads'
import type { ComponentLogger, Listener, ListenerEvents, Upgrader } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter, setMaxListeners } from 'main-event'
import { PortConnection } from './port-connection.ts'
import type { Switchboard } from './switchboard.ts'

/** How long a connection may take to deliver what it holds when its listener closes. */
const CLOSE_TIMEOUT_MS = 500

/** What a listener needs. */
export interface PortListenerInit {
  readonly switchboard: Switchboard
  readonly upgrader: Upgrader
  readonly logger: ComponentLogger
}

/** Answers at one name. */
export class PortListener extends TypedEventEmitter<ListenerEvents> implements Listener {
  readonly #init: PortListenerInit
  readonly #shutdown = new AbortController()
  readonly #connections = new Set<PortConnection>()
  #name: string | undefined
  #calls = 0

  constructor(init: PortListenerInit) {
    super()
    this.#init = init
    // each handshake in progress listens to it
    setMaxListeners(Infinity, this.#shutdown.signal)
  }

  async listen(address: Multiaddr): Promise<void> {
    const name = nameIn(address)
    this.#init.switchboard.open(name, (port) => this.#onCall(port, name))
    this.#name = name
    this.safeDispatchEvent('listening')
  }

  /** Without the peer id: libp2p adds it. */
  getAddrs(): Multiaddr[] {
    return this.#name === undefined ? [] : [multiaddr(`/memory/${this.#name}`)]
  }

  updateAnnounceAddrs(): void {}

  async close(): Promise<void> {
    if (this.#name !== undefined) {
      this.#init.switchboard.close(this.#name)
      this.#name = undefined
    }
    this.#shutdown.abort()
    await Promise.all([...this.#connections].map(closeOrAbort))
    // not before an `await`: libp2p's transport manager still counts its listeners
    this.safeDispatchEvent('close')
  }

  #onCall(port: MessagePort, name: string): void {
    const connection = new PortConnection(port, {
      // a caller has no address; this one tells them apart, and nobody can dial it
      remoteAddr: multiaddr(`/memory/${name}-caller-${++this.#calls}`),
      direction: 'inbound',
      log: this.#init.logger.forComponent('example:ports:inbound')
    })
    this.#connections.add(connection)
    connection.addEventListener('close', () => this.#connections.delete(connection))
    // encrypts, muxes and hands the connection to the node
    this.#init.upgrader
      .upgradeInbound(connection, { signal: this.#shutdown.signal })
      .catch((reason: unknown) => connection.fail(reason))
  }
}

/** The name in `/memory/<name>`, which `listenFilter` and `dialFilter` have seen to be there. */
export function nameIn(address: Multiaddr): string {
  return address.getComponents()[0]?.value ?? ''
}

async function closeOrAbort(connection: PortConnection): Promise<void> {
  try {
    await connection.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
  } catch (reason) {
    connection.fail(reason)
  }
}
