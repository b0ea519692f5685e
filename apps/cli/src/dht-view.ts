import type { Announcement, NetworkStatus, TableEntry, TraceEvent } from '@p2pshare/core'
import { alignColumns } from './columns.ts'
import { cliEvent } from './json.ts'
import type { CliEvent } from './json.ts'
import { agoText } from './members-view.ts'
import { count, formatBytes } from './units.ts'

const TABLE_HEAD = ['NETWORK', 'COMMON BITS', 'CONNECTED', 'PEER'] as const

/** One moment of a lookup as a line for a person: when, what, and who. */
export function traceLine(event: TraceEvent): string {
  return `${event.atMs.toFixed(0).padStart(6)} ms  ${event.name.padEnd(8)}  ${traceText(event)}`.trimEnd()
}

/** The same for programs. */
export function traceEvent(event: TraceEvent): CliEvent {
  const { name, ...fields } = event
  const texts = Object.entries(fields).map(([key, value]: [string, unknown]) => [
    key,
    isPlain(value) ? value : String(value)
  ])
  return cliEvent('dht.trace', { name, ...(Object.fromEntries(texts) as Record<string, unknown>) })
}

/** What `dht status` prints about one network. */
export function statusLines(network: NetworkStatus, now: number): string[] {
  const { name, protocol, mode, tableSize, size, halfLifeMs, queue, records, lookups } = network
  const nodes =
    size === undefined ? 'not known yet' : `about ${number(size.nodes)} (${number(size.low)} to ${number(size.high)})`
  const next = queue.nextAt === undefined ? '' : `, next ${inText(queue.nextAt - now)}`
  const alarms = lookups.alarms === 0 ? '' : `, crowded keys met ${count(lookups.alarms, 'time')}`
  return [
    `${name}  ${protocol}  ${mode}`,
    ...alignColumns([
      ['  table', count(tableSize, 'peer')],
      ['  servers', nodes],
      ...(halfLifeMs === undefined ? [] : [['  half-life of holders', agoText(halfLifeMs)]]),
      ['  own records', `${queue.announced} announced, ${queue.due} due, ${queue.failed} failed${next}`],
      [
        '  kept for others',
        `${count(records.count, 'record')} of ${count(records.keys, 'key')}, ${formatBytes(records.bytes)}, ${number(records.refused)} refused`
      ],
      [
        '  lookups',
        `${count(lookups.finds, 'find')}, ${count(lookups.provides, 'provide')}, ${count(lookups.messages, 'message')}, ${number(lookups.timeouts)} timed out, ${number(lookups.failures)} failed${alarms}`
      ]
    ])
  ]
}

/** The routing table for a terminal, nearest last: where this node is. */
export function tableLines(entries: readonly TableEntry[], columns = Infinity): string[] {
  const rows = sortTable(entries).map(({ network, commonBits, connected, id }) => [
    network,
    String(commonBits),
    connected ? 'yes' : '-',
    id.toString()
  ])
  return alignColumns([[...TABLE_HEAD], ...rows], columns)
}

/** The same for programs, tab-separated. */
export function tableLine({ network, commonBits, connected, id }: TableEntry): string {
  return [network, String(commonBits), connected ? 'connected' : '-', id.toString()].join('\t')
}

/** By network, then from far to near. */
export function sortTable(entries: readonly TableEntry[]): TableEntry[] {
  return [...entries].sort((a, b) => a.network.localeCompare(b.network) || a.commonBits - b.commonBits)
}

/** One root of this node: network, state, holders, until when. */
export function announcementFields(announcement: Announcement): string[] {
  const { root, network, state, holders, complete, until } = announcement
  const holding = `${holders}${complete ? ' (all)' : ''}`
  return [root.toString(), network, state, holding, until === undefined ? '-' : new Date(until).toISOString()]
}

/** The same for programs. */
export function announcementEvent({ root, ...fields }: Announcement): CliEvent {
  return cliEvent('dht.announcement', { cid: root.toString(), ...fields })
}

function traceText(event: TraceEvent): string {
  switch (event.name) {
    case 'start': {
      const nodes = event.nodes === undefined ? '' : ` among about ${count(Math.round(event.nodes), 'server')}`
      const from = event.from === 'view' ? 'membership and table' : 'the table'
      return `${event.kind} from ${count(event.seeds, 'contact')} of ${from}${nodes} (${event.network})`
    }
    case 'ask': {
      const walk = event.walk === 0 ? '' : `, around it (${event.walk})`
      const dial = event.connected ? '' : ', to be dialled'
      return `${event.peer.toString()}  hop ${event.hop}, distance ${share(event.distance)}${dial}${walk}`
    }
    case 'answer':
      return `${event.peer.toString()}  ${ms(event.tookMs)}, ${event.closer} nearer (${event.fresh} new), ${count(event.providers, 'provider')}`
    case 'slow':
      return `${event.peer.toString()}  no answer after ${ms(event.afterMs)}: others are asked beside it`
    case 'failed':
      return `${event.peer.toString()}  ${event.why} after ${ms(event.tookMs)}`
    case 'put':
      return `${event.peer.toString()}  distance ${share(event.distance)}`
    case 'acked':
      return `${event.peer.toString()}  ${ms(event.tookMs)}, ${count(event.acks, 'holder')} now`
    case 'provider':
      return `${event.id.toString()}  said by ${event.from.toString()}`
    case 'alarm':
      return `the key is crowded: everybody around it is asked (about ${count(Math.round(event.nodes), 'server')})`
    case 'findable':
      return `${count(event.acks, 'holder')} ${event.acks === 1 ? 'has' : 'have'} the record: others find it`
    case 'end':
      return `${END[event.why]}, ${count(event.messages, 'message')}${event.acks === 0 ? '' : `, ${count(event.acks, 'holder')}`}`
  }
}

const END = {
  exhausted: 'nobody is left to ask',
  complete: 'everybody was told',
  left: 'ended before the end'
} as const

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}

/** A share of the key space: `2^-9.3`. */
function share(distance: number): string {
  return distance === 0 ? '0' : `2^${Math.log2(distance).toFixed(1)}`
}

function inText(leftMs: number): string {
  return leftMs <= 0 ? 'now' : `in ${agoText(leftMs)}`
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
