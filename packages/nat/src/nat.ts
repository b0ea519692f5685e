import { serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import type { Connection, PeerId } from '@libp2p/interface'
import type { AddressManager, ConnectionManager } from '@libp2p/interface-internal'
import type { Path, PathView } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What `nat()` needs from the node that hosts it. */
export interface NatComponents {
  readonly connectionManager: Pick<ConnectionManager, 'getConnections'>
  readonly addressManager: Pick<AddressManager, 'getAddressesWithMetadata'>
}

/** What is known of one of this node's own addresses. */
export interface OwnAddress {
  readonly address: Multiaddr
  /** How the node learned of it. */
  readonly kind: 'transport' | 'announce' | 'observed' | 'ip-mapping' | 'dns-mapping'
  /** `reachable`: it was dialled from outside, or the user announced it; `unknown`: nobody has said yet. */
  readonly reachability: 'reachable' | 'unknown'
}

/** How this node reaches others and is reached itself. */
export interface Nat extends PathView {
  /** This node's own addresses, with what AutoNAT and dial-backs have said of each. */
  reachability(): OwnAddress[]
}

export class NatService implements Nat {
  readonly [Symbol.toStringTag] = '@p2pshare/nat'
  readonly [serviceCapabilities] = ['@p2pshare/nat']
  readonly [serviceDependencies] = ['@libp2p/identify']
  readonly #components: NatComponents

  constructor(components: NatComponents) {
    this.#components = components
  }

  path(peer: PeerId): Path {
    const open = this.#components.connectionManager
      .getConnections(peer)
      .filter((connection) => connection.status === 'open')
    const best = open.find((connection) => !isRelayed(connection)) ?? open[0]
    if (best === undefined) {
      return { kind: 'none' }
    }
    return {
      kind: isRelayed(best) ? 'relay' : 'direct',
      address: best.remoteAddr,
      ...(best.rtt === undefined ? {} : { rttMs: best.rtt })
    }
  }

  reachability(): OwnAddress[] {
    return this.#components.addressManager.getAddressesWithMetadata().map(({ multiaddr, type, verified }) => ({
      address: multiaddr,
      kind: type,
      reachability: verified ? 'reachable' : 'unknown'
    }))
  }
}

/** A limited connection is relayed whatever its address says. */
function isRelayed(connection: Connection): boolean {
  return (
    connection.limits !== undefined ||
    connection.remoteAddr.getComponents().some((component) => component.name === 'p2p-circuit')
  )
}
