import { isIP } from 'node:net'
import { InvalidOptionError } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { NetworkList } from './network-list.ts'
import { RecentSet } from './recent-set.ts'
import { toRoute } from './route.ts'
import type { Endpoint } from './route.ts'
import { classifyAddress, specialBlock } from './special-ranges.ts'
import type { AddressClass } from './special-ranges.ts'

/** Endpoints the user named in words: more than a person types, and than a daemon is told in a day. */
export const MAX_NAMED_ENDPOINTS = 4_096

/** Endpoints of tickets: 256 tickets with 16 addresses each. */
export const MAX_HANDED_ENDPOINTS = 4_096

/** Peers with the host they were met at: more than a node has connections. */
export const MAX_KNOWN_HOSTS = 4_096

/** Naming one address of such a block says that the network of this node lies in it. */
const OPENED_BY_NAME: readonly AddressClass[] = ['loopback', 'private', 'carrier', 'reserved']

/** Who may be dialled where others would not be, and why: bounded sets that only the user, the LAN and the past fill. */
export class Permits {
  readonly #named = new RecentSet(MAX_NAMED_ENDPOINTS)
  readonly #handed = new RecentSet(MAX_HANDED_ENDPOINTS)
  readonly #known = new RecentSet(MAX_KNOWN_HOSTS)
  readonly #opened: NetworkList

  /** Throws `InvalidOptionError` for a network that is none. */
  constructor(networks: readonly string[]) {
    networks.forEach(checkNetwork)
    this.#opened = new NetworkList(networks)
  }

  /** The user wrote these addresses: they are dialled whatever they are, and open the network they lie in. */
  name(addresses: readonly Multiaddr[]): void {
    for (const endpoint of addresses.flatMap((address) => toRoute(address).endpoints)) {
      this.#named.add(keyOf(endpoint))
      this.#open(endpoint)
    }
  }

  /** Somebody gave these to the user, who gave them to us: they are dialled, and say nothing about others. */
  hand(addresses: readonly Multiaddr[]): void {
    for (const endpoint of addresses.flatMap((address) => toRoute(address).endpoints)) {
      this.#handed.add(keyOf(endpoint))
    }
  }

  /** A peer is at this host, which it cannot have made up. */
  meet(peer: string, host: string): void {
    this.#known.add(`${peer} ${host}`)
  }

  isNamed(endpoint: Endpoint): boolean {
    return this.#named.has(keyOf(endpoint))
  }

  isHanded(endpoint: Endpoint): boolean {
    return this.#handed.has(keyOf(endpoint))
  }

  isOpen(host: string): boolean {
    return this.#opened.has(host)
  }

  isKnown(peer: string | undefined, host: string): boolean {
    return peer !== undefined && this.#known.has(`${peer} ${host}`)
  }

  #open({ kind, host }: Endpoint): void {
    const block = kind === 'ip' && OPENED_BY_NAME.includes(classifyAddress(host)) ? specialBlock(host) : undefined
    if (block !== undefined && !this.isOpen(host)) {
      this.#opened.add(block)
    }
  }
}

function keyOf({ kind, host, port }: Endpoint): string {
  return `${kind} ${host} ${port ?? ''}`
}

function checkNetwork(network: string): void {
  const [host = '', bits = '', ...more] = network.split('/')
  const version = isIP(host)
  const isWhole = /^\d{1,3}$/u.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
  if (version === 0 || !isWhole || more.length > 0) {
    throw new InvalidOptionError(
      'dialGate.allowNetworks',
      `${JSON.stringify(network)} is not a network like 10.0.0.0/8`
    )
  }
}
