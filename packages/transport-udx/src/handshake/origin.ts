/** Groups of an IPv6 address that name the network of one subscriber. */
const NETWORK_GROUPS = 4

/**
 * Who an address counts for: one IPv4 address, or the /64 that one subscriber has of IPv6, in which it can take any
 * address it likes. `host` is as the system writes it.
 */
export function originOf(host: string): string {
  if (!host.includes(':')) {
    return host
  }
  const [head = '', tail] = host.split('::')
  const groups = head === '' ? [] : head.split(':')
  while (tail !== undefined && groups.length < NETWORK_GROUPS) {
    // what is left out by `::` is zeros, unless the groups behind it reach this far
    const behind = tail === '' ? [] : tail.split(':')
    const missing = 8 - groups.length - behind.length
    if (missing <= 0) {
      groups.push(...behind)
      break
    }
    groups.push(...Array<string>(missing).fill('0'), ...behind)
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`
}
