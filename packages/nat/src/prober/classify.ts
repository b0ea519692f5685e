import type { DatagramAddress } from '@p2pshare/interface'
import type { FilteringBehaviour, MappingBehaviour, NatClass } from '../types.ts'
import { addressKey, filterEvidence } from './plan.ts'
import type { Asked, FilterEvidence, ProbeState } from './plan.ts'
import { estimatePool } from './pool.ts'

/** What is known beside the answers. */
export interface ProbeFacts {
  readonly family: 4 | 6
  /** Addresses of this machine's own interfaces, in the form of RFC 5952. */
  readonly ownHosts: readonly string[]
  /** The local port of each socket. */
  readonly localPorts: readonly number[]
  /** Milliseconds from the start of the probing. */
  readonly nowMs: number
  /** Whether two sockets behind this NAT met at the outside address, when it was tried. */
  readonly hairpin?: boolean
  /** Whether a host that had not been asked came through, when another way than CHANGE-REQUEST was tried. */
  readonly knocked?: boolean
}

interface Sighting {
  readonly socket: number
  readonly server: DatagramAddress
  readonly outside: DatagramAddress
}

/** The NAT that the answers of a probing show. Pure. */
export function classify(state: ProbeState, facts: ProbeFacts): NatClass {
  const { family, ownHosts, localPorts, nowMs, hairpin, knocked } = facts
  const sightings = state.asked.flatMap(toSighting)
  if (!state.asked.some(({ reply }) => reply !== undefined)) {
    return { family, udp: false }
  }
  const listening = sightings.filter(({ socket }) => socket === 0)
  const mapping = mappingOf(listening, ownHosts, localPorts[0])
  const heard = filterEvidence(state, nowMs)
  const filtering = filteringOf(
    knocked === undefined || heard.otherHost === true ? heard : { ...heard, otherHost: knocked }
  )
  const outside = listening[0]?.outside ?? sightings[0]?.outside
  const preservesPorts = preserves(sightings, localPorts)
  const pool = isDependent(mapping) ? estimatePool(portsInOrder(sightings)) : undefined
  return {
    family,
    udp: true,
    ...(mapping === undefined ? {} : { mapping }),
    ...(filtering === undefined ? {} : { filtering }),
    ...(preservesPorts === undefined ? {} : { preservesPorts }),
    ...(pool === undefined ? {} : { pool }),
    ...(outside === undefined ? {} : { outside }),
    ...(hairpin === undefined || mapping !== 'endpoint-independent' ? {} : { hairpin })
  }
}

/** Whether a mapping changes with whom is talked to. */
export function isDependent(mapping: MappingBehaviour | undefined): boolean {
  return mapping === 'address-dependent' || mapping === 'address-and-port-dependent'
}

/** How the outside address of one socket depends on who is asked. Pure. */
export function mappingOf(
  sightings: readonly { readonly server: DatagramAddress; readonly outside: DatagramAddress }[],
  ownHosts: readonly string[],
  localPort: number | undefined
): MappingBehaviour | undefined {
  const [first] = sightings
  if (first === undefined) {
    return undefined
  }
  if (sightings.every(({ outside }) => ownHosts.includes(outside.host) && outside.port === localPort)) {
    return 'none'
  }
  const outsides = new Set(sightings.map(({ outside }) => addressKey(outside)))
  if (outsides.size === 1) {
    return new Set(sightings.map(({ server }) => addressKey(server))).size > 1 ? 'endpoint-independent' : undefined
  }
  // by host asked: the same for all its ports, or not; a host that was asked on one port alone cannot tell
  const byHost = Map.groupBy(sightings, ({ server }) => server.host)
  const several = [...byHost.values()].filter((seen) => seen.length > 1)
  const perAddress = several.length > 0 && several.every((seen) => seen.every((one) => sameOutside(one, seen[0])))
  return perAddress ? 'address-dependent' : 'address-and-port-dependent'
}

/** Where two readings are possible, the stricter one: who counts on it still gets through. Pure. */
export function filteringOf({ otherHost, otherPort }: FilterEvidence): FilteringBehaviour | undefined {
  if (otherHost === true) {
    return 'endpoint-independent'
  }
  if (otherPort === true) {
    return 'address-dependent'
  }
  return otherHost === undefined && otherPort === undefined ? undefined : 'address-and-port-dependent'
}

function toSighting({ socket, to, change, reply }: Asked): Sighting[] {
  const outside = change === undefined ? reply?.outside : undefined
  return outside === undefined ? [] : [{ socket, server: to, outside }]
}

function sameOutside(
  one: Sighting | { outside: DatagramAddress },
  other: { outside: DatagramAddress } | undefined
): boolean {
  return other !== undefined && addressKey(one.outside) === addressKey(other.outside)
}

/** Most sockets have their own port outside: now and then one is taken there. */
function preserves(sightings: readonly Sighting[], localPorts: readonly number[]): boolean | undefined {
  if (sightings.length === 0) {
    return undefined
  }
  const kept = sightings.filter(({ socket, outside }) => outside.port === localPorts[socket]).length
  return kept * 2 > sightings.length
}

/** In the order of asking, which is that of giving out. */
function portsInOrder(sightings: readonly Sighting[]): number[] {
  return sightings.map(({ outside }) => outside.port)
}
