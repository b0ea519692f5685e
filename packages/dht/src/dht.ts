import type {
  AbortOptions,
  Connection,
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
import { connectFirst } from './find/connect.ts'
import { DialBudget } from './find/dial-budget.ts'
import { merge } from './find/merge.ts'
import { search } from './find/search.ts'
import type { Dht, DhtComponents } from './index.ts'
import { traceLookup } from './lookup/trace-lookup.ts'
import { createNetwork } from './create-network.ts'
import type { Network } from './network.ts'
import { exportStatus } from './metrics.ts'
import { createNames } from './names/create-names.ts'
import type { NameServer } from './names/name-server.ts'
import type { NameService } from './names/name-service.ts'
import { networksOf } from './networks.ts'
import type { DhtOptions } from './options.ts'
import { peerJoined } from './peer-joined.ts'
import { Announcer } from './provide/announcer.ts'
import type { DhtContact } from './rpc/contacts.ts'
import type {
  Announcement,
  DhtCollaborators,
  DhtStatus,
  FindProvidersOptions,
  TableEntry,
  TraceEvent,
  TraceOptions
} from './types.ts'

interface Member {
  readonly network: Network
  readonly announcer: Announcer
  /** Answers others about names. */
  readonly names: NameServer
}

/** Holds the networks together: tables, announcers and searches do their own work. */
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
  readonly names: NameService<DhtContact>
  readonly #components: DhtComponents
  readonly #options: DhtOptions
  readonly #own: Member
  readonly #members: readonly Member[]
  readonly #dials = new DialBudget()
  #collaborators: DhtCollaborators = {}
  #shutdown: AbortController | undefined
  #unsubscribe: (() => void)[] = []

  constructor(components: DhtComponents, options: DhtOptions) {
    this.#components = components
    this.#options = options
    this.protocol = options.protocol
    const [own, ...others] = networksOf(options).map((spec) => this.#join(spec)) as [Member, ...Member[]]
    this.#own = own
    this.#members = [own, ...others]
    this.names = createNames(components, own.network)
    this[peerRoutingSymbol] = own.network.kad.peerRouting
    this[peerDiscoverySymbol] = own.network.kad.peerDiscovery
    this[contentRoutingSymbol] = this.#asContentRouting()
    const joined = this.#members.map(({ network }) => network.spec.name)
    if (components.metrics !== undefined) {
      exportStatus(components.metrics, joined, () => this.status())
    }
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
    const { registrar, events } = this.#components
    for (const { network, announcer, names } of this.#members) {
      await names.start()
      await network.start()
      const { changed } = announcer
      const stopWatchingTable = network.kad.onPeer(changed)
      events.addEventListener('self:peer:update', changed)
      // a peer that comes back may have restarted and lost our records
      const topology = await registrar.register(network.spec.protocol, { onConnect: changed })
      this.#unsubscribe.push(() => {
        stopWatchingTable()
        events.removeEventListener('self:peer:update', changed)
        registrar.unregister(topology)
      })
      await announcer.start()
    }
    await this.names.start()
  }

  async stop(): Promise<void> {
    if (this.#shutdown === undefined) {
      return
    }
    this.#shutdown.abort(new NotStartedError('the dht service was stopped'))
    this.#shutdown = undefined
    this.#unsubscribe.splice(0).forEach((unsubscribe) => {
      unsubscribe()
    })
    this.names.stop()
    for (const { network, announcer, names } of this.#members) {
      await announcer.stop()
      await network.stop()
      await names.stop()
    }
  }

  use(collaborators: DhtCollaborators): void {
    this.#collaborators = { ...this.#collaborators, ...collaborators }
  }

  tableSize(): number {
    return this.#members.reduce((sum, { network }) => sum + network.kad.tableSize(), 0)
  }

  table(): TableEntry[] {
    return this.#members.flatMap(({ network }) => network.table())
  }

  async joined(waitMs: number, options: AbortOptions = {}): Promise<boolean> {
    return peerJoined(this.#own.network.kad, waitMs, options)
  }

  announcements(): readonly Announcement[] {
    return this.#members.flatMap(({ announcer }) => announcer.list())
  }

  status(): DhtStatus {
    return {
      networks: this.#members.map(({ network, announcer }) => {
        const { name, protocol, clientMode } = network.spec
        const size = network.size()
        const halfLifeMs = announcer.halfLifeMs()
        return {
          name,
          protocol,
          mode: clientMode ? 'client' : 'server',
          tableSize: network.kad.tableSize(),
          ...(size === undefined ? {} : { size }),
          ...(halfLifeMs === undefined ? {} : { halfLifeMs }),
          queue: announcer.counts(),
          records: network.records.counts(),
          lookups: network.meter.read()
        }
      })
    }
  }

  async provide(root: CID, options: AbortOptions = {}): Promise<void> {
    const [own, ...others] = this.#members.map(async ({ announcer }) => announcer.provide(root, options))
    // elsewhere it goes on in the background: the own network is where our finders look first
    others.forEach((other) => {
      other.catch(() => undefined)
    })
    await own
  }

  async cancelProvide(root: CID, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    for (const { announcer } of this.#members) {
      announcer.cancel(root)
    }
  }

  async *findProviders(root: CID, options: FindProvidersOptions = {}): AsyncGenerator<Provider, void, undefined> {
    const { signal, timeoutMs = this.#options.findTimeoutMs } = options
    signal?.throwIfAborted()
    const shutdown = this.#requireStarted('findProviders()')
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort()
    }, timeoutMs)
    const all = anySignal([signal, shutdown.signal, deadline.signal])
    setMaxListeners(Infinity, all)
    const seen = new Set<string>()
    try {
      for await (const provider of merge(this.#searches(root, all))) {
        const id = provider.id.toString()
        if (!seen.has(id)) {
          seen.add(id)
          yield provider
        }
      }
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

  async connect(root: CID, options: FindProvidersOptions = {}): Promise<Connection | undefined> {
    options.signal?.throwIfAborted()
    const shutdown = this.#requireStarted('connect()')
    const all = anySignal([options.signal, shutdown.signal])
    setMaxListeners(Infinity, all)
    try {
      const { connectionManager } = this.#components
      return await connectFirst(connectionManager, this.findProviders(root, options), this.#dials, all)
    } finally {
      all.clear()
    }
  }

  async *trace(root: CID, options: TraceOptions = {}): AsyncGenerator<TraceEvent, void, undefined> {
    const { signal, kind = 'find', network: name = 'own' } = options
    signal?.throwIfAborted()
    const { network } = this.#members.find((member) => member.network.spec.name === name) ?? this.#own
    yield* traceLookup(network, kind, root.multihash.bytes, signal, this.#requireStarted('trace()').signal)
  }

  #join(spec: Network['spec']): Member {
    const components = this.#components
    const { network, names } = createNetwork(components, this.#options, spec, () => this.#collaborators.membership)
    const announcer = new Announcer({
      network,
      datastore: components.datastore,
      membership: () => this.#collaborators.membership,
      provideTimeoutMs: this.#options.provideTimeoutMs,
      resume: this.#options.resume,
      log: components.logger.forComponent(`p2pshare:dht:${spec.name}:announce`)
    })
    return { network, announcer, names }
  }

  #searches(root: CID, signal: AbortSignal): AsyncGenerator<Provider, void, undefined>[] {
    const { peerStore } = this.#components
    const { membership } = this.#collaborators
    const { tableWaitMs } = this.#options
    return this.#members.map(({ network }) =>
      search({ network, peerStore, membership, tableWaitMs }, root.multihash.bytes, signal)
    )
  }

  #requireStarted(what: string): AbortController {
    if (this.#shutdown === undefined) {
      throw new NotStartedError(`${what} needs a started dht service`)
    }
    return this.#shutdown
  }

  /** The same under libp2p's own interface, so that `libp2p.contentRouting` announces and searches here too. */
  #asContentRouting(): ContentRouting {
    const { contentRouting } = this.#own.network.kad
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
