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
  /** `from` did not begin, or has come to a standstill. */
  readonly late: boolean
}

/**
 * What an idle peer should take over at the end (SPEC.md#downloading): the last half of what another one has not sent
 * yet, from where most can be had. Blocks that are on the way cannot be recalled. What was not begun, or has come to a
 * standstill, is taken whole; nothing from a peer that this node itself holds back. Pure.
 */
export function findLoot(
  sources: Iterable<Source>,
  thief: Source,
  now: number,
  { kept, isPrey }: Prey
): Loot | undefined {
  let best: Loot | undefined
  let looks = 0
  for (const from of sources) {
    if (from === thief || from.alone || from.isHeldBack(now)) {
      continue
    }
    for (const [leaf, ask] of from.asked) {
      if (looks++ >= MAX_LOOKS) {
        return best
      }
      // the upper bound first: most cannot beat the best one
      const mayTake = thief.peer.has.has(leaf) && !thief.asked.has(leaf) && !kept.has(leaf)
      if (mayTake && ask.left > (best?.blocks.length ?? 0) && isPrey?.(leaf) !== false) {
        const loot = lootOf(from, thief, ask, now)
        if (loot.blocks.length > (best?.blocks.length ?? 0)) {
          best = loot
        }
      }
    }
  }
  return best
}

/** Which leaves may be taken over. */
export interface Prey {
  /** Leaves that must come from one peer alone. */
  readonly kept: { has(leaf: number): boolean }
  /** @default all others */
  readonly isPrey?: ((leaf: number) => boolean) | undefined
}

function lootOf(from: Source, thief: Source, ask: Ask, now: number): Loot {
  const late = !ask.started || from.isQuiet(now)
  const { peer, burstPerMs } = from
  if (late) {
    const patience = peer.rttMs + 1.5 * LEAD_MS + UNSTARTED_MS
    return { from, ask, late, blocks: now - ask.at < patience ? [] : ask.progress.blocksOf(peer.key) }
  }
  const recallMs = (peer.rttMs + thief.peer.rttMs) / 2 + RECALL_MS
  const available = ask.left - Math.ceil((burstPerMs * recallMs) / BLOCK_BYTES)
  const half = available < STEAL_MIN_BLOCKS ? 0 : Math.floor(available / 2)
  return { from, ask, late, blocks: half === 0 ? [] : ask.progress.blocksOf(peer.key).slice(-half) }
}
