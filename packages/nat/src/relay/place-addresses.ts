import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * The addresses of a relay without `source`, where it connected to us from: libp2p puts that before those that the relay
 * names, and over TCP it is a port that the system chose, where nobody listens. It stays when the relay names no other TCP
 * port, or names that one: some listen where they dial from. Pure.
 */
export function withoutSource(addresses: readonly Multiaddr[], source: Multiaddr): readonly Multiaddr[] {
  const port = tcpPort(source)
  const others = addresses.filter((address) => !address.equals(source))
  const ports = others.flatMap((address) => tcpPort(address) ?? [])
  return port === undefined || ports.length === 0 || ports.includes(port) ? addresses : others
}

/** Of an address that is dialled by plain TCP. */
function tcpPort(address: Multiaddr): string | undefined {
  const [, transport, ...above] = address.getComponents()
  return transport?.name === 'tcp' && above.every(({ name }) => name === 'p2p') ? transport.value : undefined
}
