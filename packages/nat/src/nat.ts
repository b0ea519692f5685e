import { serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import type { PeerId } from '@libp2p/interface'
import type { Path } from '@p2pshare/interface'
import { choosePath } from './choose-path.ts'
import type { Nat, NatComponents } from './index.ts'
import { toOwnAddress } from './reachability.ts'
import type { OwnAddress } from './reachability.ts'

/** Reads what libp2p knows; holds nothing of its own. */
export class NatService implements Nat {
  readonly [Symbol.toStringTag] = '@p2pshare/nat'
  readonly [serviceCapabilities] = ['@p2pshare/nat']
  readonly [serviceDependencies] = ['@libp2p/identify']
  readonly #components: NatComponents

  constructor(components: NatComponents) {
    this.#components = components
  }

  path(peer: PeerId): Path {
    return choosePath(this.#components.connectionManager.getConnections(peer))
  }

  reachability(): readonly OwnAddress[] {
    const found = new Map<string, OwnAddress>()
    for (const own of this.#components.addressManager.getAddressesWithMetadata().map(toOwnAddress)) {
      const key = own.address.toString()
      // the same address can be listened on and observed: what is proven counts
      const known = found.get(key)
      if (known === undefined || known.reachability === 'unverified') {
        found.set(key, own)
      }
    }
    return [...found.values()]
  }
}
