import type { Connection, Transport, Upgrader } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import type { TCPComponents } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Stands for `@libp2p/webrtc`: takes its addresses under its name, and makes connections that are told of as WebRTC's are,
 * of TCP. `find` says where a peer listens. It listens nowhere itself.
 */
export function webrtcDouble(
  find: (peer: string) => Multiaddr | undefined
): (components: TCPComponents & { readonly upgrader: Upgrader }) => Transport {
  return (components) => {
    const inner = tcp()(components)
    const dial: Transport['dial'] = async (address, options): Promise<Connection> => {
      const peer = address.getComponents().findLast(({ name }) => name === 'p2p')?.value ?? ''
      const upgrader = Object.create(options.upgrader) as Upgrader
      upgrader.upgradeOutbound = async (below, init) =>
        options.upgrader.upgradeOutbound(Object.assign(below, { remoteAddr: address }), init)
      return inner.dial(find(peer) ?? multiaddr('/ip4/127.0.0.1/tcp/1'), { ...options, upgrader })
    }
    const takes = (address: Multiaddr): boolean => address.getComponents().some(({ name }) => name === 'webrtc')
    return new Proxy(inner, {
      get: (target, key): unknown => {
        switch (key) {
          case 'dial':
            return dial
          case 'dialFilter':
            return (addresses: Multiaddr[]) => addresses.filter(takes)
          case 'listenFilter':
            return () => []
          case Symbol.toStringTag:
            return '@libp2p/webrtc'
          default: {
            const value: unknown = Reflect.get(target, key)
            return typeof value === 'function' ? value.bind(target) : value
          }
        }
      }
    })
  }
}
