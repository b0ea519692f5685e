import type { MessageStreamDirection, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { faultyConnection } from './connection.ts'
import { checkPlan } from './plan.ts'
import type { FaultPlan } from './plan.ts'

/** A connection that is about to be upgraded. */
export interface ConnectionInfo {
  readonly direction: MessageStreamDirection
  readonly remoteAddr: Multiaddr
  /** How many connections this transport made or took before. */
  readonly index: number
}

/** One plan for all connections, or a choice for each; `undefined` leaves it alone. */
export type ConnectionPlan = FaultPlan | ((info: ConnectionInfo) => FaultPlan | undefined)

/** `target` with some methods replaced. All else, symbols and private fields included, is the target's own. */
function override<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const own = (methods as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key, target)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    }
  })
}

function faultyUpgrader(upgrader: Upgrader, wrap: (connection: MultiaddrConnection) => MultiaddrConnection): Upgrader {
  return override(upgrader, {
    upgradeInbound: async (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeInbound']>[1]) =>
      upgrader.upgradeInbound(wrap(connection), options),
    upgradeOutbound: async (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]) =>
      upgrader.upgradeOutbound(wrap(connection), options)
  })
}

/**
 * A transport whose connections go through fault plans, below encryption and muxing: a corrupted byte breaks the
 * connection's cipher, as it does on a network. Use it where the real one would stand:
 * `transports: [faultyTransport(tcp(), plan)]`. A transport that brings its own encryption and muxing (WebRTC, QUIC)
 * does not send its bytes through the upgrader and is not affected; use `faultyProtocol` there.
 */
export function faultyTransport<Components>(
  factory: (components: Components) => Transport,
  plan: ConnectionPlan
): (components: Components) => Transport {
  if (typeof plan !== 'function') {
    checkPlan(plan)
  }
  return (components) => {
    const transport = factory(components)
    let count = 0
    const wrap = (connection: MultiaddrConnection): MultiaddrConnection => {
      const { direction, remoteAddr } = connection
      const chosen = typeof plan === 'function' ? plan({ direction, remoteAddr, index: count++ }) : plan
      return chosen === undefined ? connection : faultyConnection(connection, chosen)
    }
    return override(transport, {
      dial: async (address, options) =>
        transport.dial(address, { ...options, upgrader: faultyUpgrader(options.upgrader, wrap) }),
      createListener: (options) =>
        transport.createListener({ ...options, upgrader: faultyUpgrader(options.upgrader, wrap) })
    })
  }
}
