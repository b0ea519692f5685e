import { autoNATv2 } from '@libp2p/autonat-v2'
import type { AutoNATv2Components, AutoNATv2ServiceInit } from '@libp2p/autonat-v2'
import { isStartable } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { isCircuit, isUdp } from '../reachability/dial-back/target.ts'
import { Trials } from '../trials.ts'
import { override } from './override.ts'
import { stopsToo } from './stops-too.ts'
import { trialDials } from './trial-dials.ts'

/**
 * AutoNAT v2, kept from proving what it cannot: others dial this node back from the socket that they talk with it over, which
 * a NAT lets in. So an address of UDP that others observed would be called reachable behind any NAT with endpoint-independent
 * mapping, and announced. Those are left to our own dial-backs, which ask strangers only. Nor is it given addresses at relays,
 * which others cannot dial without one. And a connection that it opened to try an address of another is not closed under the
 * streams of others, who take any connection to a peer.
 */
export function standardAutoNATv2(init: AutoNATv2ServiceInit = {}): (components: AutoNATv2Components) => unknown {
  return (components) => {
    const { registrar, addressManager, connectionManager, logger, randomWalk, peerStore, metrics } = components
    const trials = new Trials()
    const service = autoNATv2(init)({
      registrar,
      connectionManager: trialDials(connectionManager, trials),
      logger,
      randomWalk,
      peerStore,
      ...(metrics === undefined ? {} : { metrics }),
      addressManager: worthProving(addressManager)
    })
    return isStartable(service) ? stopsToo(service, trials) : service
  }
}

/** `addressManager` as AutoNAT v2 is to see it. */
export function worthProving(addressManager: AddressManager): AddressManager {
  return override(addressManager, {
    getAddressesWithMetadata: () =>
      addressManager
        .getAddressesWithMetadata()
        .filter(({ type, multiaddr }) => !isCircuit(multiaddr) && !(type === 'observed' && isUdp(multiaddr)))
  })
}
