import { autoNAT } from '@libp2p/autonat'
import type { AutoNATComponents, AutoNATServiceInit } from '@libp2p/autonat'
import { isStartable } from '@libp2p/interface'
import type { PeerId, PeerStore } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, RandomWalk, Registrar } from '@libp2p/interface-internal'
import { isNetworkAddress } from '@libp2p/utils'
import { DIAL_BACK_PROTOCOL } from '../reachability/constants.ts'
import { isCircuit } from '../reachability/dial-back/target.ts'
import { Trials } from '../trials.ts'
import { AUTONAT_V2_PROTOCOL, HOP_PROTOCOL, JS_AGENT } from './constants.ts'
import { VerificationError } from './errors.ts'
import { override } from './override.ts'
import { stopsToo } from './stops-too.ts'
import { trialDials } from './trial-dials.ts'

/**
 * AutoNAT v1 for peers that have nothing newer, with what goes wrong in @libp2p/autonat 3.0 kept from it:
 *
 * - it answers by closing the connection that was there, and with it a relay reservation: it gets a new one instead
 * - asked of a node that does so, the connection to that node is lost: such nodes are not asked
 * - addresses that have no host, as those of memory, make it fail: it does not see them
 * - it walks the network every minute for as long as one address is unverified: AutoNAT v2 does so already
 * - it tells peers the words of errors of this node: it has none to tell
 * - it never takes its topology off
 */
export function standardAutoNAT(init: AutoNATServiceInit = {}): (components: AutoNATComponents) => unknown {
  return (components) => {
    const trials = new Trials()
    const service: unknown = autoNAT(init)({
      ...pick(components),
      connectionManager: withoutReasons(trialDials(components.connectionManager, trials)),
      registrar: onlyAskSafePeers(components.registrar, components.peerStore),
      addressManager: onlyHosts(components.addressManager),
      randomWalk: STAY_HOME
    })
    return isStartable(service) ? stopsToo(service, trials) : service
  }
}

/** The components object of libp2p answers by a proxy, and cannot be spread. */
function pick(components: AutoNATComponents): AutoNATComponents {
  const { registrar, addressManager, transportManager, peerId, connectionManager, logger, randomWalk, events } =
    components
  const { peerStore, metrics } = components
  return {
    registrar,
    addressManager,
    transportManager,
    peerId,
    connectionManager,
    logger,
    randomWalk,
    events,
    peerStore,
    ...(metrics === undefined ? {} : { metrics })
  }
}

const STAY_HOME: RandomWalk = {
  async *walk() {
    return
  }
}

/** Why a dial failed is told to the peer. */
function withoutReasons(connectionManager: ConnectionManager): ConnectionManager {
  return override(connectionManager, {
    openConnection: async (target, options) => {
      try {
        return await connectionManager.openConnection(target, options)
      } catch (cause) {
        throw new VerificationError('could not be dialled', { cause })
      }
    }
  })
}

function onlyHosts(addressManager: AddressManager): AddressManager {
  return override(addressManager, {
    getAddresses: () =>
      addressManager.getAddresses().filter((address) => isNetworkAddress(address) && !isCircuit(address)),
    getAddressesWithMetadata: () =>
      addressManager
        .getAddressesWithMetadata()
        .filter(({ multiaddr }) => isNetworkAddress(multiaddr) && !isCircuit(multiaddr))
  })
}

function onlyAskSafePeers(registrar: Registrar, peerStore: PeerStore): Registrar {
  const topologies = new Set<string>()
  return override(registrar, {
    register: async (protocol, topology, options) => {
      const id = await registrar.register(
        protocol,
        {
          ...topology,
          onConnect: (peer, connection) => {
            isSafeToAsk(peer, peerStore)
              .then(async (isSafe) => {
                if (isSafe && connection.status === 'open') {
                  await topology.onConnect?.(peer, connection)
                }
              })
              .catch((error: unknown) => {
                connection.log.error('topology of %s failed - %e', protocol, error)
              })
          }
        },
        options
      )
      topologies.add(id)
      return id
    },
    unhandle: async (name, options) => {
      if (topologies.delete(name)) {
        registrar.unregister(name)
      } else {
        await registrar.unhandle(name, options)
      }
    }
  })
}

/** Relays, and whoever may close the connection; peers with a newer protocol are asked by that. */
async function isSafeToAsk(peer: PeerId, peerStore: PeerStore): Promise<boolean> {
  try {
    const { protocols, metadata } = await peerStore.get(peer)
    const agent = new TextDecoder().decode(metadata.get('AgentVersion') ?? new Uint8Array())
    return (
      !agent.includes(JS_AGENT) &&
      ![HOP_PROTOCOL, AUTONAT_V2_PROTOCOL, DIAL_BACK_PROTOCOL].some((newer) => protocols.includes(newer))
    )
  } catch {
    // it is gone again
    return false
  }
}
