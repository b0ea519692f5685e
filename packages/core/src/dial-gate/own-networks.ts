import { networkInterfaces } from 'node:os'
import { NetworkList, familyOf } from './network-list.ts'
import { classifyAddress, specialBlock } from './special-ranges.ts'

/** How long what the system said counts: a laptop moves between networks, and asking costs some 100 µs. */
const RENEW_MS = 10_000

/** A network that this machine has an address in. */
export interface OwnNetwork {
  /** `address/bits`. */
  readonly cidr: string
  /** It leads to this machine only. */
  readonly isInternal: boolean
}

/** The networks this machine is in now. */
export class OwnNetworks {
  readonly #read: () => readonly OwnNetwork[]
  readonly #now: () => number
  #list: NetworkList | undefined
  #readAt = 0

  constructor(read: () => readonly OwnNetwork[] = systemNetworks, now: () => number = () => performance.now()) {
    this.#read = read
    this.#now = now
  }

  /** Whether an address lies in one of them. */
  has(host: string): boolean {
    const now = this.#now()
    if (this.#list === undefined || now - this.#readAt >= RENEW_MS) {
      this.#list = new NetworkList(reachable(this.#read()))
      this.#readAt = now
    }
    return this.#list.has(host)
  }
}

/**
 * Which of the networks of a machine its peers may be in, as `address/bits`. The machine itself is one only while it has
 * no other: then nobody from elsewhere can have sent us there. An overlay network that hands out single addresses
 * (`/32`, `/128`) is as wide as such networks are. Pure.
 */
export function reachable(networks: readonly OwnNetwork[]): string[] {
  const outward = networks.filter(({ isInternal }) => !isInternal)
  return (outward.length > 0 ? outward : networks).map(({ cidr }) => widen(cidr))
}

function widen(cidr: string): string {
  const [host = '', bits] = cidr.split('/')
  if (classifyAddress(host) === 'public') {
    return cidr
  }
  if (familyOf(host) === 'ipv6') {
    return bits === '128' && classifyAddress(host) === 'private' ? `${host}/48` : cidr
  }
  if (bits !== '32') {
    return cidr
  }
  return classifyAddress(host) === 'carrier' ? (specialBlock(host) ?? cidr) : `${host}/24`
}

function systemNetworks(): OwnNetwork[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ cidr, internal }) => (cidr === null ? [] : [{ cidr, isInternal: internal }]))
  )
}
