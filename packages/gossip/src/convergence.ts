/** When and how one node learned of one change: its `member:…` event and the time at which it came. */
export interface Observation {
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
  /** `Member.hops` of the event. */
  readonly hops: number
}

/** What one change is compared with. */
export interface ConvergenceInit {
  /** When the change was made: the call of `stop()`, the first connection, the kill. */
  readonly startMs: number
  /** How many nodes should learn of it. */
  readonly nodes: number
}

/** How one change got around. */
export interface Convergence {
  /** Nodes that know, of `nodes`. */
  readonly known: number
  readonly nodes: number
  /** The longest way it took, in members; 0 when everybody concluded it for itself, as a death. */
  readonly rounds: number
  /** From `startMs` until so many of `nodes` knew, in milliseconds; `undefined`: so many do not. */
  readonly t50Ms: number | undefined
  readonly t90Ms: number | undefined
  readonly t99Ms: number | undefined
  readonly allMs: number | undefined
}

/**
 * Put together what several nodes saw of one change, at most one observation a node. Rounds do not depend on clocks; times
 * are as good as the clocks of the nodes agree, so take them on one machine.
 *
 * @example
 *
 * ```ts
 * const seen: Observation[] = []
 * for (const node of nodes) {
 *   node.services.gossip.addEventListener('member:leave', ({ detail }) => {
 *     seen.push({ atMs: Date.now(), hops: detail.hops ?? 0 })
 *   })
 * }
 * const startMs = Date.now()
 * await leaving.stop()
 * console.log(convergence(seen, { startMs, nodes: nodes.length }))
 * ```
 */
export function convergence(observations: Iterable<Observation>, { startMs, nodes }: ConvergenceInit): Convergence {
  const seen = [...observations].sort((a, b) => a.atMs - b.atMs)
  const after = (share: number): number | undefined => {
    const last = seen[Math.max(1, Math.ceil(share * nodes)) - 1]
    return last === undefined ? undefined : last.atMs - startMs
  }
  return {
    known: seen.length,
    nodes,
    rounds: seen.reduce((most, { hops }) => Math.max(most, hops), 0),
    t50Ms: after(0.5),
    t90Ms: after(0.9),
    t99Ms: after(0.99),
    allMs: after(1)
  }
}
