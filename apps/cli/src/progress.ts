import type { PathKind } from '@p2pshare/interface'
import { pathText } from './path-column.ts'
import { count, formatBytes, formatEta, formatRate, percent } from './units.ts'

/** How far a download is; sizes in bytes. */
export interface TransferProgress {
  readonly bytesDone: number
  readonly bytesTotal: number
  readonly rateBps: number
  readonly peers: number
  readonly path: PathKind
  /** What the path was before it changed. */
  readonly pathBefore?: PathKind
  readonly etaS?: number
}

/** How far serving is; sizes in bytes. */
export interface ServeProgress {
  readonly bytesSent: number
  /** Bytes of all shares together. */
  readonly bytesShared: number
  readonly rateBps: number
  readonly peers: number
  /** What each receiver was sent, and how it is reached. */
  readonly receivers: ReadonlyArray<{
    readonly peer: string
    readonly bytes: number
    readonly path?: PathKind
    readonly pathBefore?: PathKind
  }>
}

/** Receivers that a line has room for; the rest is counted. */
const SHOWN_RECEIVERS = 3

/** The end of a peer id: what two of them differ in. */
const PEER_SUFFIX = 6

const BAR = Object.freeze({ min: 8, max: 28 })

/** What the numbers usually take. The bar's width depends on this alone, so that it does not jitter with them. */
const NUMBERS_COLUMNS = 64

/** Lines that reach the last column make some terminals wrap. */
const MARGIN = 1

/**
 * One line of numbers, with a bar when `columns` leaves room for one: bytes, rate, eta, peers, path. It holds no text
 * that a peer could choose, and is ASCII, so that one character is one column.
 */
export function transferLine(progress: TransferProgress, columns?: number): string {
  const { bytesDone, bytesTotal } = progress
  const share = `${String(percent(bytesDone, bytesTotal)).padStart(3)}%`
  const fields = [
    share,
    `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`,
    formatRate(progress.rateBps),
    `eta ${formatEta(progress.etaS)}`,
    count(progress.peers, 'peer'),
    ...(progress.path === 'none' ? [] : [pathText(progress.path, progress.pathBefore)])
  ]
  return fit(fields, columns, bytesTotal > 0 ? bytesDone / bytesTotal : 1)
}

/** One line about what receivers took: `sent 1.2 GiB (2.4 copies)  44 MiB/s  2 peers connected  to ..x7kQz2 1 GiB relay -> direct`. */
export function serveLine(progress: ServeProgress, columns?: number): string {
  const copies = progress.bytesShared > 0 ? progress.bytesSent / progress.bytesShared : 0
  const sent = [
    `sent ${formatBytes(progress.bytesSent)} (${copies.toFixed(copies < 9.95 ? 1 : 0)} copies)`,
    formatRate(progress.rateBps)
  ]
  const peers = `${count(progress.peers, 'peer')} connected`
  const to = receiverFields(progress.receivers)
  return fit([...(progress.bytesSent === 0 ? ['nothing fetched yet'] : sent), peers, ...to], columns)
}

/** Those that took most, by the end of their peer id. */
function receiverFields(receivers: ServeProgress['receivers']): string[] {
  const shown = receivers.toSorted((left, right) => right.bytes - left.bytes).slice(0, SHOWN_RECEIVERS)
  const fields = shown.map(({ peer, bytes, path = 'none', pathBefore }) =>
    `to ..${peer.slice(-PEER_SUFFIX)} ${formatBytes(bytes)} ${pathText(path, pathBefore)}`.trimEnd()
  )
  const rest = receivers.length - shown.length
  return rest > 0 ? [...fields, `and ${rest} more`] : fields
}

/** `#######.....`, `width` characters long. */
export function bar(fraction: number, width: number): string {
  const filled = Math.floor(Math.min(1, Math.max(0, fraction)) * width)
  return '#'.repeat(filled) + '.'.repeat(width - filled)
}

/** The first field is kept whatever the width; others go from the end. */
function fit(fields: readonly string[], columns: number | undefined, fraction?: number): string {
  if (columns === undefined) {
    return fields.join('  ').trimStart()
  }
  const kept = [...fields]
  const room = Math.max(1, columns - MARGIN)
  while (kept.length > 1 && kept.join('  ').length > room) {
    kept.pop()
  }
  const text = kept.join('  ')
  const width = Math.min(BAR.max, room - NUMBERS_COLUMNS)
  if (fraction === undefined || width < BAR.min || width + 2 + text.length > room) {
    return text.slice(0, room)
  }
  return `${bar(fraction, width)}  ${text}`
}
