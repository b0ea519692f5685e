import { BlockList, isIPv4 } from 'node:net'

/**
 * Networks as `address/bits`. Node's `BlockList` takes an IPv4 address for the IPv6 one it is mapped to, so that `::/3` would
 * hold all of IPv4: here each family has a list of its own.
 */
export class NetworkList {
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() }

  constructor(networks: Iterable<string> = []) {
    for (const network of networks) {
      this.add(network)
    }
  }

  add(network: string): void {
    const [host = '', bits] = network.split('/')
    const family = familyOf(host)
    this.#lists[family].addSubnet(host, Number(bits), family)
  }

  has(host: string): boolean {
    const family = familyOf(host)
    return this.#lists[family].check(host, family)
  }
}

/** The family of an IP address, as Node names it. */
export function familyOf(host: string): 'ipv4' | 'ipv6' {
  return isIPv4(host) ? 'ipv4' : 'ipv6'
}
