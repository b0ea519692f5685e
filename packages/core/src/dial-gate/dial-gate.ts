import type {
  ComponentLogger,
  Connection,
  ConnectionGater,
  CounterGroup,
  Libp2pEvents,
  Logger,
  Metrics,
  PeerInfo,
  TypedEventTarget
} from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { resolvedGateSymbol } from '@p2pshare/interface'
import type { ResolvedGate } from '@p2pshare/interface'
import { DialRefusedError } from './errors.ts'
import { objection, resolvedObjection } from './judge.ts'
import type { Grounds, RefusalReason } from './judge.ts'
import { OwnNetworks } from './own-networks.ts'
import type { OwnNetwork } from './own-networks.ts'
import { Permits } from './permits.ts'
import { toRoute } from './route.ts'
import type { Route } from './route.ts'
import { classifyAddress } from './special-ranges.ts'

/** Options of the gate. */
export interface DialGateInit {
  /**
   * Networks of yours beside those this machine has an address in, as `10.0.0.0/8`: any peer may send us there. A wide
   * one lets strangers have ports of its hosts knocked at.
   *
   * @default []
   */
  readonly allowNetworks?: readonly string[]
}

/** What a gate is made of. */
export interface DialGateParts extends DialGateInit {
  /** Addresses the user named: to listen on, and to join through. */
  readonly named?: readonly Multiaddr[]
  /** The networks of this machine. @default those of the system */
  readonly networks?: () => readonly OwnNetwork[]
}

/** What the gate needs from the node that hosts it. */
export interface DialGateComponents {
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly logger: ComponentLogger
  readonly metrics?: Metrics
}

/** Who gave an address: the `user`, in so many words, or a `ticket` that the user was given. */
export type Giver = 'user' | 'ticket'

/** The part of the gate that a program uses. */
export interface DialGateView {
  /** From now on these may be dialled; those of the user open the private network that they are in. */
  trust(addresses: readonly Multiaddr[], giver: Giver): void
  /** How often which reason was met since the start. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>
}

/**
 * Keeps peers from sending this node to addresses where no peers are: services of this machine and its network, the
 * metadata of a cloud, socket files. It is asked with what was resolved, so a name cannot change in between.
 */
export class DialGate implements Pick<ConnectionGater, 'denyDialMultiaddr'>, ResolvedGate, DialGateView {
  readonly #permits: Permits
  readonly #grounds: Grounds
  readonly #refused = new Map<RefusalReason, number>()
  #log: Logger | undefined
  #counters: CounterGroup | undefined

  /** Throws `InvalidOptionError` for a network that is none. */
  constructor({ allowNetworks = [], named = [], networks }: DialGateParts = {}) {
    const permits = new Permits(allowNetworks)
    const own = new OwnNetworks(networks)
    this.#permits = permits
    this.#grounds = {
      isNamed: (endpoint) => permits.isNamed(endpoint),
      isHanded: (endpoint) => permits.isHanded(endpoint),
      isOpen: (host) => permits.isOpen(host),
      isKnown: (peer, host) => permits.isKnown(peer, host),
      isOwnNetwork: (host) => own.has(host)
    }
    permits.name(named)
  }

  get refused(): Readonly<Partial<Record<RefusalReason, number>>> {
    return Object.fromEntries(this.#refused)
  }

  trust(addresses: readonly Multiaddr[], giver: Giver): void {
    if (giver === 'user') {
      this.#permits.name(addresses)
    } else {
      this.#permits.hand(addresses)
    }
  }

  /** A peer that answered on the local network may be dialled there. */
  seeOnLan({ id, multiaddrs }: PeerInfo): void {
    for (const { kind, host } of multiaddrs.flatMap((address) => toRoute(address).endpoints)) {
      if (kind === 'ip' && classifyAddress(host) !== 'loopback') {
        this.#permits.meet(id.toString(), host)
      }
    }
  }

  denyDialMultiaddr(address: Multiaddr): boolean {
    return this.#refuses(address, objection(toRoute(address), this.#grounds))
  }

  [resolvedGateSymbol](found: Multiaddr, named: Multiaddr): boolean {
    return this.#refuses(named, resolvedObjection(toRoute(found), toRoute(named), this.#grounds))
  }

  /** Throws `DialRefusedError`. `asksAboutNames`: whether the transport that dials it does. */
  check(address: Multiaddr, asksAboutNames: boolean): void {
    const route = toRoute(address)
    const reason = objection(route, this.#grounds) ?? (asksAboutNames ? undefined : this.#blindName(route))
    if (reason !== undefined) {
      this.#refuses(address, reason)
      throw new DialRefusedError(address, reason)
    }
  }

  /** Hear of connections, count and log. Returns the function that ends it. */
  attach({ events, logger, metrics }: DialGateComponents): () => void {
    this.#log = logger.forComponent('p2pshare:dial-gate')
    this.#counters = metrics?.registerCounterGroup('p2pshare_dial_gate_refused_total', {
      label: 'reason',
      help: 'Addresses that were not dialled, by reason'
    })
    const onOpen = ({ detail }: CustomEvent<Connection>): void => {
      this.#meet(detail)
    }
    events.addEventListener('connection:open', onOpen)
    return () => {
      events.removeEventListener('connection:open', onOpen)
    }
  }

  /** Whoever came from a host is there. On this machine others may come through a tunnel: that says nothing. */
  #meet({ remoteAddr, remotePeer, limits, direction }: Connection): void {
    const [endpoint] = limits === undefined ? toRoute(remoteAddr).endpoints : []
    if (endpoint?.kind === 'ip') {
      const kind = classifyAddress(endpoint.host)
      if (kind !== 'public' && (kind !== 'loopback' || direction === 'outbound')) {
        this.#permits.meet(remotePeer.toString(), endpoint.host)
      }
    }
  }

  #blindName({ endpoints }: Route): RefusalReason | undefined {
    return endpoints.some((endpoint) => endpoint.kind === 'name' && !this.#grounds.isNamed(endpoint))
      ? 'name'
      : undefined
  }

  #refuses(address: Multiaddr, reason: RefusalReason | undefined): boolean {
    if (reason === undefined) {
      return false
    }
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
    this.#counters?.increment({ [reason]: 1 })
    this.#log?.('not dialling %a: %s', address, reason)
    return true
  }
}
