import { CODE_UNIX } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where this machine would open a socket for an address. */
export type Endpoint =
  | { readonly kind: 'ip'; readonly host: string; readonly port: number | undefined }
  | { readonly kind: 'name'; readonly host: string; readonly port: number | undefined }
  | { readonly kind: 'path'; readonly host: string; readonly port: 0 }

/** What a gate has to know of an address. */
export interface Route {
  /** Mostly one. Each host that is named before the first relay: a transport may look at any of them. */
  readonly endpoints: readonly Endpoint[]
  readonly isWebSocket: boolean
  /** Who is at the endpoint: the peer, or the relay that leads to it. */
  readonly peer: string | undefined
}

/** Takes an address apart; what lies behind a relay is the relay's to dial. Pure. */
export function toRoute(address: Multiaddr): Route {
  const all = address.getComponents()
  const circuit = all.findIndex(({ name }) => name === 'p2p-circuit')
  const components = circuit === -1 ? all : all.slice(0, circuit)
  const endpoints: Endpoint[] = []
  for (const [index, { code, name, value = '' }] of components.entries()) {
    if (code === CODE_UNIX) {
      endpoints.push({ kind: 'path', host: value, port: 0 })
    } else if (name === 'ip4' || name === 'ip6') {
      endpoints.push({ kind: 'ip', host: value, port: portAfter(index) })
    } else if (name === 'dns' || name === 'dns4' || name === 'dns6' || name === 'dnsaddr') {
      endpoints.push({ kind: 'name', host: value.toLowerCase(), port: portAfter(index) })
    }
  }
  return {
    endpoints,
    isWebSocket: components.some(({ name }) => name === 'ws' || name === 'wss'),
    peer: components.findLast(({ name }) => name === 'p2p')?.value
  }

  function portAfter(index: number): number | undefined {
    const next = components[index + 1]
    return next?.name === 'tcp' || next?.name === 'udp' ? Number(next.value) : undefined
  }
}
