import type { Endpoint, Route } from './route.ts'
import { classifyAddress } from './special-ranges.ts'
import type { AddressClass } from './special-ranges.ts'

/**
 * Why an address is not dialled: the class of its host; `port`, one of a system service; `path`, a socket file of this
 * machine; `name`, which only its transport would look up; `form`, a host without a port.
 */
export type RefusalReason = Exclude<AddressClass, 'public'> | 'port' | 'path' | 'name' | 'form'

/** What a gate knows beside the address. */
export interface Grounds {
  isNamed(endpoint: Endpoint): boolean
  isHanded(endpoint: Endpoint): boolean
  isOpen(host: string): boolean
  isKnown(peer: string | undefined, host: string): boolean
  isOwnNetwork(host: string): boolean
}

/** Below are the ports of system services, which take a first line of anything for a command. */
export const FIRST_PEER_PORT = 1024

/** Those that WebSockets share with web servers. */
const WEB_PORTS: readonly number[] = [80, 443]

/** Nobody but the user, in so many words, sends us there. */
const NEVER: readonly AddressClass[] = ['metadata', 'multicast', 'nobody', 'translated']

/** What stands against an address as it is written; names are judged when they are looked up. Pure. */
export function objection(route: Route, grounds: Grounds): RefusalReason | undefined {
  for (const endpoint of route.endpoints) {
    const found =
      endpoint.kind === 'ip' ? ipObjection(endpoint, route, grounds) : formObjection(endpoint, route, grounds)
    if (found !== undefined) {
      return found
    }
  }
  return undefined
}

/**
 * What stands against an IP address that the name of `named` was found to stand for. The user's own names may lead into
 * a private network; no name leads to what is nobody's peer. Pure.
 */
export function resolvedObjection(found: Route, named: Route, grounds: Grounds): RefusalReason | undefined {
  const [name] = named.endpoints
  const isTrusted = name !== undefined && (grounds.isNamed(name) || grounds.isHanded(name))
  const route = { ...named, endpoints: found.endpoints }
  for (const endpoint of found.endpoints) {
    const reason = isTrusted ? neverObjection(endpoint) : ipObjection(endpoint, route, grounds)
    if (reason !== undefined) {
      return reason
    }
  }
  return undefined
}

function neverObjection({ host }: Endpoint): RefusalReason | undefined {
  const kind = classifyAddress(host)
  return kind !== 'public' && NEVER.includes(kind) ? kind : undefined
}

function formObjection(endpoint: Endpoint, route: Route, grounds: Grounds): RefusalReason | undefined {
  if (grounds.isNamed(endpoint)) {
    return undefined
  }
  return endpoint.kind === 'path' ? 'path' : portObjection(endpoint, route)
}

function ipObjection(endpoint: Endpoint, route: Route, grounds: Grounds): RefusalReason | undefined {
  const { host } = endpoint
  if (grounds.isNamed(endpoint)) {
    return undefined
  }
  const port = portObjection(endpoint, route)
  if (port !== undefined) {
    return port
  }
  const kind = classifyAddress(host)
  if (kind === 'public') {
    return undefined
  }
  if (NEVER.includes(kind)) {
    return kind
  }
  const isAllowed =
    grounds.isOpen(host) ||
    grounds.isHanded(endpoint) ||
    grounds.isKnown(route.peer, host) ||
    (kind !== 'link-local' && grounds.isOwnNetwork(host))
  return isAllowed ? undefined : kind
}

function portObjection({ port }: Endpoint, { isWebSocket }: Route): RefusalReason | undefined {
  if (port === undefined) {
    return 'form'
  }
  return port >= FIRST_PEER_PORT || (isWebSocket && WEB_PORTS.includes(port)) ? undefined : 'port'
}
