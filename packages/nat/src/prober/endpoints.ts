import type { TransportManager } from '@libp2p/interface-internal'
import { datagramEndpointSymbol, localPortDialerSymbol } from '@p2pshare/interface'
import type { DatagramEndpoint, LocalPortDialer } from '@p2pshare/interface'

type Transports = Pick<TransportManager, 'getTransports'>

/** The UDP sockets of a transport that shares them, if there is one. */
export function findDatagramEndpoint(transports: Transports): DatagramEndpoint | undefined {
  return find(transports, datagramEndpointSymbol) as DatagramEndpoint | undefined
}

/** A transport that dials from a chosen port, if there is one. */
export function findLocalPortDialer(transports: Transports): LocalPortDialer | undefined {
  return find(transports, localPortDialerSymbol) as LocalPortDialer | undefined
}

function find(transports: Transports, symbol: symbol): unknown {
  return transports
    .getTransports()
    .map((transport) => (transport as unknown as Record<symbol, unknown>)[symbol])
    .find((value) => value !== undefined)
}
