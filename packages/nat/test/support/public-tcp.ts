import type { MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { TCPComponents } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Loopback seen as a public address: `5.5.1.1` is 127.0.0.1, for protocols that do nothing for private addresses. */
export const PUBLIC_IP = '5.5.1.1'

/** TCP in a world where loopback is `5.5.1.1`. */
export function publicTcp(): (components: TCPComponents) => Transport {
  return (components) => {
    const transport = tcp()(components)
    return override(transport, {
      dial: async (address, options) =>
        transport.dial(toLoopback(address), { ...options, upgrader: seenAs(options.upgrader, () => address) }),
      createListener: (options) =>
        transport.createListener({ ...options, upgrader: seenAs(options.upgrader, toPublic) })
    })
  }
}

function seenAs(upgrader: Upgrader, rename: (address: Multiaddr) => Multiaddr): Upgrader {
  const wrap = (connection: MultiaddrConnection): MultiaddrConnection => {
    connection.remoteAddr = rename(connection.remoteAddr)
    return connection
  }
  return override(upgrader, {
    upgradeInbound: async (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeInbound']>[1]) =>
      upgrader.upgradeInbound(wrap(connection), options),
    upgradeOutbound: async (connection: MultiaddrConnection, options: Parameters<Upgrader['upgradeOutbound']>[1]) =>
      upgrader.upgradeOutbound(wrap(connection), options)
  })
}

function toLoopback(address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().replace(PUBLIC_IP, '127.0.0.1'))
}

function toPublic(address: Multiaddr): Multiaddr {
  return multiaddr(address.toString().replace('127.0.0.1', PUBLIC_IP))
}

function override<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      const own = (methods as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key, target)
      return typeof own === 'function' ? (own.bind(target) as unknown) : own
    }
  })
}
