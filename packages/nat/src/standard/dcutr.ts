import { dcutr } from '@libp2p/dcutr'
import type { DCUtRServiceComponents, DCUtRServiceInit } from '@libp2p/dcutr'
import type { Connection, PeerId, PeerStore } from '@libp2p/interface'
import { isStartable } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import { isNetworkAddress, isPrivate } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import { Drains } from '../drain.ts'
import { isCircuit } from '../reachability/dial-back/target.ts'
import type { NatKnowledge } from '../types.ts'
import { MAX_DCUTR_ADDRESSES, PUNCH_PROTOCOL_PREFIX, UNILATERAL_DIAL_MS } from './constants.ts'
import { override } from './override.ts'
import { punchDial } from './punch-dial.ts'
import { stopsToo } from './stops-too.ts'

/** Options of DCUtR, and what its siblings know. */
export interface StandardDCUtRInit extends DCUtRServiceInit {
  /** Has the outside address of a TCP port to punch from. */
  knowledge?: Pick<NatKnowledge, 'current'>
  /**
   * Milliseconds between two looks at a relayed connection that is to go.
   *
   * @default 1_000
   */
  drainCheckMs?: number
}

/**
 * DCUtR for peers that do not have our own way through NATs, with what goes wrong in @libp2p/dcutr 3.0 kept from it:
 *
 * - it offers verified addresses only, and a node behind a NAT has none: it offers observed and mapped ones too
 * - it dials TCP from any port: it dials from the one whose outside address it offers, where that is known
 * - it waits 5 seconds for an address that does not answer before it punches: it waits 2
 * - it closes the relayed connection under streams in use, which lose what is in flight without an error: the connection
 *   stays until nothing uses it
 */
export function standardDCUtR(init: StandardDCUtRInit = {}): (components: DCUtRServiceComponents) => unknown {
  const { knowledge, drainCheckMs, ...rest } = init
  return (components) => {
    const drains = new Drains(drainCheckMs === undefined ? {} : { checkMs: drainCheckMs })
    const { peerStore, transportManager, logger, addressManager, connectionManager, registrar } = components
    const service = dcutr(rest)({
      peerStore,
      transportManager,
      logger,
      addressManager: withOutside(addressManager, knowledge),
      connectionManager: punchingDials({ connectionManager, transportManager }, knowledge),
      registrar: draining({ registrar, peerStore, connectionManager }, drains)
    })
    return isStartable(service) ? stopsToo(service, drains) : service
  }
}

/** The addresses that a punch may work on: all public ones there are, proven or not. Pure. */
export function punchAddresses(
  addressManager: Pick<AddressManager, 'getAddressesWithMetadata'>,
  knowledge: Pick<NatKnowledge, 'current'> | undefined
): Multiaddr[] {
  const outside = knowledge?.current(4)?.tcpOutside
  const known = addressManager.getAddressesWithMetadata().map(({ multiaddr: address }) => address)
  const all = outside === undefined ? known : [multiaddr(`/ip4/${outside.host}/tcp/${outside.port}`), ...known]
  const usable = all.filter((address) => isNetworkAddress(address) && !isCircuit(address) && !isPrivate(address))
  const distinct = new Map(usable.map((address) => [address.toString(), address]))
  return [...distinct.values()].slice(0, MAX_DCUTR_ADDRESSES)
}

function withOutside(
  addressManager: AddressManager,
  knowledge: Pick<NatKnowledge, 'current'> | undefined
): AddressManager {
  return override(addressManager, { getAddresses: () => punchAddresses(addressManager, knowledge) })
}

function punchingDials(
  components: Pick<DCUtRServiceComponents, 'connectionManager' | 'transportManager'>,
  knowledge: Pick<NatKnowledge, 'current'> | undefined
): ConnectionManager {
  const { connectionManager } = components
  return override(connectionManager, {
    openConnection: async (target, options = {}) => {
      if (!Array.isArray(target) || options.force !== true) {
        return connectionManager.openConnection(target, options)
      }
      // only the dials of a punch have a priority
      if (options.priority !== undefined) {
        return punchDial(components, target, knowledge?.current(4)?.tcpOutside?.localPort, options)
      }
      const signal = anySignal([options.signal, AbortSignal.timeout(UNILATERAL_DIAL_MS)])
      try {
        return await connectionManager.openConnection(target, { ...options, signal })
      } finally {
        signal.clear()
      }
    }
  })
}

function draining(
  {
    registrar,
    peerStore,
    connectionManager
  }: Pick<DCUtRServiceComponents, 'registrar' | 'peerStore' | 'connectionManager'>,
  drains: Drains
): Registrar {
  const isDirect = ({ status, limits, remoteAddr }: Connection): boolean =>
    status === 'open' && limits === undefined && !isCircuit(remoteAddr)
  const kept = (connection: Connection): Connection =>
    override(connection, {
      close: async () => {
        drains.drain(connection, () => connectionManager.getConnections(connection.remotePeer).some(isDirect))
      }
    })
  return override(registrar, {
    register: async (protocol, topology, options) =>
      registrar.register(
        protocol,
        {
          ...topology,
          onConnect: (peer, connection) => {
            hasOwnPunch(peer, peerStore)
              .then(async (isOurs) => {
                if (!isOurs && connection.status === 'open') {
                  await topology.onConnect?.(peer, kept(connection))
                }
              })
              .catch((error: unknown) => {
                connection.log.error('topology of %s failed - %e', protocol, error)
              })
          }
        },
        options
      ),
    handle: async (protocol, handler, options) =>
      registrar.handle(protocol, async (stream, connection) => handler(stream, kept(connection)), options)
  })
}

/** Our own nodes punch better without it, and do not start it; they answer others that do. */
async function hasOwnPunch(peer: PeerId, peerStore: PeerStore): Promise<boolean> {
  try {
    const { protocols } = await peerStore.get(peer)
    return protocols.some((protocol) => protocol.startsWith(PUNCH_PROTOCOL_PREFIX))
  } catch {
    // it is gone again
    return true
  }
}
