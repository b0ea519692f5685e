import { lineChart } from '@p2pshare/charts'
import type { ScenarioResult } from './results.ts'

const CAPTION = 'The shipped rules in virtual time. npm run sim:dht -- --write draws it again.'
const TABLE_BITS = [6, 8, 10, 12]

type Point = readonly [number, number]

/** What the scenarios `<prefix><number>` say for one figure. */
function points(results: readonly ScenarioResult[], prefix: string, figure: string): Point[] {
  return results
    .flatMap(({ name, figures }): Point[] => {
      const x = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : NaN
      const value = figures.find((each) => each.name === figure)?.value ?? NaN
      return Number.isInteger(x) && Number.isFinite(value) ? [[x, value]] : []
    })
    .sort(([a], [b]) => a - b)
}

export function provideChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Announcements: until others find the record',
    caption: `${CAPTION} Five of 20 holders confirmed it; stock: all its puts are written.`,
    x: { label: 'nodes', log: 10 },
    y: { label: 'ms', log: 10 },
    series: [
      { name: 'shipped, p50', points: points(results, 'provide-', 'findable, p50') },
      { name: 'shipped, p90', points: points(results, 'provide-', 'findable, p90') },
      { name: 'stock, p50', points: points(results, 'provide-', 'stock: done, p50'), dashed: true }
    ]
  })
}

export function placementChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Records on the true 20 nearest',
    caption: `${CAPTION} With Kademlia's buckets at every depth, and with the trie of kad-dht cut at some bits.`,
    x: { label: 'nodes', log: 10 },
    y: { label: 'of 20', min: 0, max: 20 },
    series: [
      { name: 'buckets at every depth', points: points(results, 'provide-', 'on the true 20') },
      ...TABLE_BITS.map((bits) => ({
        name: `kad-dht, ${bits} bits`,
        points: points(results, `table-${bits}-`, 'on the true 20'),
        dashed: true
      }))
    ],
    goals: [{ value: 19.4, label: 'goal' }]
  })
}

export function findChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Searches: requests until the first record',
    caption: `${CAPTION} 15 of 20 holders are alive.`,
    x: { label: 'nodes', log: 10 },
    y: { label: 'requests', min: 0 },
    series: [
      { name: 'shipped', points: points(results, 'find-', 'requests until then') },
      { name: 'stock', points: points(results, 'find-', 'stock: requests until then'), dashed: true }
    ]
  })
}

export function sybilChart(results: readonly ScenarioResult[]): string {
  return lineChart({
    title: 'Searches that find the true provider among placed Sybils',
    caption: `${CAPTION} 5 000 honest nodes; each Sybil names 20 false providers. Plain: the k nearest are asked, no region.`,
    x: { label: 'Sybils nearer to the key than every honest node', min: 0 },
    y: { label: '%', min: 0, max: 100 },
    series: [
      { name: 'shipped', points: points(results, 'sybils-5000-', 'found') },
      { name: 'plain, announced before', points: points(results, 'eclipse-', 'found'), dashed: true },
      { name: 'stock', points: points(results, 'sybils-5000-', 'stock: found, announced by stock'), dashed: true }
    ],
    goals: [{ value: 99, label: 'goal' }]
  })
}
