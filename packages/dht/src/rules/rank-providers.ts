/** What is known of one provider before it is dialled. */
export interface ProviderFacts {
  readonly key: string
  /** By membership; `unknown` when it never heard of the peer. */
  readonly liveness: 'alive' | 'suspect' | 'unknown' | 'dead'
  readonly rttMs?: number
  /** Who named it, and how far that peer is from the key, as a share of the key space. */
  readonly responder: string
  readonly responderDistance: number
}

const ORDER = { alive: 0, unknown: 1, suspect: 2, dead: 3 } as const

/** Pause before the next provider is dialled beside those that have not answered: RFC 8305's connection attempt delay. */
export const HEDGE_MS = 250

/** Providers dialled at a time. */
export const MAX_DIALS = 8

/**
 * In which order to dial: those known alive by round trip, then strangers, then those said to be dead. When the key is
 * crowded, placed peers are nearer than honest ones: the farthest responder comes first, and each responder has one
 * turn before any has its second.
 */
export function rankProviders<P extends ProviderFacts>(providers: readonly P[], alarm: boolean): P[] {
  const byFacts = [...providers].sort(
    (a, b) =>
      ORDER[a.liveness] - ORDER[b.liveness] || (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) || (a.key < b.key ? -1 : 1)
  )
  return alarm ? inTurns(byFacts) : byFacts
}

function inTurns<P extends ProviderFacts>(providers: readonly P[]): P[] {
  const byResponder = new Map<string, P[]>()
  for (const provider of providers) {
    const list = byResponder.get(provider.responder)
    if (list === undefined) {
      byResponder.set(provider.responder, [provider])
    } else {
      list.push(provider)
    }
  }
  const farthest = [...byResponder.values()].sort(
    ([a], [b]) => (b?.responderDistance ?? 0) - (a?.responderDistance ?? 0)
  )
  const rounds = Math.max(0, ...farthest.map((list) => list.length))
  return Array.from({ length: rounds }, (_, round) => farthest.flatMap((list) => list[round] ?? [])).flat()
}
