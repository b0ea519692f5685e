import { networkInterfaces } from 'node:os'
import { canonicalIp } from '../stun/ip.ts'

/** Addresses of this machine, in the form of RFC 5952. */
export function systemHosts(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => canonicalIp(address)))
}
