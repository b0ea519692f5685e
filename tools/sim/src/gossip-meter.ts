import { KINDS, OVERHEAD_BYTES } from './gossip-claims.ts'
import type { Samples } from './figures.ts'
import type { Cluster } from './gossip-shipped.ts'

/** What the members send from now on. */
export class Meter {
  readonly #cluster: Cluster
  /** When it began. */
  readonly fromMs: number
  readonly #kinds: readonly number[]
  readonly #probes: number

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.fromMs = cluster.simulation.now
    this.#kinds = cluster.meter.totals()
    this.#probes = probesOf(cluster)
    cluster.simulation.measure()
  }

  samples(): Samples {
    const { simulation, meter } = this.#cluster
    const { network } = simulation
    const seconds = (simulation.now - this.fromMs) / 1000
    const live: number[] = []
    for (let member = 0; member < simulation.capacity; member++) {
      if (network.isUp(member)) {
        live.push(member)
      }
    }
    const everybody = Array.from({ length: simulation.capacity }, (_, member) => member)
    const sent = everybody.map((member) => sentBy(this.#cluster, member))
    const messages = everybody.map((member) => network.sentMessages(member))
    const links = live.map((member) => network.links.endsOf(member).length)
    const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
    const each = 1 / live.length / seconds
    const kinds = meter.totals().map((total, at) => (total - (this.#kinds[at] ?? 0)) * each)
    return {
      bytesPerSecond: [sum(sent) * each],
      worstBytesPerSecond: [Math.max(...live.map((member) => (sent[member] ?? 0) / seconds))],
      messagesPerSecond: [sum(messages) * each],
      opensPerMinute: [network.opens * 60 * each],
      failedDialsPerMinute: [(network.dials - network.opens) * 60 * each],
      links: [sum(links) / live.length],
      mostLinks: [Math.max(...links)],
      probes: [probesOf(this.#cluster) - this.#probes],
      ...Object.fromEntries(KINDS.map((kind, at) => [`bytes ${kind}`, [kinds[at] ?? 0]]))
    }
  }
}

/** Bytes with overhead that a member has sent since it is measured. */
export function sentBy({ simulation }: Cluster, member: number): number {
  return simulation.network.sentBytes(member) + OVERHEAD_BYTES * simulation.network.sentMessages(member)
}

function probesOf({ machines }: Cluster): number {
  return machines.reduce((sum, machine) => sum + machine.stats().probes, 0)
}

export function faultsOf({ simulation }: Cluster): Samples {
  const { deadHealthy, deadStalled, suspected, resurrected, rejoinMs } = simulation.views.faults
  const { missing, ghosts } = simulation.views.wrongEntries()
  return {
    deadHealthy: [deadHealthy],
    deadStalled: [deadStalled],
    suspected: [suspected],
    resurrected: [resurrected],
    rejoin: rejoinMs,
    missing: [missing],
    ghosts: [ghosts]
  }
}
