import { BlockList } from 'node:net'
import { MAX_HOSTS_PER_FAMILY } from './constants.ts'
import type { HostClass } from './host-class.ts'
import type { Candidate } from './types.ts'

/** A network that this node is in. */
export interface OwnNetwork {
  readonly host: string
  readonly family: 4 | 6
  /** Bits of the network's part of the address. */
  readonly prefix: number
}

/** What decides which addresses of a peer may be sent to. */
export interface AdmitContext {
  readonly networks: readonly OwnNetwork[]
  /** Where servers saw this node. */
  readonly outside: readonly string[]
  /** Where servers or relays saw the peer; of a family of which there is none, any will do. */
  readonly observed: readonly string[]
  /** Hosts that serve us: no peer makes us probe them. */
  readonly servers: readonly string[]
  readonly classify: (host: string) => HostClass
}

/** A candidate that is not used, and why. */
export interface Denied {
  readonly candidate: Candidate
  readonly reason: string
}

/**
 * The candidates of a peer that may be dialled and probed: public ones that nobody contradicts, and private ones of a
 * network that both are in; at most `MAX_HOSTS_PER_FAMILY` hosts of a family, so that a peer cannot turn us on many. Pure.
 */
export function admit(
  candidates: readonly Candidate[],
  context: AdmitContext
): { readonly admitted: readonly Candidate[]; readonly denied: readonly Denied[] } {
  const shared = sharesOutside(candidates, context)
  const admitted: Candidate[] = []
  const denied: Denied[] = []
  const hosts = { 4: new Set<string>(), 6: new Set<string>() }
  for (const candidate of [...candidates].sort((a, b) => rank(a, context) - rank(b, context))) {
    const known = hosts[candidate.family]
    const full = known.size >= MAX_HOSTS_PER_FAMILY && !known.has(candidate.host)
    const reason = objection(candidate, context, shared) ?? (full ? 'too many hosts' : undefined)
    if (reason === undefined) {
      known.add(candidate.host)
      admitted.push(candidate)
    } else {
      denied.push({ candidate, reason })
    }
  }
  return { admitted, denied }
}

function objection(candidate: Candidate, context: AdmitContext, shared: boolean): string | undefined {
  const { host, kind, family } = candidate
  if (context.servers.includes(host)) {
    return 'it is the address of a server'
  }
  switch (context.classify(host)) {
    case 'forbidden':
      return 'it is no address of a peer'
    case 'private':
      return kind === 'interface' && (shared || inOwnNetwork(candidate, context))
        ? undefined
        : 'it is in another network'
    case 'public': {
      const seen = context.observed.filter((other) => other.includes(':') === (family === 6))
      return seen.length === 0 || seen.includes(host) ? undefined : 'the peer was seen at another address'
    }
  }
}

/** Both are seen at the same public address: they are behind the same router, or the same carrier. */
function sharesOutside(candidates: readonly Candidate[], { outside }: AdmitContext): boolean {
  return candidates.some(({ kind, family, host }) => kind !== 'interface' && family === 4 && outside.includes(host))
}

function inOwnNetwork({ host, family }: Candidate, { networks }: AdmitContext): boolean {
  return networks.some((own) => {
    if (own.family !== family || own.prefix === 0) {
      return false
    }
    const list = new BlockList()
    const type = family === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(own.host, own.prefix, type)
    return list.check(host, type)
  })
}

/** Those that most likely work first: there is room for few hosts. */
function rank(candidate: Candidate, context: AdmitContext): number {
  if (context.classify(candidate.host) === 'public') {
    return candidate.kind === 'outside' ? 0 : 1
  }
  return inOwnNetwork(candidate, context) ? 2 : 3
}
