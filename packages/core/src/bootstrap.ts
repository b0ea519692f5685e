import { setTimeout as delay } from 'node:timers/promises'
import type {
  AbortOptions,
  ComponentLogger,
  Libp2pEvents,
  Logger,
  PeerId,
  PeerStore,
  Startable,
  TypedEventTarget
} from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { setMaxListeners } from 'main-event'
import { BOOTSTRAP_RETRY, BOOTSTRAP_TAG_VALUE } from './defaults.ts'

/** Keeps this node connected to the peers it was told to join through. */
export interface Bootstrap {
  /** Resolves when the first of them is connected, or each was tried once; at once when there are none. */
  tried(options?: AbortOptions): Promise<void>
  /** How many addresses there are, and whether one of them has answered since the start. */
  readonly state: { readonly addresses: number; readonly answered: boolean }
}

/** What `bootstrap()` needs from the node that hosts it. */
export interface BootstrapComponents {
  connectionManager: ConnectionManager
  events: TypedEventTarget<Libp2pEvents>
  logger: ComponentLogger
  peerStore: PeerStore
}

/**
 * A service that dials each address when the node starts, again while it fails, and again when the connection is lost:
 * nodes may be started in any order. (`@libp2p/bootstrap` tries once, and only addresses that end in a peer id.)
 */
export function bootstrap(
  addresses: readonly Multiaddr[],
  retry: RetryTiming = BOOTSTRAP_RETRY
): (components: BootstrapComponents) => Bootstrap {
  return (components) => new BootstrapService(components, addresses, retry)
}

/** First and longest pause between two tries, in milliseconds; doubled in between. */
export interface RetryTiming {
  readonly minMs: number
  readonly maxMs: number
}

/** Pause after `failures` tries in a row; `random` in [0, 1) spreads those who lost the same peer. */
export function retryDelayMs(failures: number, random: number, { minMs, maxMs }: RetryTiming): number {
  const most = Math.min(maxMs, minMs * 2 ** Math.max(failures - 1, 0))
  return most * (0.5 + random / 2)
}

class BootstrapService implements Bootstrap, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/core-bootstrap'
  readonly #components: BootstrapComponents
  readonly #addresses: readonly Multiaddr[]
  readonly #retry: RetryTiming
  readonly #log: Logger
  readonly #tried = Promise.withResolvers<undefined>()
  #untried: number
  #answered = false
  #shutdown: AbortController | undefined
  #loops: Array<Promise<void>> = []

  constructor(components: BootstrapComponents, addresses: readonly Multiaddr[], retry: RetryTiming) {
    this.#components = components
    this.#addresses = addresses
    this.#retry = retry
    this.#untried = addresses.length
    this.#log = components.logger.forComponent('p2pshare:bootstrap')
  }

  get state(): Bootstrap['state'] {
    return { addresses: this.#addresses.length, answered: this.#answered }
  }

  isStarted(): boolean {
    return this.#shutdown !== undefined
  }

  start(): void {
    // dialling begins in afterStart, when everything else is ready for connections
  }

  afterStart(): void {
    if (this.#shutdown !== undefined) {
      return
    }
    const shutdown = new AbortController()
    const { signal } = shutdown
    setMaxListeners(Infinity, signal)
    this.#shutdown = shutdown
    this.#loops = this.#addresses.map(async (address) => this.#keepConnected(address, signal))
    if (this.#addresses.length === 0) {
      this.#tried.resolve(undefined)
    }
  }

  async stop(): Promise<void> {
    this.#shutdown?.abort()
    this.#shutdown = undefined
    this.#tried.resolve(undefined)
    await Promise.all(this.#loops)
  }

  async tried({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const abort = (): void => {
      aborted.reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort)
    try {
      await Promise.race([this.#tried.promise, aborted.promise])
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Until the signal aborts; never rejects. */
  async #keepConnected(address: Multiaddr, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        const peer = await this.#dial(address, signal)
        failures = 0
        this.#answered = true
        this.#tried.resolve(undefined)
        await this.#untilDisconnected(peer, signal)
      } catch (error) {
        this.#log('could not reach %a - %e', address, error)
      }
      if (failures++ === 0 && --this.#untried <= 0) {
        this.#tried.resolve(undefined)
      }
      await delay(retryDelayMs(failures, Math.random(), this.#retry), undefined, { signal }).catch(() => undefined)
    }
  }

  async #dial(address: Multiaddr, signal: AbortSignal): Promise<PeerId> {
    const { connectionManager, peerStore } = this.#components
    const { remotePeer } = await connectionManager.openConnection(address, { signal })
    // the last to go when there are too many connections
    await peerStore.merge(remotePeer, { tags: { bootstrap: { value: BOOTSTRAP_TAG_VALUE } } }, { signal })
    return remotePeer
  }

  async #untilDisconnected(peer: PeerId, signal: AbortSignal): Promise<void> {
    const { connectionManager, events } = this.#components
    const ended = Promise.withResolvers<undefined>()
    const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
      if (detail.equals(peer)) {
        ended.resolve(undefined)
      }
    }
    const onAbort = (): void => {
      ended.resolve(undefined)
    }
    events.addEventListener('peer:disconnect', onDisconnect)
    signal.addEventListener('abort', onAbort)
    try {
      if (!signal.aborted && connectionManager.getConnections(peer).length > 0) {
        await ended.promise
      }
    } finally {
      events.removeEventListener('peer:disconnect', onDisconnect)
      signal.removeEventListener('abort', onAbort)
    }
  }
}
