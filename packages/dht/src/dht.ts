import type {
  AbortOptions,
  ContentRouting,
  PeerDiscovery,
  PeerRouting,
  Provider as RoutedProvider,
  Startable
} from '@libp2p/interface'
import {
  contentRoutingSymbol,
  peerDiscoverySymbol,
  peerRoutingSymbol,
  serviceCapabilities,
  serviceDependencies
} from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { Provider } from '@p2pshare/interface'
import { anySignal } from 'any-signal'
import { setMaxListeners } from 'main-event'
import type { CID } from 'multiformats/cid'
import { Announcer } from './announcer.ts'
import type { Announcement } from './announcer.ts'
import { MIN_ANNOUNCE_GAP_MS, RETRY_MAX_MS, RETRY_MIN_MS } from './constants.ts'
import { searchProviders } from './find-providers.ts'
import type { Dht, DhtCollaborators, DhtComponents, FindProvidersOptions } from './index.ts'
import { createKad } from './kad.ts'
import type { Kad } from './kad.ts'
import type { DhtOptions } from './options.ts'

/** Holds kad-dht, the announcer and searches together; each does its own work. */
export class DhtService implements Dht, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/dht'
  readonly [serviceCapabilities]: string[] = [
    '@p2pshare/dht',
    '@libp2p/content-routing',
    '@libp2p/peer-routing',
    '@libp2p/peer-discovery'
  ]
  readonly [serviceDependencies]: string[] = ['@libp2p/identify', '@libp2p/ping']
  readonly [contentRoutingSymbol]: ContentRouting
  readonly [peerRoutingSymbol]: PeerRouting
  readonly [peerDiscoverySymbol]: PeerDiscovery
  readonly protocol: string
  readonly #components: DhtComponents
  readonly #options: DhtOptions
  readonly #kad: Kad
  readonly #announcer: Announcer
  #collaborators: DhtCollaborators = {}
  #shutdown: AbortController | undefined
  #unsubscribe: (() => void) | undefined

  constructor(components: DhtComponents, options: DhtOptions) {
    this.#components = components
    this.#options = options
    this.protocol = options.protocol
    this.#kad = createKad(components, options)
    this.#announcer = new Announcer({
      kad: this.#kad,
      self: components.peerId,
      hasAddresses: () => components.addressManager.getAddresses().length > 0,
      timing: {
        intervalMs: options.announceIntervalMs,
        minGapMs: MIN_ANNOUNCE_GAP_MS,
        retryMinMs: RETRY_MIN_MS,
        retryMaxMs: RETRY_MAX_MS
      },
      provideTimeoutMs: options.provideTimeoutMs,
      log: components.logger.forComponent('p2pshare:dht:announce')
    })
    this[peerRoutingSymbol] = this.#kad.peerRouting
    this[peerDiscoverySymbol] = this.#kad.peerDiscovery
    this[contentRoutingSymbol] = this.#asContentRouting()
  }

  isStarted(): boolean {
    return this.#shutdown !== undefined
  }

  async start(): Promise<void> {
    if (this.#shutdown !== undefined) {
      return
    }
    const shutdown = new AbortController()
    setMaxListeners(Infinity, shutdown.signal)
    this.#shutdown = shutdown
    await this.#kad.start()
    const { registrar, events } = this.#components
    const { changed } = this.#announcer
    const stopWatchingTable = this.#kad.onPeer(changed)
    events.addEventListener('self:peer:update', changed)
    // a peer that comes back may have restarted and lost our records
    const topology = await registrar.register(this.protocol, { onConnect: changed })
    this.#unsubscribe = () => {
      stopWatchingTable()
      events.removeEventListener('self:peer:update', changed)
      registrar.unregister(topology)
    }
    this.#announcer.start()
  }

  async stop(): Promise<void> {
    if (this.#shutdown === undefined) {
      return
    }
    this.#shutdown.abort(new NotStartedError('the dht service was stopped'))
    this.#shutdown = undefined
    this.#unsubscribe?.()
    await this.#announcer.stop()
    await this.#kad.stop()
  }

  use(collaborators: DhtCollaborators): void {
    this.#collaborators = { ...this.#collaborators, ...collaborators }
  }

  tableSize(): number {
    return this.#kad.tableSize()
  }

  announcements(): readonly Announcement[] {
    return this.#announcer.list()
  }

  async provide(root: CID, options: AbortOptions = {}): Promise<void> {
    await this.#announcer.provide(root, options)
  }

  async cancelProvide(root: CID, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#announcer.cancel(root)
    // also takes back the record in our own store, so that peers who ask us directly stop seeing it
    await this.#kad.cancelReprovide(root, options)
  }

  async *findProviders(root: CID, options: FindProvidersOptions = {}): AsyncGenerator<Provider, void, undefined> {
    const { signal, timeoutMs = this.#options.findTimeoutMs } = options
    signal?.throwIfAborted()
    const shutdown = this.#shutdown
    if (shutdown === undefined) {
      throw new NotStartedError('findProviders() needs a started dht service')
    }
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort()
    }, timeoutMs)
    const all = anySignal([signal, shutdown.signal, deadline.signal])
    setMaxListeners(Infinity, all)
    const { peerId: self, peerStore } = this.#components
    const { membership } = this.#collaborators
    const components = { kad: this.#kad, self, peerStore, membership }
    try {
      yield* searchProviders(components, root, this.#options.tableWaitMs, { signal: all })
    } catch (err) {
      signal?.throwIfAborted()
      // out of time or stopped: what was found stands
      if (!all.aborted) {
        throw err
      }
    } finally {
      all.clear()
      clearTimeout(timer)
    }
  }

  /** The same under libp2p's own interface, so that `libp2p.contentRouting` announces and searches here too. */
  #asContentRouting(): ContentRouting {
    const { contentRouting } = this.#kad
    return {
      provide: async (root, options) => this.provide(root, options),
      cancelReprovide: async (root, options) => this.cancelProvide(root, options),
      findProviders: (root, options) => this.#providersForLibp2p(root, options),
      put: async (key, value, options) => contentRouting.put(key, value, options),
      get: async (key, options) => contentRouting.get(key, options)
    }
  }

  async *#providersForLibp2p(root: CID, options: AbortOptions = {}): AsyncGenerator<RoutedProvider, void, undefined> {
    for await (const { id, multiaddrs } of this.findProviders(root, options)) {
      yield { id, multiaddrs: [...multiaddrs], routing: 'p2pshare-dht' }
    }
  }
}
