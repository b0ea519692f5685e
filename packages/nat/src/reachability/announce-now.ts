import type { Logger, PeerId, PeerStore } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'

/** What announcing needs of the node. */
export interface AnnounceComponents {
  peerId: PeerId
  peerStore: Pick<PeerStore, 'patch'>
  addressManager: Pick<AddressManager, 'getAddresses'>
}

/**
 * Tell the peer store which addresses this node has, and so identify push and the peer record. The address manager itself
 * does so a second after a change, and waits anew with each change.
 */
export async function announceNow(components: AnnounceComponents, log: Logger): Promise<void> {
  const { addressManager, peerStore, peerId } = components
  const suffix = `/p2p/${peerId.toString()}`
  try {
    const multiaddrs = addressManager.getAddresses().map((address) => address.decapsulate(suffix))
    await peerStore.patch(peerId, { multiaddrs })
  } catch (error) {
    // the address manager tells it a second later
    log.error('could not announce addresses - %e', error)
  }
}
