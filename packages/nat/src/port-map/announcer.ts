import type { Logger } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { getNetConfig, isNetworkAddress } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import { announceNow } from '../reachability/announce-now.ts'
import type { AnnounceComponents } from '../reachability/announce-now.ts'
import { expiryOf } from './mapping-state.ts'
import type { Lease, MapTarget } from './types.ts'

/** What announcing needs of the node. */
export interface AnnouncerComponents extends AnnounceComponents {
  addressManager: Pick<
    AddressManager,
    | 'addPublicAddressMapping'
    | 'removePublicAddressMapping'
    | 'confirmObservedAddr'
    | 'getAddresses'
    | 'getAddressesWithMetadata'
  >
}

/**
 * Makes outside addresses known, in the address manager and at once to others: the address manager itself waits a second
 * before it says that something changed, and waits anew with each change.
 */
export class Announcer {
  readonly #components: AnnouncerComponents
  readonly #log: Logger

  constructor(components: AnnouncerComponents, log: Logger) {
    this.#components = components
    this.#log = log
  }

  /** The addresses by which `target` is reached through `lease`; they are not announced yet. */
  add(target: MapTarget, lease: Lease): Multiaddr[] {
    const { internalIp, internalPort, protocol } = target
    const { externalIp, externalPort } = lease
    this.#components.addressManager.addPublicAddressMapping(
      internalIp,
      internalPort,
      externalIp,
      externalPort,
      protocol
    )
    return this.#components.addressManager
      .getAddressesWithMetadata()
      .filter(({ type, multiaddr }) => type === 'ip-mapping' && leadsTo(multiaddr, lease, target))
      .map(({ multiaddr }) => multiaddr)
  }

  /** Announce them, for as long as the gateway holds the mapping. */
  async announce(addresses: readonly Multiaddr[], lease: Lease, now: number): Promise<void> {
    for (const address of addresses) {
      this.#components.addressManager.confirmObservedAddr(address, {
        type: 'ip-mapping',
        ttl: Math.max(0, expiryOf(lease) - now)
      })
    }
    await announceNow(this.#components, this.#log)
  }

  /** The mapping is gone: its addresses go at once too. */
  async remove({ internalIp, internalPort, protocol }: MapTarget, { externalIp, externalPort }: Lease): Promise<void> {
    this.#components.addressManager.removePublicAddressMapping(
      internalIp,
      internalPort,
      externalIp,
      externalPort,
      protocol
    )
    await announceNow(this.#components, this.#log)
  }
}

function leadsTo(address: Multiaddr, { externalIp, externalPort }: Lease, { protocol }: MapTarget): boolean {
  if (!isNetworkAddress(address)) {
    return false
  }
  const config = getNetConfig(address)
  return config.host === externalIp && config.port === externalPort && config.protocol === protocol
}
