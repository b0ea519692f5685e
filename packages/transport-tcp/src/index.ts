/**
 * @packageDocumentation
 *
 * The transport-tcp service for js-libp2p nodes.
 */
import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import { TransportTcpService } from './transport-tcp.ts'
import { resolveTransportTcpOptions } from './options.ts'
import type { TransportTcpInit } from './options.ts'

/** The service as its node sees it. */
export interface TransportTcp {
  /** Peers remembered now. */
  peers(): number
}

/** What `transportTcp()` needs from the node that hosts it. */
export interface TransportTcpComponents {
  events: TypedEventTarget<Libp2pEvents>
}

/** The service factory: options are checked now, work starts with the node. */
export function transportTcp(init: TransportTcpInit = {}): (components: TransportTcpComponents) => TransportTcp {
  const options = resolveTransportTcpOptions(init)
  return (components) => new TransportTcpService(components, options)
}

export type { TransportTcpInit }
