import type { AbortOptions, Connection } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * A transport that can dial from a chosen local port carries itself as `transport[localPortDialerSymbol]`; a service looks
 * for it in `components.transportManager.getTransports()` and works without it.
 */
export const localPortDialerSymbol = Symbol.for('@p2pshare/local-port-dialer')

/**
 * Dials from a chosen local port, which the simultaneous open of a hole punch needs: a NAT keeps the outside port of a
 * local one.
 */
export interface LocalPortDialer {
  /**
   * Dial `address`, and no other of its peer, from `localPort` of this machine. The connection gater is not asked.
   *
   * @throws LocalPortTakenError when something listens on the port, or the system does not give it out
   */
  dialFrom(localPort: number, address: Multiaddr, options: LocalPortDialOptions): Promise<Connection>
}

/** One dial from a local port. */
export interface LocalPortDialOptions extends Required<AbortOptions> {
  /**
   * `false`: take the part of the one who was dialled in the handshake, for the one of two who dial each other that both
   * agreed on.
   *
   * @default true
   */
  readonly initiator?: boolean
}
