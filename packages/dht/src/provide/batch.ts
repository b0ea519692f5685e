import { REPLICATION } from '../rules/network-size.ts'
import { isUnder, prefixOf } from '../rules/prefix.ts'
import type { Prefix } from '../rules/prefix.ts'
import { MAX_SINGLE_KEYS } from '../rules/sweep.ts'
import type { AnnouncedRoot } from './announced-root.ts'

/** Roots announced together: they fit into the time of one announcement. */
export const MAX_BATCH = 500

/** A root that somebody waits for goes alone, which is quicker, unless so many others would wait behind it. */
export const MAX_WAITING_SINGLES = 10

/** Roots that are announced in one go. Without `prefix` it is one, by a walk of its own. */
export interface Batch {
  readonly roots: readonly AnnouncedRoot[]
  readonly prefix?: Prefix
}

/** What is known when a batch is made. */
export interface BatchFacts {
  /** Estimated number of servers; without it, or when membership names the holders, there is nothing to explore. */
  readonly nodes: number | undefined
  /** Roots that would be due until then come along. */
  readonly until: number
}

/** `first` is due: which others of its part of the key space are announced with it. Pure. */
export function batchFor(first: AnnouncedRoot, all: Iterable<AnnouncedRoot>, { nodes, until }: BatchFacts): Batch {
  if (nodes === undefined) {
    return { roots: [first] }
  }
  const depth = Math.max(0, Math.floor(Math.log2(nodes / REPLICATION)))
  const prefix = prefixOf(first.position, depth)
  const others: AnnouncedRoot[] = []
  for (const root of all) {
    const isOpen = root !== first && !root.isRunning && !root.cancelled.signal.aborted
    if (isOpen && root.dueAt <= until && isUnder(root.position, prefix)) {
      others.push(root)
      if (others.length + 1 >= MAX_BATCH) {
        break
      }
    }
  }
  const most = first.waiting > 0 ? MAX_WAITING_SINGLES : MAX_SINGLE_KEYS
  return others.length + 1 > most ? { roots: [first, ...others], prefix } : { roots: [first] }
}
