import { BLOCK_BYTES } from '../constants.ts'
import type { Ask, Source } from './source.ts'
import { LEAD_MS } from './window.ts'

/** Fewer blocks of what a peer is at work on are not worth the messages. */
export const STEAL_MIN_BLOCKS = 2
/** What one side's clock and the way through the queues add to the time in which blocks cannot be recalled. */
const RECALL_MS = 5
/** A request that was not begun is left alone for a round trip, one and a half leads and this long. */
const UNSTARTED_MS = 20
/** Requests looked at; at the end of a share there are few, except of very small leaves. */
const MAX_LOOKS = 256

/** Blocks to take from one peer and ask of another. */
export interface Loot {
  readonly from: Source
  readonly ask: Ask
  /** Ascending. */
  readonly blocks: readonly number[]
}

/**
 * What an idle peer should take over at the end (SPEC.md#downloading): the last half of what another one has not sent
 * yet, from where most can be had. Blocks that are on the way cannot be recalled. What was not begun, or has come to a
 * standstill, is taken whole. Pure.
 */
export function findLoot(sources: Iterable<Source>, thief: Source, now: number, kept: KeptLeaves): Loot | undefined {
  let best: Loot | undefined
  let looks = 0
  for (const from of sources) {
    if (from === thief || from.alone) {
      continue
    }
    for (const [leaf, ask] of from.asked) {
      if (looks++ >= MAX_LOOKS) {
        return best
      }
      // the upper bound first: most cannot beat the best one
      if (ask.left > (best?.blocks.length ?? 0) && thief.peer.has.has(leaf) && !kept.has(leaf)) {
        const blocks = spareBlocks(from, thief, ask, now)
        if (blocks.length > (best?.blocks.length ?? 0)) {
          best = { from, ask, blocks }
        }
      }
    }
  }
  return best
}

/** Leaves that must come from one peer alone. */
export interface KeptLeaves {
  has(leaf: number): boolean
}

function spareBlocks(from: Source, thief: Source, ask: Ask, now: number): readonly number[] {
  const age = now - ask.at
  if (!ask.started || from.isQuiet(now)) {
    const patience = from.peer.rttMs + 1.5 * LEAD_MS + UNSTARTED_MS
    return age < patience ? [] : ask.progress.blocksOf(from.peer.key)
  }
  const recallMs = (from.peer.rttMs + thief.peer.rttMs) / 2 + RECALL_MS
  const available = ask.left - Math.ceil((from.burstPerMs * recallMs) / BLOCK_BYTES)
  if (available < STEAL_MIN_BLOCKS) {
    return []
  }
  return ask.progress.blocksOf(from.peer.key).slice(-Math.floor(available / 2))
}
