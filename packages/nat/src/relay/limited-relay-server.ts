import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import type {
  CircuitRelayServerComponents,
  CircuitRelayServerInit,
  CircuitRelayService
} from '@libp2p/circuit-relay-v2'
import type { Connection, ConnectionGater, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import { aheadStreams } from '../ahead/index.ts'
import { meter } from '../paths/meter.ts'
import { chooseConnection, isRelayed, newestFirst } from '../paths/choose-path.ts'
import { STOP_PROTOCOL } from './constants.ts'
import { RelayQuotaError } from './errors.ts'
import { answersInSeconds, sayLimitInSeconds, STOP_LIMIT_FIELD } from './limit-in-seconds.ts'
import { quotaKey } from './network-of.ts'
import { RELAY_LIMITS, RelayQuota } from './relay-quota.ts'
import type { CircuitKey, RelayDenial, RelayLimits } from './relay-quota.ts'
import { peekSource } from './stop-source.ts'
import { tellsWhoAsks, tieToWhoAsks, whoAsks } from './tie-circuits.ts'

/** A relay server that says what it carries. */
export interface LimitedRelayServer extends CircuitRelayService {
  /** Circuits that are open or asked for, and bytes since the start, both directions. */
  usage(): { readonly reservations: number; readonly circuits: number; readonly bytes: number }
}

/**
 * libp2p's relay server, which bounds one circuit, with bounds on what one peer, one IP address and all together get. It
 * is given components of its own for that: nothing of the node is changed. A gater of the user's is asked first.
 */
export function limitedRelayServer(
  init: CircuitRelayServerInit = {},
  limits: Partial<RelayLimits> = {},
  now: () => number = () => performance.now()
): (components: CircuitRelayServerComponents) => LimitedRelayServer {
  return (components) => {
    const log = components.logger.forComponent('p2pshare:nat:relay-server')
    const quota = new RelayQuota({ ...RELAY_LIMITS, ...limits })
    const directOf = (peer: PeerId): Connection[] =>
      components.connectionManager.getConnections(peer).filter((each) => !isRelayed(each))
    const ipOf = (peer: PeerId): string | undefined => {
      const connection = chooseConnection(directOf(peer))
      return connection === undefined ? undefined : quotaKey(connection.remoteAddr)
    }
    const denied = (what: string, peer: PeerId, denial: RelayDenial | undefined): boolean => {
      if (denial !== undefined) {
        log('%s of %p denied: %s', what, peer, denial)
      }
      return denial !== undefined
    }
    const connectionGater: ConnectionGater = {
      denyInboundRelayReservation: async (source) => {
        if ((await components.connectionGater.denyInboundRelayReservation?.(source)) === true) {
          return true
        }
        const held = [...server.reservations.entries()].filter(([peer]) => !peer.equals(source))
        const ips = held.map(([, { addr }]) => quotaKey(addr))
        if (denied('a place', source, quota.denyReservation(ipOf(source), ips))) {
          return true
        }
        const [place, asked] = [server.reservations.get(source), whoAsks()]
        if (place !== undefined && asked !== undefined) {
          // libp2p keeps where it was asked for first; who asks anew has moved
          place.addr = asked.remoteAddr
        }
        return false
      },
      denyOutboundRelayedConnection: async (source, target) => {
        if ((await components.connectionGater.denyOutboundRelayedConnection?.(source, target)) === true) {
          return true
        }
        if (directOf(target).length === 0) {
          // libp2p's server says no to it itself, and what comes to nothing is not held against who asks: a node that looks
          // for peers which have gone would be out of reach for all others
          return false
        }
        const key = { source: source.toString(), target: target.toString() }
        return denied('a circuit', source, quota.request(key, ipOf(source), now()))
      }
    }
    const connectionManager = new Proxy(components.connectionManager, {
      get: (target, name): unknown => {
        if (name === 'getConnections') {
          // a circuit to whom we reach only over a relay would be one inside another
          return (peer?: PeerId) =>
            reservedFirst(newestFirst(target.getConnections(peer)), peer && server.reservations.get(peer)?.addr)
              .filter((each) => !isRelayed(each))
              .map((each) => meteredConnection(each, quota, now))
        }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      }
    }) satisfies ConnectionManager
    const own = { connectionGater, connectionManager, registrar: answersInSeconds(tellsWhoAsks(components.registrar)) }
    const server: CircuitRelayService = circuitRelayServer(init)(
      new Proxy(components, {
        get: (target, name, receiver): unknown =>
          Object.hasOwn(own, name) ? Reflect.get(own, name) : Reflect.get(target, name, receiver)
      })
    )
    const usage: LimitedRelayServer['usage'] = () => ({
      reservations: server.reservations.size,
      ...quota.totals()
    })
    return Object.assign(server, { usage })
  }
}

/**
 * The server takes the first: the one that the place was asked for over. A newer one mostly only tries an address, and is
 * closed soon; among the others older ones are dead without a word, after a change of the peer's address.
 */
function reservedFirst(connections: readonly Connection[], addr: Multiaddr | undefined): Connection[] {
  const isReserved = ({ remoteAddr }: Connection): boolean => addr?.equals(remoteAddr) === true
  return [...connections.filter(isReserved), ...connections.filter((each) => !isReserved(each))]
}

/** A connection whose streams are circuits: the server opens no others on it. */
function meteredConnection(connection: Connection, quota: RelayQuota, now: () => number): Connection {
  // who has a place here speaks it
  aheadStreams(connection, [STOP_PROTOCOL])
  return new Proxy(connection, {
    get: (target, name): unknown => {
      if (name === 'newStream') {
        return async (...args: Parameters<Connection['newStream']>): Promise<Stream> => {
          const stream = await target.newStream(...args)
          sayLimitInSeconds(stream, STOP_LIMIT_FIELD)
          meterCircuit(stream, target.remotePeer.toString(), quota, now)
          tieToWhoAsks(stream)
          return stream
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}

function meterCircuit(stream: Stream, target: string, quota: RelayQuota, now: () => number): void {
  let key: CircuitKey | undefined
  const carry = (bytes: number): void => {
    const denial = key === undefined ? undefined : quota.carry(key, bytes, now())
    if (denial !== undefined) {
      stream.abort(new RelayQuotaError(denial))
    }
  }
  peekSource(stream, (source) => {
    key = { source, target }
    quota.open(key)
  })
  meter(stream, { in: carry, out: carry })
  stream.addEventListener('close', () => {
    if (key !== undefined) {
      quota.end(key)
    }
  })
}
