import type { PeerKey } from './leech.ts'
import type { Source } from './source.ts'

/** A peer that has had a request for less than this, or will be done with everything sooner, keeps it. */
export const ENDGAME_AFTER_MS = 1000
/** What a peer is at work on is only asked of a second one too, and only when both are past this. */
export const DUPLICATE_AFTER_MS = 3000

export interface EndgameView {
  readonly sources: ReadonlyMap<PeerKey, Source>
  /** How many peers the leaf is asked of. */
  readonly askedOf: (leaf: number) => number
  /** Leaves that have arrived. */
  readonly arrived: { has(leaf: number): boolean }
}

/** A leaf that is asked of `peer` and could come from an idle one. */
export interface Spare {
  readonly peer: PeerKey
  readonly leaf: number
  /** It is the one that `peer` is at work on: not to be taken from it. */
  readonly started: boolean
}

/** What an idle peer should take over, from the one that will need the longest; the oldest tie wins. Pure. */
export function findSpare(view: EndgameView, idle: Source, now: number): Spare | undefined {
  let best: Spare | undefined
  let longest = ENDGAME_AFTER_MS
  for (const [peer, source] of view.sources) {
    const needs = source.needsMs(now)
    const spare = needs > longest && source !== idle ? spareOf(view, source, idle, now) : undefined
    if (spare !== undefined && (!spare.started || needs >= DUPLICATE_AFTER_MS)) {
      best = { peer, ...spare }
      longest = needs
    }
  }
  return best
}

/** Rather what was asked for last, since requests are served in order. */
function spareOf(
  { askedOf, arrived }: EndgameView,
  source: Source,
  idle: Source,
  now: number
): { readonly leaf: number; readonly started: boolean } | undefined {
  const asked = source.asked.filter((leaf) => !arrived.has(leaf))
  const leaf = asked.findLast((candidate) => idle.have.has(candidate) && askedOf(candidate) === 1)
  if (leaf === undefined) {
    return undefined
  }
  const started = leaf === asked[0]
  const age = now - (source.askedAt(leaf) ?? now)
  return age < (started ? DUPLICATE_AFTER_MS : ENDGAME_AFTER_MS) ? undefined : { leaf, started }
}
