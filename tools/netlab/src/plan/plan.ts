import type { Link, ResolvedLabOptions, SideOptions } from '../options.ts'
import { factsOf } from '../nat-types.ts'
import type { NatType } from '../nat-types.ts'
import { portMac, relayAddresses, serverAddresses, sideAddresses } from './addresses.ts'
import type { SideAddresses } from './addresses.ts'
import { firewallRules, natRules, upnpRules } from './rules.ts'
import type { RouterKind } from './rules.ts'

/** An interface of a node. */
export interface InterfacePlan {
  readonly name: string
  /** With prefix length. */
  readonly addresses: readonly string[]
  /** Default routes, over this interface. `internet`: the switch. */
  readonly gateway?: { readonly ipv4?: string; readonly ipv6?: string } | 'internet'
  /** Interfaces of the same node that this bridge joins. */
  readonly bridges?: readonly string[]
}

/** One network namespace. */
export interface NodePlan {
  readonly name: string
  readonly role: 'host' | 'router' | 'carrier'
  readonly ipv4: boolean
  readonly ipv6: boolean
  readonly interfaces: readonly InterfacePlan[]
  /** What nft reads. */
  readonly rules?: string
  /** Runs miniupnpd: the LAN it serves. */
  readonly upnp?: { readonly lan: string; readonly uuid: string }
  /** Behind which router a host is, from the inside out. */
  readonly routers: readonly string[]
  /** How the internet sees it, IPv4 first. */
  readonly publicAddresses: readonly string[]
}

/** A veth pair between two nodes. */
export interface WirePlan {
  readonly ends: readonly [WireEnd, WireEnd]
}

interface WireEnd {
  readonly node: string
  readonly interface: string
}

/** A port of the switch. */
export interface PortPlan {
  readonly name: string
  /** Whose `wan` interface is plugged in. */
  readonly node: string
  /** The side or server it is the link of. */
  readonly host: string
  readonly mac: string
  readonly link: Link
  readonly routes: readonly string[]
}

export interface LabPlan {
  readonly name: string
  readonly seed: number
  readonly nodes: readonly NodePlan[]
  readonly wires: readonly WirePlan[]
  readonly ports: readonly PortPlan[]
}

/** The namespace with the switch in it. */
export const SWITCH_NODE = 'internet'

/** How often each side changed its public address. */
export type Generations = Readonly<Record<string, number>>

/** Everything that a lab consists of, before any of it exists. */
export function planLab(options: ResolvedLabOptions, generations: Generations = {}): LabPlan {
  const dualStacked = options.sides.some(({ type }) => factsOf(type).ipv6)
  const nodes: NodePlan[] = []
  const wires: WirePlan[] = []
  const ports: PortPlan[] = []
  const plugIn = (node: string, host: string, link: Link, routes: readonly string[]): void => {
    ports.push({ name: `p${ports.length}`, node, host, mac: portMac(ports.length), link, routes })
  }
  for (const { name, address, link } of options.servers) {
    const wan = address === undefined ? relayAddresses(relayIndex(name)) : serverAddresses(address)
    const addresses = dualStacked ? [...wan.ipv4, ...wan.ipv6] : wan.ipv4
    nodes.push({
      ...lone(name, addresses),
      ipv6: dualStacked,
      interfaces: [{ name: 'wan', addresses: addresses.map(alone), gateway: 'internet' }]
    })
    plugIn(name, name, link, wan.routes)
  }
  for (const [at, side] of options.sides.entries()) {
    if (side.type === 'lan') {
      continue // planned with a
    }
    const addresses = sideAddresses(at + 1, generations[side.name] ?? 0)
    const guest = side.name === 'a' && options.sides[1]?.type === 'lan' ? options.sides[1] : undefined
    const planned = planSide(side, addresses, guest)
    nodes.push(...planned.nodes)
    wires.push(...planned.wires)
    plugIn(planned.edge, side.name, side.link, [
      ...(factsOf(side.type).ipv4 ? addresses.routesIpv4 : []),
      ...(factsOf(side.type).ipv6 ? addresses.routesIpv6 : [])
    ])
  }
  return { name: options.name, seed: options.seed, nodes, wires, ports }
}

interface PlannedSide {
  readonly nodes: NodePlan[]
  readonly wires: WirePlan[]
  /** The node that is on the internet. */
  readonly edge: string
}

function planSide(side: SideOptions, at: SideAddresses, guest: SideOptions | undefined): PlannedSide {
  const { type } = side
  if (type === 'public' || type === 'lan') {
    const host = {
      ...lone(side.name, [at.publicIpv4]),
      interfaces: [{ name: 'wan', addresses: [alone(at.publicIpv4)], gateway: 'internet' as const }]
    }
    return { nodes: [host], wires: [], edge: side.name }
  }
  const facts = factsOf(type)
  const router = `${side.name}-router`
  const carrier = facts.natLevels === 2 ? `${side.name}-carrier` : undefined
  const hosts = [side.name, ...(guest === undefined ? [] : [guest.name])]
  // a bridge of one host does nothing but cost: each packet goes by the netfilter of bridges as well
  const plugs = hosts.length === 1 ? ['lan'] : hosts.map((_, seat) => `lan${seat}`)
  const outside = [...(facts.ipv4 ? [at.publicIpv4] : []), ...(facts.ipv6 ? [at.wanIpv6] : [])]
  const nodes: NodePlan[] = [
    ...hosts.map((name, seat): NodePlan => {
      const ipv4 = at.lan.hosts[seat] ?? ''
      const ipv6 = at.lanIpv6.hosts[seat] ?? ''
      return {
        name,
        role: 'host',
        ipv4: facts.ipv4,
        ipv6: facts.ipv6,
        routers: [router, ...(carrier === undefined ? [] : [carrier])],
        publicAddresses: [...(facts.ipv4 ? [at.publicIpv4] : []), ...(facts.ipv6 ? [ipv6] : [])],
        interfaces: [
          {
            name: 'eth0',
            addresses: [...(facts.ipv4 ? [`${ipv4}/24`] : []), ...(facts.ipv6 ? [`${ipv6}/64`] : [])],
            gateway: {
              ...(facts.ipv4 && { ipv4: at.lan.router }),
              ...(facts.ipv6 && { ipv6: at.lanIpv6.router })
            }
          }
        ]
      }
    }),
    {
      name: router,
      role: 'router',
      ipv4: facts.ipv4,
      ipv6: facts.ipv6,
      rules: rulesOf(type),
      routers: carrier === undefined ? [] : [carrier],
      publicAddresses: outside,
      ...(type === 'upnp' && { upnp: { lan: `${at.lan.router}/24`, uuid: uuidOf(at) } }),
      interfaces: [
        ...(plugs.length === 1 ? [] : plugs.map((name) => ({ name, addresses: [] }))),
        {
          name: 'lan',
          ...(plugs.length > 1 && { bridges: plugs }),
          addresses: [
            ...(facts.ipv4 ? [`${at.lan.router}/24`] : []),
            ...(facts.ipv6 ? [`${at.lanIpv6.router}/64`] : [])
          ]
        },
        carrier === undefined
          ? { name: 'wan', addresses: outside.map(alone), gateway: 'internet' }
          : { name: 'wan', addresses: [`${at.carrier.subscriber}/24`], gateway: { ipv4: at.carrier.inside } }
      ]
    }
  ]
  const wires: WirePlan[] = hosts.map((node, seat) => ({
    ends: [
      { node: router, interface: plugs[seat] ?? '' },
      { node, interface: 'eth0' }
    ]
  }))
  if (carrier !== undefined) {
    nodes.push({
      name: carrier,
      role: 'carrier',
      ipv4: true,
      ipv6: false,
      rules: natRules(type === 'cgnat-symmetric' ? 'symmetric' : 'port-restricted'),
      routers: [],
      publicAddresses: outside,
      interfaces: [
        { name: 'lan', addresses: [`${at.carrier.inside}/24`] },
        { name: 'wan', addresses: outside.map(alone), gateway: 'internet' }
      ]
    })
    wires.push({
      ends: [
        { node: carrier, interface: 'lan' },
        { node: router, interface: 'wan' }
      ]
    })
  }
  return { nodes, wires, edge: carrier ?? router }
}

function rulesOf(type: Exclude<NatType, 'public' | 'lan'>): string {
  switch (type) {
    case 'ipv6-only':
      return firewallRules()
    case 'dual-stack':
      return natRules('port-restricted') + firewallRules()
    case 'upnp':
      return natRules('upnp') + upnpRules()
    case 'cgnat':
    case 'cgnat-symmetric':
      return natRules('port-restricted')
    default:
      return natRules(type satisfies RouterKind)
  }
}

function lone(name: string, addresses: readonly string[]) {
  return { name, role: 'host', ipv4: true, ipv6: false, routers: [], publicAddresses: addresses } as const
}

/** On the internet nobody is a neighbour. */
function alone(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}

function relayIndex(name: string): number {
  return Math.max(0, Number(name.slice('relay'.length)) - 1)
}

function uuidOf(at: SideAddresses): string {
  return `00000000-0000-4000-8000-${at.publicIpv4.split('.')[2]?.padStart(12, '0') ?? ''}`
}
