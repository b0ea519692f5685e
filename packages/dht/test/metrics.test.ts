import type { Metrics } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { Meter } from '../src/lookup/meter.ts'
import { exportStatus, lookupCounters } from '../src/metrics.ts'
import type { NetworkStatus } from '../src/types.ts'

/** What a collector of metrics reads, by name. */
class Collector {
  readonly #sources = new Map<string, () => unknown>()

  readonly register = (name: string, { calculate }: { calculate: () => unknown }): void => {
    this.#sources.set(name, calculate)
  }

  read(): Record<string, unknown> {
    return Object.fromEntries([...this.#sources].map(([name, calculate]) => [name, calculate()]))
  }
}

const status: NetworkStatus = {
  name: 'own',
  protocol: '/test',
  mode: 'server',
  tableSize: 9,
  size: { nodes: 123, low: 100, high: 150 },
  queue: { announced: 5, due: 1, failed: 0, nextAt: 77 },
  records: { count: 8, keys: 6, bytes: 1_000, refused: 2 },
  lookups: { finds: 1, provides: 2, messages: 40, timeouts: 3, failures: 4, alarms: 0 }
}

test('what status() says of now is read for each network when metrics are collected', () => {
  const collector = new Collector()
  const { register } = collector
  const metrics = {
    registerMetric: register,
    registerMetricGroup: register
  } as unknown as Metrics
  let reads = 0
  const lan: NetworkStatus = { ...status, name: 'lan', records: { ...status.records, count: 9 } }
  exportStatus(metrics, ['own', 'lan'], () => {
    reads++
    return { networks: [status, lan] }
  })
  expect(reads).toBe(0)
  expect(collector.read()).toMatchObject({
    p2pshare_dht_own_records: { kept: 8, refused: 2 },
    p2pshare_dht_own_announcements: { announced: 5, due: 1, failed: 0 },
    p2pshare_dht_own_nodes: 123,
    p2pshare_dht_lan_records: { kept: 9 }
  })
})

test('what lookups cost is counted in the metrics as status() has it', () => {
  const counted: Record<string, number> = {}
  const names: string[] = []
  const metrics = {
    registerCounterGroup: (name: string) => {
      names.push(name)
      return {
        increment: (by: Record<string, number>) => {
          Object.entries(by).forEach(([event, count]) => (counted[event] = (counted[event] ?? 0) + count))
        }
      }
    }
  } as unknown as Metrics
  const meter = new Meter(lookupCounters(metrics, 'own'))
  meter.count('finds')
  meter.count('messages')
  meter.count('messages', 20)
  expect(names).toEqual(['p2pshare_dht_own_lookup_events_total'])
  expect(counted).toEqual({ finds: 1, messages: 21 })
  expect(meter.read()).toMatchObject(counted)
})
