import type { CounterGroup, Metrics } from '@libp2p/interface'
import type { DhtStatus, LookupCounts, NetworkName, NetworkStatus } from './types.ts'

/** Counts what lookups in one network cost and meet. A calculated counter would not do: Prometheus adds each reading. */
export function lookupCounters(metrics: Metrics, name: NetworkName): CounterGroup<keyof LookupCounts> {
  return metrics.registerCounterGroup(`${prefixOf(name)}_lookup_events_total`, {
    label: 'event',
    help: 'Lookups of this node, their messages, and what they met'
  }) as CounterGroup<keyof LookupCounts>
}

/** What `status()` says of now, for whoever collects libp2p's metrics; it is read when somebody asks for it. */
export function exportStatus(metrics: Metrics, names: readonly NetworkName[], read: () => DhtStatus): void {
  for (const name of names) {
    const prefix = prefixOf(name)
    const network = (): NetworkStatus | undefined => read().networks.find((each) => each.name === name)
    metrics.registerMetricGroup(`${prefix}_records`, {
      label: 'fate',
      help: 'Records of others that this node has, and those that a limit has kept out since it started',
      calculate: () => {
        const { count: kept = 0, refused = 0 } = network()?.records ?? {}
        return { kept, refused }
      }
    })
    metrics.registerMetricGroup(`${prefix}_announcements`, {
      label: 'state',
      help: 'Roots of this node by how far their announcement is',
      calculate: () => {
        const { announced = 0, due = 0, failed = 0 } = network()?.queue ?? {}
        return { announced, due, failed }
      }
    })
    metrics.registerMetric(`${prefix}_nodes`, {
      help: 'Estimated number of servers; 0 before a few lookups have ended',
      calculate: () => network()?.size?.nodes ?? 0
    })
  }
}

function prefixOf(name: NetworkName): string {
  return `p2pshare_dht_${name}`
}
