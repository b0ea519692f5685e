import type { Accusers } from './accusers.ts'
import type { Comparer } from './comparer.ts'
import type { Context } from './context.ts'
import type { Joiner } from './joiner.ts'
import type { Leaving } from './leaving.ts'
import type { Ledger } from './ledger.ts'
import type { Links } from './links.ts'
import type { Own } from './own.ts'
import type { Prober } from './prober.ts'
import type { Pusher } from './pusher.ts'
import type { Refusals } from './refusals.ts'
import type { RingLinks } from './ring-links.ts'
import type { Suspicions } from './suspicions.ts'

/** What a machine is made of. Each part has one rule or two; they meet here. */
export interface Parts {
  readonly context: Context
  readonly accusers: Accusers
  readonly links: Links
  readonly prober: Prober
  readonly pusher: Pusher
  readonly suspicions: Suspicions
  readonly ledger: Ledger
  readonly comparer: Comparer
  readonly refusals: Refusals
  readonly rings: RingLinks
  readonly joiner: Joiner
  readonly own: Own
  readonly leaving: Leaving
}
