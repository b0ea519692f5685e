import type { NatClass } from '../types.ts'

/**
 * Whether there is a second NAT in front of the first. `mappedHost` is the outside address that a port mapping protocol
 * gave. `undefined`: nothing tells. Pure.
 */
export function isDoubleNat(
  { mapping, outside }: Pick<NatClass, 'mapping' | 'outside'>,
  mappedHost: string | undefined
): boolean | undefined {
  if (outside !== undefined && isCarrierAddress(outside.host)) {
    // what a server saw goes through the carrier's NAT still
    return mapping !== 'none'
  }
  if (mappedHost === undefined) {
    return undefined
  }
  return outside === undefined ? isInsideAddress(mappedHost) : outside.host !== mappedHost
}

/** 100.64.0.0/10, which carriers use between their NAT and the customer's (RFC 6598). */
export function isCarrierAddress(host: string): boolean {
  const [a, b] = numbers(host)
  return a === 100 && b !== undefined && b >= 64 && b < 128
}

/** An address that is not one of the internet: private (RFC 1918, RFC 4193), a carrier's, link-local or loopback. */
export function isInsideAddress(host: string): boolean {
  if (host.includes(':')) {
    return host === '::1' || /^f([cd][0-9a-f]|e[89ab]).:/.test(host)
  }
  const [a, b] = numbers(host)
  if (a === undefined || b === undefined) {
    return false
  }
  return (
    a === 10 ||
    a === 127 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    isCarrierAddress(host)
  )
}

function numbers(host: string): number[] {
  return host.includes(':') ? [] : host.split('.').map(Number)
}
