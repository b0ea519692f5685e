import { MAX_WRONG_LEAVES } from '../swarm/misdeeds.ts'
import { Tally } from '../swarm/tally.ts'
import type { Offence } from './ban.ts'

/** Peers whose offences are remembered, of each kind; the one that began first is forgotten first. */
export const MAX_OFFENDERS = 4096

/** Times that a session ended because its peer broke a rule of SPEC.md; another version may do so by mistake. */
export const MAX_BROKEN_RULES = 5

const HOUR_MS = 60 * 60 * 1000

interface Penalty {
  /** So many are enough. */
  readonly limit: number
  readonly banMs: number
}

/** Wrong bytes prove themselves. A peer that breaks rules costs a new session each time, which an hour makes rare. */
export const PENALTIES: Readonly<Record<Offence, Penalty>> = {
  'wrong-bytes': { limit: MAX_WRONG_LEAVES, banMs: 24 * HOUR_MS },
  'broken-rules': { limit: MAX_BROKEN_RULES, banMs: HOUR_MS }
}

/** What comes of an offence that was one too many. */
export interface Verdict {
  readonly count: number
  readonly banMs: number
}

/** What peers did to this node, over all shares and sessions; forgiven as time passes (`FORGIVE_MS`). Pure. */
export class Reputation {
  readonly #tallies: Readonly<Record<Offence, Tally>> = {
    'wrong-bytes': new Tally(MAX_OFFENDERS),
    'broken-rules': new Tally(MAX_OFFENDERS)
  }

  /** Returns what comes of it, when it was one too many. */
  blame(peer: string, offence: Offence, now: number): Verdict | undefined {
    const count = this.#tallies[offence].add(peer, now)
    const { limit, banMs } = PENALTIES[offence]
    return count >= limit ? { count, banMs } : undefined
  }

  /** What the peer did is over. */
  forgive(peer: string): void {
    for (const tally of Object.values(this.#tallies)) {
      tally.forget(peer)
    }
  }
}
