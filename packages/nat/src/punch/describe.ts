import type { NodeAddress } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DatagramAddress } from '@p2pshare/interface'
import { canonicalIp } from '../stun/ip.ts'
import type { NatClass, Strategy } from '../types.ts'
import type { OwnNetwork } from './admit.ts'
import { MAX_CANDIDATES } from './constants.ts'
import type { HostClass } from './host-class.ts'
import type { Candidate, CandidateKind, Description, NatView } from './types.ts'

/** What a node knows of itself. */
export interface OwnFacts {
  /** What the UDP sockets are bound to. */
  readonly sockets: readonly { readonly family: 4 | 6; readonly local: DatagramAddress }[]
  readonly networks: readonly OwnNetwork[]
  readonly nats: readonly NatClass[]
  /** Every address libp2p has for this node. */
  readonly addresses: readonly Pick<NodeAddress, 'multiaddr' | 'type' | 'verified'>[]
  readonly ways: readonly Strategy[]
  readonly streamIds: readonly number[]
  readonly classify: (host: string) => HostClass
}

/** What this node says about itself in an ask or an answer. Pure. */
export function describe(facts: OwnFacts): Description {
  const found = new Map<string, Candidate>()
  const add = (kind: CandidateKind, transport: 'udp' | 'tcp', address: DatagramAddress): void => {
    const host = canonicalIp(address.host)
    if (address.port < 1 || facts.classify(host) === 'forbidden') {
      return
    }
    const candidate: Candidate = { kind, transport, family: host.includes(':') ? 6 : 4, host, port: address.port }
    found.set(`${kind} ${transport} ${host} ${address.port}`, candidate)
  }
  for (const { outside, tcpOutside } of facts.nats) {
    if (outside !== undefined) {
      add('outside', 'udp', outside)
    }
    if (tcpOutside !== undefined) {
      add('outside', 'tcp', tcpOutside)
    }
  }
  for (const { multiaddr, type, verified } of facts.addresses) {
    const endpoint = thinEndpoint(multiaddr)
    if (endpoint !== undefined) {
      for (const kind of kindsOf(endpoint.host, type, verified, facts)) {
        add(kind, endpoint.transport, endpoint)
      }
    }
  }
  for (const { family, local } of facts.sockets) {
    for (const { host } of facts.networks.filter((network) => network.family === family)) {
      if (isWildcard(local.host) || canonicalIp(local.host) === canonicalIp(host)) {
        add(facts.classify(host) === 'public' ? 'open' : 'interface', 'udp', { host, port: local.port })
      }
    }
  }
  return {
    candidates: [...found.values()].slice(0, MAX_CANDIDATES),
    nats: facts.nats.map(toView),
    streamIds: facts.streamIds,
    ways: facts.ways
  }
}

function kindsOf(host: string, type: NodeAddress['type'], verified: boolean, { classify }: OwnFacts): CandidateKind[] {
  const open = classify(canonicalIp(host)) === 'public'
  switch (type) {
    case 'transport':
      return [open ? 'open' : 'interface']
    case 'announce':
      // said by the user, to be reachable
      return open ? ['open'] : ['interface']
    case 'ip-mapping':
      return open ? ['forwarded'] : []
    case 'observed':
      return open && verified ? ['forwarded'] : []
    default:
      return []
  }
}

/** The IP address and port of `/ip4/…/tcp/…` and `/ip4/…/udp/…/utp`, and their like with IPv6. */
function thinEndpoint(address: Multiaddr): (DatagramAddress & { readonly transport: 'udp' | 'tcp' }) | undefined {
  const [ip, transport, last, ...more] = address.getComponents().filter(({ name }) => name !== 'p2p')
  const isIp = ip?.name === 'ip4' || ip?.name === 'ip6'
  if (!isIp || ip.value === undefined || transport?.value === undefined || more.length > 0) {
    return undefined
  }
  const port = Number(transport.value)
  if (transport.name === 'tcp' && last === undefined) {
    return { host: ip.value, port, transport: 'tcp' }
  }
  return transport.name === 'udp' && last?.name === 'utp' ? { host: ip.value, port, transport: 'udp' } : undefined
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function toView({ family, udp, mapping, filtering, pool, preservesPorts }: NatClass): NatView {
  return {
    family,
    udp,
    ...(mapping === undefined ? {} : { mapping }),
    ...(filtering === undefined ? {} : { filtering }),
    ...(pool === undefined ? {} : { pool }),
    ...(preservesPorts === false ? { changesPorts: true } : {})
  }
}
