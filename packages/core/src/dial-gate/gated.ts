import type { ConnectionGater, PeerDiscovery, PeerInfo, Transport } from '@libp2p/interface'
import { asksAboutNamesSymbol, resolvedGateSymbol } from '@p2pshare/interface'
import type { DialGate } from './dial-gate.ts'

/** A transport that dials nothing the gate refuses, whoever asks it: not every dial goes through libp2p's queue. */
export function gatedTransport<Components, T extends Transport>(
  gate: DialGate,
  factory: (components: Components) => T
): (components: Components) => T {
  return (components) => {
    const transport = factory(components)
    const dial = transport.dial.bind(transport)
    const asksAboutNames = Reflect.get(transport, asksAboutNamesSymbol) === true
    transport.dial = async (address, options) => {
      gate.check(address, asksAboutNames)
      return dial(address, options)
    }
    return transport
  }
}

/** A discovery of the local network whose peers the gate hears of before anybody dials them. */
export function gatedDiscovery<Components>(
  gate: DialGate,
  factory: (components: Components) => PeerDiscovery
): (components: Components) => PeerDiscovery {
  return (components) => {
    const discovery = factory(components)
    discovery.addEventListener('peer', ({ detail }: CustomEvent<PeerInfo>) => {
      gate.seeOnLan(detail)
    })
    return discovery
  }
}

/** The user's gater and the gate as one: what either denies is denied. */
export function gatedBy(gate: DialGate, gater: ConnectionGater = {}): ConnectionGater {
  const own = {
    denyDialMultiaddr: async (...[address]: Parameters<NonNullable<ConnectionGater['denyDialMultiaddr']>>) =>
      gate.denyDialMultiaddr(address) || (await gater.denyDialMultiaddr?.(address)) === true,
    [resolvedGateSymbol]: async (...[found, named]: Parameters<DialGate[typeof resolvedGateSymbol]>) =>
      gate[resolvedGateSymbol](found, named) || (await gater.denyDialMultiaddr?.(found)) === true
  }
  return new Proxy(gater, {
    get: (target, name): unknown => {
      if (Object.hasOwn(own, name)) {
        return Reflect.get(own, name)
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    }
  })
}
