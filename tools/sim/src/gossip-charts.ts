import { barChart, lineChart } from '@p2pshare/charts'
import {
  memberlistCrashMs,
  memberlistMinSuspicionMs,
  memberlistSpreadMs,
  MEMBERLIST_LAN,
  MEMBERLIST_WAN,
  swimFirstDetectionMs
} from '@p2pshare/testkit/sim'
import type { ScenarioResult } from './results.ts'

const SIZES = [25, 50, 100, 300, 1000, 3000, 10_000]
const KINDS = ['ping', 'ack', 'push', 'want', 'digest', 'summary', 'sync']
const CAPTION =
  'The shipped membership machine in virtual time, profile wan. npm run sim:gossip -- --write draws it again.'

type Point = readonly [number, number]

/** What the scenarios `<prefix><members>` say for one figure. */
function points(results: readonly ScenarioResult[], prefix: string, figure: string): Point[] {
  return results
    .flatMap(({ name, figures }): Point[] => {
      const members = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : NaN
      const value = figures.find((each) => each.name === figure)?.value ?? NaN
      return Number.isInteger(members) && Number.isFinite(value) && value > 0 ? [[members, value]] : []
    })
    .sort(([a], [b]) => a - b)
}

const curve = (of: (members: number) => number): Point[] => SIZES.map((members) => [members, of(members)])

export function spreadChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Clean joins and leaves known, p99 of viewers',
    caption: `${CAPTION} memberlist: rounds by Pittel's formula times its gossip interval.`,
    x: { label: 'members', log: 10 },
    y: { label: 'ms', log: 10 },
    series: [
      { name: 'join, wan', points: points(results, 'spread-wan-', 'join known, p99') },
      { name: 'leave, wan', points: points(results, 'spread-wan-', 'leave known, p99') },
      { name: 'join, loopback', points: points(results, 'spread-loopback-', 'join known, p99') },
      { name: 'leave, loopback', points: points(results, 'spread-loopback-', 'leave known, p99') },
      { name: 'memberlist LAN, formula', points: curve((n) => memberlistSpreadMs(n, MEMBERLIST_LAN)), dashed: true },
      { name: 'memberlist WAN, formula', points: curve((n) => memberlistSpreadMs(n, MEMBERLIST_WAN)), dashed: true }
    ],
    goals: [{ value: 1000, label: 'goal' }]
  })
}

export function crashChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'A crash known, median viewer',
    caption: `${CAPTION} Silent crashes, and kills whose host answers with FIN or RST. Formulas: first detection and the shortest suspicion.`,
    x: { label: 'members', log: 10 },
    y: { label: 'ms', log: 10 },
    series: [
      { name: 'silent, wan', points: points(results, 'crash-silent-wan-', 'known, p50') },
      { name: 'silent, loopback', points: points(results, 'crash-silent-loopback-', 'known, p50') },
      { name: 'FIN or RST, loopback', points: points(results, 'crash-reset-loopback-', 'known, p50') },
      { name: 'SWIM first detection, T = 1 s', points: curve((n) => swimFirstDetectionMs(n, 1000)), dashed: true },
      { name: 'memberlist LAN, at least', points: curve((n) => memberlistCrashMs(n, MEMBERLIST_LAN)), dashed: true },
      { name: 'memberlist WAN, at least', points: curve((n) => memberlistCrashMs(n, MEMBERLIST_WAN)), dashed: true },
      {
        name: 'memberlist LAN, shortest suspicion',
        points: curve((n) => memberlistMinSuspicionMs(n, MEMBERLIST_LAN)),
        dashed: true
      }
    ],
    goals: [{ value: 8000, label: 'goal, silent' }]
  })
}

export function trafficChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Bytes that a member sends, sessions of 3 h',
    caption: `${CAPTION} 80 bytes of overhead a message. By what they are for.`,
    x: { label: 'members', log: 10 },
    y: { label: 'B/s', min: 0 },
    series: [
      { name: 'all', points: points(results, 'traffic-', 'bytes') },
      ...KINDS.map((kind) => ({
        name: kind,
        points: points(results, 'traffic-', `of which ${kind}`),
        dashed: true
      })).slice(0, 7)
    ],
    goals: [{ value: 3000, label: 'goal' }]
  })
}

const STALLS = [
  ['stall-process-off', 'processes, rules off'],
  ['stall-process', 'processes'],
  ['stall-network-off', 'networks, rules off'],
  ['stall-network', 'networks']
] as const

export function stallChart(results: readonly ScenarioResult[]): string {
  const found = STALLS.flatMap(([name, title]) => {
    const figures = results.find((each) => each.name === name)?.figures
    return figures === undefined ? [] : [{ title, figures }]
  })
  const of = (figure: string): (number | null)[] =>
    found.map(({ figures }) => figures.find(({ name }) => name === figure)?.value ?? null)
  return barChart({
    title: 'Live members held dead, per million probes',
    caption: `${CAPTION} 25 of 100 members stalled 0.1 to 16 s again and again, for an hour.`,
    categories: found.map(({ title }) => title),
    value: { label: 'per 10^6 probes', min: 0 },
    digits: 1,
    series: [
      { name: 'healthy members', values: of('healthy members held dead') },
      { name: 'stalled members', values: of('stalled members held dead') }
    ]
  })
}
