import { serviceCapabilities } from '@libp2p/interface'
import type { ComponentLogger, PeerDiscovery, PeerDiscoveryEvents, PeerInfo, Startable } from '@libp2p/interface'
import { TypedEventEmitter } from 'main-event'

/** A discovery that starts and stops. */
export type StartableDiscovery = PeerDiscovery & Startable

/**
 * A discovery whose code is loaded when the node starts, without the node waiting for it: it finds peers a moment later,
 * and the node listens a moment sooner. Discovery that cannot be loaded is logged; the node works without it.
 */
export function deferredDiscovery<Components extends { logger: ComponentLogger }>(
  load: () => Promise<(components: Components) => PeerDiscovery>
): (components: Components) => PeerDiscovery {
  return (components) =>
    new DeferredDiscovery(components.logger, async () => (await load())(components) as StartableDiscovery)
}

class DeferredDiscovery extends TypedEventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/core-deferred-discovery'
  readonly [serviceCapabilities] = ['@libp2p/peer-discovery']
  readonly #logger: ComponentLogger
  readonly #create: () => Promise<StartableDiscovery>
  /** The one that runs, or will: each start has its own, so that a stop during the load ends what it began. */
  #running: Promise<StartableDiscovery | undefined> | undefined

  constructor(logger: ComponentLogger, create: () => Promise<StartableDiscovery>) {
    super()
    this.#logger = logger
    this.#create = create
  }

  isStarted(): boolean {
    return this.#running !== undefined
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    const discovery = await running
    discovery?.removeEventListener('peer', this.#onPeer)
    await discovery?.stop()
  }

  async #run(): Promise<StartableDiscovery | undefined> {
    try {
      const discovery = await this.#create()
      discovery.addEventListener('peer', this.#onPeer)
      await discovery.start()
      return discovery
    } catch (error) {
      this.#logger.forComponent('p2pshare:discovery').error('peers are not looked for - %e', error)
      return undefined
    }
  }

  readonly #onPeer = ({ detail }: CustomEvent<PeerInfo>): void => {
    this.safeDispatchEvent('peer', { detail })
  }
}
