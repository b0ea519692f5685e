import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { CircuitRelayTransportComponents, CircuitRelayTransportInit } from '@libp2p/circuit-relay-v2'
import type { Connection, MultiaddrConnection, PeerId, Transport, Upgrader } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import { aheadStreams } from '../ahead/index.ts'
import { isRelayed, newestFirst } from '../paths/choose-path.ts'
import { meter } from '../paths/meter.ts'
import { lazily, override } from '../standard/override.ts'
import { trialsLast } from '../trials.ts'
import { aheadCircuit, connectAhead } from './connect-ahead.ts'
import type { AheadCircuit } from './connect-ahead.ts'
import { HOP_PROTOCOL } from './constants.ts'
import { RelayLedger, relayLedgerSymbol } from './relay-ledger.ts'

/** A transport that says how much went through relays. */
export type MeteredTransport = Transport & { readonly [relayLedgerSymbol]: RelayLedger }

/** libp2p's transport for circuits, whose bytes are counted in `transport[relayLedgerSymbol]`. */
export function meteredCircuits(
  init: CircuitRelayTransportInit = {}
): (components: CircuitRelayTransportComponents) => MeteredTransport {
  return (components) => {
    const ledger = new RelayLedger()
    const transport = circuitRelayTransport(init)(
      override(components, {
        upgrader: meteredUpgrader(components, ledger),
        connectionManager: withHopsAhead(components)
      })
    )
    return Object.assign(transport, { [relayLedgerSymbol]: ledger })
  }
}

/**
 * Relays are asked without waiting for them to agree on how, and circuits are used without waiting for their yes, over the newest connection that this node opened: after a
 * change of the network older ones may be dead without a word, and what a relay opens is mostly a dial-back, which it closes
 * soon. So are those that this node dials back for others.
 */
function withHopsAhead(components: CircuitRelayTransportComponents): ConnectionManager {
  return new Proxy({} as ConnectionManager, {
    get: (_, name): unknown => {
      const { connectionManager } = components
      if (name === 'getConnections') {
        return (peer?: PeerId) => {
          // a relay takes no question for a circuit over another one
          const straight = connectionManager.getConnections(peer).filter((each) => !isRelayed(each))
          return trialsLast(ownFirst(newestFirst(straight))).map(hopAhead)
        }
      }
      const value: unknown = Reflect.get(connectionManager, name)
      return typeof value === 'function' ? value.bind(connectionManager) : value
    }
  })
}

/** Otherwise in the order they are in. Pure. */
export function ownFirst<Candidate extends Pick<Connection, 'direction'>>(
  connections: readonly Candidate[]
): Candidate[] {
  return [true, false].flatMap((isOwn) => connections.filter(({ direction }) => (direction === 'outbound') === isOwn))
}

function hopAhead(connection: Connection): Connection {
  aheadStreams(connection, [HOP_PROTOCOL], connectAhead)
  return connection
}

/** The node's upgrader, with every raw connection it is given metered. */
function meteredUpgrader(components: CircuitRelayTransportComponents, ledger: RelayLedger): Upgrader {
  const metered = (connection: MultiaddrConnection): void => {
    const [relay, peer] = peersOf(connection)
    const add = (bytes: number): void => ledger.add(peer, relay, bytes)
    meter(connection, { in: add, out: add })
  }
  const members: Pick<Upgrader, 'upgradeInbound' | 'upgradeOutbound'> = {
    upgradeInbound: async (connection, options) => {
      metered(connection)
      await components.upgrader.upgradeInbound(connection, options)
    },
    upgradeOutbound: async (connection, options) => {
      metered(connection)
      const circuit = circuitBeneath(connection)
      if (circuit === undefined) {
        return components.upgrader.upgradeOutbound(connection, options)
      }
      try {
        return await components.upgrader.upgradeOutbound(connection, { ...options, limits: circuit.limits })
      } catch (error) {
        // what was on its way over a circuit that there is not failed for that
        throw circuit.refusal ?? error
      }
    }
  }
  return lazily(() => components.upgrader, members)
}

/** libp2p's connection over a stream has it, its interface does not. */
function circuitBeneath(connection: MultiaddrConnection): AheadCircuit | undefined {
  const stream: unknown = Reflect.get(connection, 'stream')
  return typeof stream === 'object' && stream !== null ? aheadCircuit(stream) : undefined
}

/** `/.../p2p/<relay>/p2p-circuit/p2p/<peer>` */
function peersOf({ remoteAddr }: MultiaddrConnection): [relay: string, peer: string] {
  const peers = remoteAddr.getComponents().flatMap(({ name, value }) => (name === 'p2p' ? (value ?? []) : []))
  return [peers[0] ?? '', peers.at(-1) ?? '']
}
