import { createLightNode, defaultConnectionEncrypters, defaultStreamMuxers } from '@p2pshare/core'
import type { P2PShareNode } from '@p2pshare/core'
import type { Provider } from '@p2pshare/interface'
import { transfer } from '@p2pshare/transfer'
import type { Transfer, TransferInit } from '@p2pshare/transfer'
import { tcp } from '@p2pshare/transport-tcp'

export type LightNode = P2PShareNode<{ transfer: Transfer }>

/** A node of the shipped parts over TCP on loopback, that knows whom it is told about and nobody else. */
export async function startNode(init: TransferInit = {}): Promise<LightNode> {
  return createLightNode<{ transfer: Transfer }>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: defaultConnectionEncrypters(),
    streamMuxers: defaultStreamMuxers(),
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    connectionMonitor: { enabled: false },
    services: { transfer: transfer(init) }
  })
}

export function asProvider({ peerId, libp2p }: LightNode): Provider {
  return { id: peerId, multiaddrs: libp2p.getMultiaddrs() }
}
