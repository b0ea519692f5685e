import { serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import type { AbortOptions, Connection, PeerId, Startable } from '@libp2p/interface'
import type { Path } from '@p2pshare/interface'
import { TypedEventEmitter } from 'main-event'
import type { NatComponents } from './components.ts'
import { DialRanker } from './dial/index.ts'
import { giveStunServers } from './ice/index.ts'
import type { Nat, NatEvents } from './index.ts'
import type { NatOptions } from './options.ts'
import { explain, PathManager } from './paths/index.ts'
import type { Explanation } from './paths/index.ts'
import { PortMapper } from './port-map/index.ts'
import { makeReport, Prober, StunService, toReportedMapping } from './prober/index.ts'
import type { NatReport, NatReportOptions } from './prober/index.ts'
import { PunchCoordinator } from './punch/index.ts'
import { ReachabilityMonitor } from './reachability/index.ts'
import type { OwnAddress } from './reachability/index.ts'
import { RelayClient, relayLedgerSymbol } from './relay/index.ts'
import type { RelayLedger, RelayView } from './relay/index.ts'
import { opensWays } from './opens-ways.ts'
import type { NatClass, NatKnowledge } from './types.ts'

/** How long a report waits for the first probing. */
const REPORT_WAIT_MS = 5000

/** What other services of the node give. */
export interface NatLinks {
  /** Makes libp2p tell its protocols of a peer again, over this connection: identify. */
  readonly carryOver?: (connection: Connection) => Promise<unknown>
}

/** Puts the parts together: what one finds out, the others use. It holds nothing of its own. */
export class NatService extends TypedEventEmitter<NatEvents> implements Nat, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/nat'
  readonly [serviceCapabilities] = ['@p2pshare/nat']
  readonly [serviceDependencies] = ['@libp2p/identify']
  readonly #components: NatComponents
  readonly #options: NatOptions
  readonly #dials: DialRanker
  readonly #paths: PathManager
  readonly #prober: Prober
  readonly #mapper: PortMapper | undefined
  readonly #reachability: ReachabilityMonitor
  readonly #relays: RelayClient
  readonly #punch: PunchCoordinator
  readonly #stun: StunService | undefined
  /** As the prober told it last. */
  readonly #classes = new Map<4 | 6, NatClass>()

  constructor(components: NatComponents, options: NatOptions, { carryOver }: NatLinks = {}) {
    super()
    this.#components = components
    this.#options = options
    const ignores = (connection: Connection): boolean => this.#reachability.isDialBack(connection)
    this.#dials = new DialRanker(components, { ignores })
    this.#prober = new Prober(components, {
      servers: options.stunServers,
      ignores,
      mappedHost: (family) => (family === 4 ? this.#mapper?.report().mappings[0]?.externalIp : undefined)
    })
    this.#mapper = options.portMapping
      ? new PortMapper(components, { ...options.portMap, observedIps: () => this.#outsideHosts() })
      : undefined
    this.#reachability = new ReachabilityMonitor(components, { knowledge: this.#prober })
    this.#relays = new RelayClient(components, {
      reservations: options.relayServer ? 0 : options.reservations,
      relays: options.relays,
      ignores
    })
    this.#punch = new PunchCoordinator(components, { knowledge: this.#prober, automatic: options.holePunching })
    this.#paths = new PathManager(components, {
      // it asks when a relay is the best there is: a direct connection that is still open then is a dead one
      ...(options.holePunching
        ? { punchNow: async (peer, { signal }) => this.#punch.punchNow(peer, { signal, anew: true }) }
        : {}),
      ...(carryOver === undefined ? {} : { carryOver }),
      ignores,
      relayedBytes: (peer) => this.#ledger()?.withPeer(peer) ?? 0
    })
    this.#stun = options.stunServer ? new StunService(components, options.stun) : undefined
    this.#connect()
  }

  /** Parts that libp2p's other services wait for come first; none waits for the network. */
  async start(): Promise<void> {
    this.#dials.start()
    this.#paths.start()
    giveStunServers(this.#components.transportManager, () => this.#prober.servers())
    await Promise.all([this.#prober.start(), this.#reachability.start(), this.#punch.start(), this.#stun?.start()])
  }

  async afterStart(): Promise<void> {
    await this.#stun?.afterStart()
    await this.#relays.start()
    this.#mapper?.start()
  }

  async stop(): Promise<void> {
    this.#relays.stop()
    this.#paths.stop()
    this.#dials.stop()
    await Promise.allSettled([
      this.#mapper?.stop(),
      this.#punch.stop(),
      this.#stun?.stop(),
      this.#prober.stop(),
      this.#reachability.stop()
    ])
  }

  path(peer: PeerId): Path {
    return this.#paths.path(peer)
  }

  best(peer: PeerId): Connection | undefined {
    return this.#paths.best(peer)
  }

  onChange(listener: (peer: PeerId) => void): () => void {
    return this.#paths.onChange(listener)
  }

  explain(peer: PeerId): Explanation {
    return explain(peer, {
      paths: this.#paths,
      attempts: (one) => this.#punch.attempts(one),
      attemptUnderWayMs: (one) => this.#punch.underWayMs(one),
      dials: (one) => this.#dials.dials(one)
    })
  }

  async measure(peer: PeerId, options: Required<AbortOptions>): Promise<void> {
    await this.#paths.measure(peer, options)
  }

  /** What was found out about the NAT. */
  get knowledge(): NatKnowledge {
    return this.#prober
  }

  reachability(): readonly OwnAddress[] {
    return this.#reachability.addresses()
  }

  relays(): readonly RelayView[] {
    return this.#relays.relays()
  }

  async report({ signal, waitMs = REPORT_WAIT_MS }: NatReportOptions): Promise<NatReport> {
    await this.#prober.ready({ signal, waitMs })
    const addresses = this.reachability()
    const proven = new Set(
      addresses.filter(({ reachability }) => reachability === 'verified').map(({ address }) => address.toString())
    )
    const clock = this.#prober.clockOffset()
    return makeReport({
      at: Date.now(),
      networks: ([4, 6] as const).flatMap((family) => this.#prober.current(family) ?? []),
      addresses: addresses.map(({ address, reachability }) => ({ address: address.toString(), reachability })),
      mappings: (this.#mapper?.report().mappings ?? []).map((mapping) =>
        toReportedMapping(mapping, (address) => proven.has(address.toString()))
      ),
      relays: this.relays()
        .filter(({ state }) => state === 'reserved')
        .map(({ peer, expiresAt }) => ({
          peer: peer.toString(),
          ...(expiresAt === undefined ? {} : { expiresAt })
        })),
      ...(clock === undefined ? {} : { clock }),
      // of one node, however many addresses it answers at: what is wrong there is wrong for all of them
      servers: new Set(
        this.#prober.servers().map(({ source, address }) => (source === 'option' ? address.host : source))
      ).size,
      peers: new Set(this.#components.connectionManager.getConnections().map((one) => one.remotePeer.toString())).size
    })
  }

  #connect(): void {
    this.#paths.addEventListener('network:change', () => {
      this.#punch.networkChanged()
    })
    this.#mapper?.addEventListener('mapping:change', ({ detail }) => {
      this.#reachability.refresh()
      if (detail.mappings.length > 0) {
        this.#punch.networkChanged() // who was met over a relay before there was one can be told of it
      }
    })
    this.#prober.addEventListener('nat:class', ({ detail }) => {
      const before = this.#classes.get(detail.family)
      this.#classes.set(detail.family, detail)
      this.#reachability.refresh()
      if (opensWays(before, detail)) {
        this.#punch.networkChanged() // what failed for want of it need not wait
      }
      this.safeDispatchEvent('nat:class', { detail })
    })
    // whoever can be dialled needs no relay
    this.#reachability.addEventListener('address:change', ({ detail }) => {
      const isPublic = detail.some(({ reachability }) => reachability === 'verified')
      if (!this.#options.relayServer) {
        this.#relays.want(isPublic ? 0 : this.#options.reservations)
      }
    })
    this.#punch.addEventListener('punch:success', ({ detail }) => {
      this.safeDispatchEvent('punch:success', { detail })
    })
    this.#punch.addEventListener('punch:failed', ({ detail }) => {
      this.safeDispatchEvent('punch:failed', { detail })
    })
  }

  #outsideHosts(): string[] {
    // not of the prober, which asks the mapper in turn
    return [...this.#classes.values()].flatMap(({ outside }) => outside?.host ?? [])
  }

  #ledger(): RelayLedger | undefined {
    return this.#components.transportManager
      .getTransports()
      .map((transport) => (transport as { [relayLedgerSymbol]?: RelayLedger })[relayLedgerSymbol])
      .find((ledger) => ledger !== undefined)
  }
}
