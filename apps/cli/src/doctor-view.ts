import { cliEvent } from './json.ts'
import type { CliEvent } from './json.ts'
import { printable } from './printable.ts'

/** One thing that was found out. */
export interface DoctorFinding {
  readonly id: string
  readonly level: 'ok' | 'info' | 'warn' | 'problem'
  readonly text: string
  readonly fix?: string
}

/** What a node's `nat` service reports, as far as it is shown here; the rest goes into `--json` as it is. */
export interface DoctorReport {
  readonly networks: readonly object[]
  readonly addresses: readonly { readonly address: string; readonly reachability: string }[]
  readonly mappings: readonly { readonly confirmed: boolean }[]
  readonly relays: readonly { readonly peer: string }[]
  readonly clock?: object
  /** STUN servers that were asked. */
  readonly servers: number
  readonly peers: number
  readonly findings: readonly DoctorFinding[]
}

/** Columns of the level in front of each finding. */
const LEVEL_WIDTH = 9

/**
 * Whether waiting longer can bring nothing that matters: the NAT is known, and how others come in. An address that is said to
 * be reachable is none of that until another node has dialled it, which follows within seconds: a relay does not make up for it.
 */
export function isSettled({ networks, addresses, mappings, relays }: DoctorReport): boolean {
  const isProven =
    mappings.some(({ confirmed }) => confirmed) || addresses.some(({ reachability }) => reachability === 'verified')
  const isAwaited = mappings.length > 0 || addresses.some(({ reachability }) => reachability === 'assumed')
  return networks.length > 0 && (isProven || (relays.length > 0 && !isAwaited))
}

/** Whether something does not work. */
export function hasProblem({ findings }: DoctorReport): boolean {
  return findings.some(({ level }) => level === 'problem')
}

/** The report for a person: findings with their fixes, then the addresses. */
export function doctorLines({ findings, addresses, relays }: DoctorReport): string[] {
  const lines = findings.flatMap(({ level, text, fix }) => [
    `${level.padEnd(LEVEL_WIDTH)}${printable(text)}`,
    ...(fix === undefined ? [] : [`${' '.repeat(LEVEL_WIDTH)}fix: ${printable(fix)}`])
  ])
  const width = Math.max(0, ...addresses.map(({ reachability }) => reachability.length))
  return [
    ...lines,
    ...(addresses.length === 0 ? [] : ['', 'addresses']),
    ...addresses.map(({ address, reachability }) => `  ${reachability.padEnd(width)}  ${printable(address)}`),
    ...(relays.length === 0 ? [] : ['', 'relays']),
    ...relays.map(({ peer }) => `  ${printable(peer)}`)
  ]
}

/** The report as events: a `doctor.finding` each, and a `doctor.report` with what they were drawn from. */
export function doctorEvents(report: DoctorReport): CliEvent[] {
  const { findings, networks, addresses, mappings, relays, clock, servers, peers } = report
  return [
    ...findings.map(({ id, level, text, fix }) =>
      cliEvent('doctor.finding', { id, level, text, ...(fix === undefined ? {} : { fix }) })
    ),
    cliEvent('doctor.report', {
      ok: !hasProblem(report),
      networks,
      addresses,
      mappings,
      relays,
      ...(clock === undefined ? {} : { clock }),
      servers,
      peers
    })
  ]
}
