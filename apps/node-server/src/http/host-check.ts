import { isIP } from 'node:net'

/** A name or an IP literal, and maybe a port: what a `Host` header is, and nothing else. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i

/** The longest DNS name, brackets and port. */
const MAX_HOST_LENGTH = 264

export interface HostPolicy {
  /** The address the server is bound to. */
  readonly host: string
  readonly allowRemote: boolean
  /** Names that are allowed besides those of this machine. */
  readonly allowedHosts: readonly string[]
}

/** Whether only this machine reaches a server that is bound to `host`. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/**
 * Whether a `Host` header names this server. A web page of somebody else that made its own name point here (DNS
 * rebinding) still sends that name, so a name must be on the list; an IP address cannot be rebound.
 */
export function isAllowedHost(header: string | undefined, policy: HostPolicy): boolean {
  if (header === undefined || header.length > MAX_HOST_LENGTH) {
    return false
  }
  const match = HOST.exec(header)
  const name = (match?.[1] ?? match?.[2])?.toLowerCase()
  if (name === undefined) {
    return false
  }
  if (isLoopback(name) || name === policy.host.toLowerCase() || (policy.allowRemote && isIP(name) !== 0)) {
    return true
  }
  return policy.allowedHosts.some((allowed) => allowed.toLowerCase() === name)
}
