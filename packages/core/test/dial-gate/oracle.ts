import ipaddr from 'ipaddr.js'

/** Cloud metadata at an address that is public by its range. */
const METADATA: readonly string[] = ['168.63.129.16']

/** Whether a stranger may send a node to this host, said by another library than the one under test. */
export function mayBeDialled(host: string): boolean {
  return ipaddr.parse(host).range() === 'unicast' && !METADATA.includes(host)
}

/** Not handed out by IANA at all; the oracle knows only those blocks of it that have a name. */
export function isHandedOut(host: string): boolean {
  const parsed = ipaddr.parse(host)
  return parsed.kind() === 'ipv4' || ((parsed.toByteArray()[0] ?? 0) & 0xe0) === 0x20
}
