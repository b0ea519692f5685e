import type { Path } from '@p2pshare/interface'
import { cliEvent } from './json.ts'
import type { CliEvent } from './json.ts'
import { printable } from './printable.ts'
import { formatBytes, formatSeconds } from './units.ts'

/** Anything that is shown as its text: a peer id, an address. */
interface Text {
  toString(): string
}

/** What a node knows about the ways to a peer, as `nat.explain()` gives it. */
export interface WhyReport {
  readonly peer: Text
  readonly path: Path
  readonly connections: ReadonlyArray<{
    readonly kind: string
    readonly address: Text
    readonly direction: string
    readonly best: boolean
    readonly health: string
    readonly rttMs?: number
    readonly limitBytes?: number
    readonly limitSeconds?: number
  }>
  readonly changes: ReadonlyArray<{
    readonly at: number
    readonly from: Path
    readonly to: Path
    readonly reason: string
  }>
  readonly attempts: ReadonlyArray<{
    readonly strategy: string
    readonly startedAt: number
    readonly tookMs: number
    readonly outcome: string
    readonly reason?: string
  }>
  readonly attemptUnderWayMs?: number
  /** Why an attempt ended before anything could be tried: the other end refused it. */
  readonly refused?: string
  readonly dials: ReadonlyArray<{
    readonly address: Text
    readonly startedAt: number
    readonly tookMs: number
    readonly outcome: string
    readonly reason?: string
  }>
}

const STRATEGIES: Readonly<Record<string, string>> = Object.freeze({
  lan: 'over the local network',
  ipv6: 'over IPv6',
  public: 'at a public address',
  mapped: 'through a mapped port',
  reversal: 'by being dialled back',
  'udp-punch': 'UDP hole punch',
  birthday: 'UDP hole punch with many sockets',
  'port-pool': 'UDP hole punch over the ports seen',
  'tcp-simultaneous-open': 'TCP simultaneous open',
  webrtc: 'WebRTC'
})

/**
 * Whose reason says why there is no direct connection, best first: what routers do to punches. That the network is not the same
 * or a program has no WebRTC is so for nearly everybody, and explains nothing.
 */
const TELLING: readonly string[] = ['udp-punch', 'birthday', 'port-pool', 'tcp-simultaneous-open']

/** Of a dial that went on until the time was over. */
export const NO_ANSWER = 'no answer in time'

const OUTCOMES: Readonly<Record<string, string>> = Object.freeze({
  connected: 'worked',
  failed: 'failed',
  cancelled: 'called off',
  'not-applicable': 'not tried'
})

const CHANGE_REASONS: Readonly<Record<string, string>> = Object.freeze({
  better: 'a better connection came up',
  closed: 'the connection closed',
  silent: 'it did not answer any more',
  'network-changed': 'the network of this machine changed'
})

/** The report as lines for a person. Text that others chose is escaped. */
export function whyLines(report: WhyReport): string[] {
  const { connections, attempts, attemptUnderWayMs, dials, changes } = report
  const underWay = attemptUnderWayMs === undefined ? [] : [`under way for ${formatMs(attemptUnderWayMs)}`]
  return [
    printable(report.peer.toString()),
    `  ${pathSentence(report)}`,
    ...section('connections', connections.map(connectionLine)),
    ...section('tried for a direct connection', [...attempts.map(attemptLine), ...underWay]),
    ...section('addresses dialled', dials.map(dialLine)),
    ...section('how the path changed', changes.map(changeLine))
  ]
}

/** The report as one event; sizes in bytes, times in milliseconds. */
export function whyEvent(report: WhyReport): CliEvent {
  const { path, connections, changes, attempts, attemptUnderWayMs, dials } = report
  return cliEvent('peer.why', {
    peer: report.peer.toString(),
    path: pathFields(path),
    why: pathSentence(report),
    connections: connections.map((each) => ({ ...each, address: each.address.toString() })),
    attempts: attempts.map(({ strategy, startedAt, tookMs, outcome, reason }) => ({
      ...{ strategy, startedAt, tookMs: Math.round(tookMs), outcome },
      ...(reason === undefined ? {} : { reason })
    })),
    ...(attemptUnderWayMs === undefined ? {} : { attemptUnderWayMs: Math.round(attemptUnderWayMs) }),
    dials: dials.map((each) => ({ ...each, address: each.address.toString(), tookMs: Math.round(each.tookMs) })),
    changes: changes.map(({ at, from, to, reason }) => ({ at, from: pathFields(from), to: pathFields(to), reason }))
  })
}

/** What the path is, and why it is no better: one sentence. */
export function pathSentence(report: WhyReport): string {
  const { path, attempts, dials } = report
  const rtt = path.rttMs === undefined ? '' : `, round trip ${path.rttMs.toFixed(1)} ms`
  if (path.kind === 'direct') {
    const made = attempts.findLast(({ outcome }) => outcome === 'connected')
    return `direct${rtt}${made === undefined ? '' : `: ${strategyName(made.strategy)}`}`
  }
  if (path.kind === 'relay') {
    const bytes = path.relayedBytes === undefined ? '' : `, ${formatBytes(path.relayedBytes)} so far`
    return `through a relay${rtt}${bytes}: ${relayReason(report)}`
  }
  return `not connected: ${unreachableReason(dials)}`
}

/** Why a peer cannot be reached, by the last dial that failed by itself. */
export function unreachableReason(dials: WhyReport['dials']): string {
  if (dials.length === 0) {
    return 'no address of it is known here'
  }
  // those called off were waited for until the time was over
  return dials.findLast(({ outcome }) => outcome === 'failed')?.reason ?? NO_ANSWER
}

function relayReason({ attempts, attemptUnderWayMs, refused }: WhyReport): string {
  if (attemptUnderWayMs !== undefined) {
    return 'a direct connection is being tried'
  }
  const because = (reason: string | undefined): string => (reason === undefined ? '' : ` (${printable(reason)})`)
  const ended = attempts.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-applicable')
  const [telling] = TELLING.flatMap((strategy) => ended.findLast((each) => each.strategy === strategy)?.reason ?? [])
  const failed = ended.findLast(({ outcome }) => outcome === 'failed')
  if (failed !== undefined) {
    return `no direct connection came up${because(telling ?? failed.reason)}`
  }
  if (attempts.length === 0) {
    return refused === undefined
      ? 'a direct connection was not tried yet'
      : `no direct connection came up${because(refused)}`
  }
  return attempts.length > ended.length
    ? 'the direct connection that there was is gone'
    : `nothing could be tried for a direct connection${because(telling)}`
}

function connectionLine(connection: WhyReport['connections'][number]): string {
  const { kind, direction, best, health, rttMs, limitBytes, limitSeconds } = connection
  const left = [
    ...(limitBytes === undefined ? [] : [formatBytes(limitBytes)]),
    ...(limitSeconds === undefined ? [] : [formatSeconds(limitSeconds)])
  ]
  return [
    kind,
    direction,
    rttMs === undefined ? '-' : `${rttMs.toFixed(1)} ms`,
    printable(connection.address.toString()),
    ...(best ? ['in use'] : []),
    ...(health === 'well' ? [] : [health === 'dead' ? 'does not answer' : 'answers late']),
    ...(left.length === 0 ? [] : [`the relay lets ${left.join(' or ')} through`])
  ].join('  ')
}

function attemptLine({ strategy, tookMs, outcome, reason }: WhyReport['attempts'][number]): string {
  return `${strategyName(strategy)}  ${outcomeText(outcome, tookMs, reason)}`
}

function dialLine({ address, tookMs, outcome, reason }: WhyReport['dials'][number]): string {
  return `${printable(address.toString())}  ${outcomeText(outcome, tookMs, reason)}`
}

function changeLine({ at, from, to, reason }: WhyReport['changes'][number]): string {
  const time = new Date(at).toISOString().slice(11, 19)
  return `${time} UTC  ${from.kind} -> ${to.kind}  ${CHANGE_REASONS[reason] ?? printable(reason)}`
}

function outcomeText(outcome: string, tookMs: number, reason: string | undefined): string {
  const after = outcome === 'not-applicable' ? '' : ` after ${formatMs(tookMs)}`
  return `${OUTCOMES[outcome] ?? printable(outcome)}${after}${reason === undefined ? '' : `: ${printable(reason)}`}`
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : formatSeconds(ms / 1000)
}

function strategyName(strategy: string): string {
  return STRATEGIES[strategy] ?? printable(strategy)
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)]
}

function pathFields({ kind, address, rttMs, relayedBytes }: Path): Record<string, unknown> {
  return {
    kind,
    ...(address === undefined ? {} : { address: address.toString() }),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(relayedBytes === undefined ? {} : { relayedBytes })
  }
}
