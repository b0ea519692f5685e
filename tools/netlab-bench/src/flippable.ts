import type { Connection, PeerId } from '@libp2p/interface'
import type { Nat, NatComponents } from '@p2pshare/nat'
import { wayOf } from './watch-flow.ts'
import type { Way } from './flow.ts'

/** A `nat` service whose choice of a path can be overruled, so that transfers move as often as one likes. */
export interface Flipper {
  readonly factory: (components: NatComponents) => Nat
  /** Say that bytes to a peer take this way from now on. */
  flip(peer: PeerId, way: Way): void
}

/** Pure wiring: what it does not overrule is the service's own. */
export function flippable(make: (components: NatComponents) => Nat): Flipper {
  const listeners = new Set<(peer: PeerId) => void>()
  let forced: Way | undefined
  return {
    factory: (components) => {
      const nat = make(components)
      const best = nat.best.bind(nat)
      const onChange = nat.onChange.bind(nat)
      const chosen = (peer: PeerId): Connection | undefined =>
        forced === undefined
          ? undefined
          : components.connectionManager
              .getConnections(peer)
              .find((connection) => connection.status === 'open' && wayOf(connection) === forced)
      return Object.assign(nat, {
        best: (peer: PeerId) => chosen(peer) ?? best(peer),
        onChange: (listener: (peer: PeerId) => void) => {
          listeners.add(listener)
          return onChange(listener)
        }
      })
    },
    flip: (peer, way) => {
      forced = way
      for (const listener of listeners) {
        listener(peer)
      }
    }
  }
}
