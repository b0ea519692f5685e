import type { DatagramAddress } from '@p2pshare/interface'
import type { Strategy } from '../../types.ts'
import type { PlanEntry, PlanInput, Step } from '../plan.ts'
import type { Candidate, CandidateKind, Description, NatView } from '../types.ts'

/** How hard the NAT of one end is to punch through. */
export type Hardness = 'easy' | 'hard' | 'blocked' | 'unknown'

/** A step that is taken. */
export function take(strategy: Strategy, step: Step, delayMs = 0): PlanEntry {
  return { strategy, step, delayMs }
}

/** No step, and why. */
export function skip(strategy: Strategy, reason: string): PlanEntry[] {
  return [{ strategy, reason }]
}

/** Whether both ends know the strategy. */
export function bothCan({ mine, theirs }: PlanInput, strategy: Strategy): boolean {
  return mine.ways.includes(strategy) && theirs.ways.includes(strategy)
}

/** What is known of the NAT of one end. */
export function natOf({ nats }: Description, family: 4 | 6): NatView | undefined {
  return nats.find((nat) => nat.family === family)
}

/** Without a report the router is taken for an easy one: most are. */
export function hardness(about: Description): Hardness {
  const nat = natOf(about, 4)
  if (nat === undefined) {
    return 'unknown'
  }
  if (!nat.udp) {
    return 'blocked'
  }
  switch (nat.mapping) {
    case undefined:
      return 'unknown'
    case 'none':
    case 'endpoint-independent':
      return 'easy'
    default:
      return 'hard'
  }
}

/**
 * Whether one end is the hard one of the two. Where neither is known to be, it may be one whose mapping nobody knows and whose
 * ports outside are others than inside.
 */
export function isHardSide(one: Description, other: Description): boolean {
  return hardness(one) === 'hard' || (hardness(other) !== 'hard' && mayBeHard(one))
}

function mayBeHard(about: Description): boolean {
  return hardness(about) === 'unknown' && natOf(about, 4)?.changesPorts === true
}

/** Whether datagrams from an unknown port of a known address come in. */
export function letsOtherPortsIn(about: Description): boolean {
  const nat = natOf(about, 4)
  return nat?.filtering === 'endpoint-independent' || nat?.filtering === 'address-dependent'
}

/** Candidates of some kinds. */
export function candidates(
  about: Description,
  wanted: { readonly transport: 'udp' | 'tcp'; readonly family?: 4 | 6; readonly kinds: readonly CandidateKind[] }
): Candidate[] {
  return about.candidates.filter(
    ({ transport, family, kind }) =>
      transport === wanted.transport &&
      (wanted.family === undefined || family === wanted.family) &&
      wanted.kinds.includes(kind)
  )
}

/** Where UDP probes to a peer behind an IPv4 NAT go. */
export function outside(about: Description): DatagramAddress | undefined {
  for (const kind of ['outside', 'forwarded', 'open'] as const) {
    const [found] = candidates(about, { transport: 'udp', family: 4, kinds: [kind] })
    if (found !== undefined) {
      return toAddress(found)
    }
  }
  return undefined
}

/** Where a candidate is sent to. */
export function toAddress({ host, port }: Candidate): DatagramAddress {
  return { host, port }
}

/** Whether an end has UDP sockets. Its candidates do not tell: none of them may be admitted. */
export function hasUdp({ streamIds }: Description): boolean {
  return streamIds.length > 0
}

/** Whether this end has a UDP socket of the family. */
export function hasSocket(about: Description, family: 4 | 6): boolean {
  return (
    hasUdp(about) && about.candidates.some((candidate) => candidate.transport === 'udp' && candidate.family === family)
  )
}

/**
 * Probes and dials of one kind of address, as `lan`, `ipv6`, `public` and `mapped` have them: both ends probe, and one
 * dials: the initiator, unless it alone can be dialled.
 */
export function reach(
  input: PlanInput,
  strategy: 'lan' | 'ipv6' | 'public' | 'mapped',
  wanted: { readonly family: 4 | 6; readonly kinds: readonly CandidateKind[] }
): PlanEntry[] {
  const { role, mine, theirs } = input
  if (!bothCan(input, strategy)) {
    return []
  }
  const udp = candidates(theirs, { ...wanted, transport: 'udp' }).map(toAddress)
  const tcp = candidates(theirs, { ...wanted, transport: 'tcp' }).map(toAddress)
  const iAmDialled = candidates(mine, { ...wanted, transport: 'tcp' }).length > 0
  const entries: PlanEntry[] = []
  if (udp.length > 0 && hasSocket(mine, wanted.family) && hasSocket(theirs, wanted.family)) {
    entries.push(take(strategy, { type: 'probe', targets: udp, open: strategy === 'public' }))
  }
  if (tcp.length > 0 && (role === 'initiator' || !iAmDialled)) {
    entries.push(take(strategy, { type: 'dial', targets: tcp }))
  }
  return entries
}
