import type { Member, MemberState } from '@p2pshare/interface'
import { alignColumns, clip } from './columns.ts'
import { cliEvent } from './json.ts'
import type { CliEvent } from './json.ts'
import { printable } from './printable.ts'

/** What a watcher is told about one member. */
export type MemberChange = 'join' | 'leave' | 'suspect' | 'alive' | 'dead' | 'update'

/** Those somebody should look at come first. */
const ORDER: Readonly<Record<MemberState, number>> = Object.freeze({ suspect: 0, dead: 1, alive: 2, left: 3 })

const HEAD = ['STATE', 'SINCE', 'RTT', 'INCARNATION', 'ROLES', 'PEER', 'ADDRESSES'] as const

/** The members in the order of the table: suspects, then the dead, the alive, and those that left; then by name. */
export function sortMembers(members: Iterable<Member>): Member[] {
  return [...members].sort((a, b) => ORDER[a.state] - ORDER[b.state] || (a.id.toString() < b.id.toString() ? -1 : 1))
}

/** Lines for a terminal, a head above them, each at most `columns` wide, at most `rows` in all. */
export function membersTable(members: readonly Member[], now: number, columns = Infinity, rows = Infinity): string[] {
  const lines = alignColumns([[...HEAD], ...members.map((member) => cells(member, now))], columns)
  if (lines.length <= rows) {
    return lines
  }
  const shown = Math.max(1, rows - 1)
  return [...lines.slice(0, shown), clip(`... and ${lines.length - shown} more`, columns)]
}

/** Tab-separated for programs: state, since (ISO), round trip, incarnation, roles, peer id, addresses; `-`: not known. */
export function memberLine(member: Member): string {
  const { state, since, rttMs, incarnation, metadata, id } = member
  return [
    state,
    new Date(since).toISOString(),
    rttMs === undefined ? '-' : `${rttMs.toFixed(1)} ms`,
    incarnation ?? '-',
    listOf(metadata?.roles),
    id.toString(),
    listOf(metadata?.addresses)
  ].join('\t')
}

/** The same after what changed, and when. */
export function changeLine(change: MemberChange, member: Member, at: number): string {
  return `${new Date(at).toISOString()}\t${change}\t${memberLine(member)}`
}

/** One member for `--json`; with `change` and `at` when it is watched. */
export function memberEvent(member: Member, change?: MemberChange, at?: number): CliEvent {
  const { id, state, since, rttMs, incarnation, hops, metadata } = member
  return cliEvent('member', {
    ...(change === undefined || at === undefined ? {} : { change, at }),
    peer: id.toString(),
    state,
    since,
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(hops === undefined ? {} : { hops }),
    ...(metadata === undefined
      ? {}
      : { ...metadata, addresses: metadata.addresses.map((address) => address.toString()) })
  })
}

/** `3 alive, 1 suspect, 1 left`. */
export function countsText(members: readonly Member[]): string {
  const counts = countsOf(members)
  const parts = Object.entries(counts).filter(([state, count]) => count > 0 || state === 'alive')
  return parts.map(([state, count]) => `${count} ${state}`).join(', ')
}

/** How many are in which state. */
export function countsOf(members: readonly Member[]): Record<MemberState, number> {
  const counts = { alive: 0, suspect: 0, dead: 0, left: 0 }
  for (const { state } of members) {
    counts[state]++
  }
  return counts
}

/** `4 s`, `12 min`, `3 h`, `5 d`: how long ago. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) {
    return `${seconds} s`
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min`
  }
  return seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

function cells({ state, since, rttMs, incarnation, metadata, id }: Member, now: number): string[] {
  return [
    state,
    agoText(now - since),
    rttMs === undefined ? '-' : `${rttMs < 10 ? rttMs.toFixed(1) : Math.round(rttMs)} ms`,
    incarnation === undefined ? '-' : String(incarnation),
    listOf(metadata?.roles),
    id.toString(),
    listOf(metadata?.addresses, ' ')
  ].map(printable)
}

function listOf(items: readonly { toString(): string }[] | undefined, between = ','): string {
  return items === undefined || items.length === 0 ? '-' : items.map((item) => item.toString()).join(between)
}
