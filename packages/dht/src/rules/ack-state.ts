import { REPLICATION } from './network-size.ts'

/** How far an announcement is: nobody, enough, or all holders confirmed it; `suspect` while somebody crowds the key. */
export type AckState = 'queued' | 'findable' | 'complete' | 'suspect'

/** Holders after which others find the record: one in a thousand searches misses five. */
export const FINDABLE_ACKS = 5

/** What was confirmed so far. */
export interface Acks {
  readonly acks: number
  /** Peers that could hold it; fewer than 20 in small networks. */
  readonly holders: number
  /** Whether the key is crowded, and whether everybody in the honest radius was told since. */
  readonly alarm?: 'open' | 'region-done'
}

/** Placed peers confirm everything: while a key is crowded their confirmations are worth nothing. */
export function ackState({ acks, holders, alarm }: Acks): AckState {
  if (acks === 0) {
    return 'queued'
  }
  if (alarm === 'open') {
    return 'suspect'
  }
  const all = Math.max(1, Math.min(REPLICATION, holders))
  if (acks >= all) {
    return 'complete'
  }
  return acks >= Math.min(FINDABLE_ACKS, all) ? 'findable' : 'queued'
}
