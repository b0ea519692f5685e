import { LINK_RANK } from './choose-path.ts'
import type { Link, PathTuning } from './path-state.ts'

/**
 * The link that new bytes should take, given the one they take now: of a better kind, or much better of the same kind;
 * else the one they take. A link that does not answer comes after all that do. Pure.
 */
export function pickLink(links: readonly Link[], current: string | undefined, tuning: PathTuning): Link | undefined {
  const open = links.filter(({ closing }) => !closing)
  const [first] = open.toSorted(byRank)
  const held = open.find(({ id }) => id === current)
  if (first === undefined || held === undefined || rank(first) < rank(held)) {
    return first
  }
  return open.filter((link) => rank(link) === rank(held)).find((link) => isMuchBetter(link, held, tuning)) ?? held
}

/** Direct before relayed, what answers before what does not. */
function rank({ kind, health }: Link): number {
  const kinds = Object.keys(LINK_RANK).length
  return LINK_RANK[kind] + (health === 'well' ? 0 : health === 'suspect' ? kinds : 2 * kinds)
}

function byRank(a: Link, b: Link): number {
  return (
    rank(a) - rank(b) ||
    (a.rttMs ?? Infinity) - (b.rttMs ?? Infinity) ||
    b.openedAt - a.openedAt ||
    (a.id < b.id ? -1 : 1)
  )
}

function isMuchBetter(link: Link, held: Link, tuning: PathTuning): boolean {
  const { minRateBytesPerSecond: floor, betterRateFactor, betterRttFactor } = tuning
  // rates are compared only when both had something to carry; then they say more than a round trip
  if (link.bytesPerSecond > floor && held.bytesPerSecond > floor) {
    return link.bytesPerSecond > held.bytesPerSecond * betterRateFactor
  }
  if (link.rttMs === undefined || held.rttMs === undefined) {
    return false
  }
  // who carries a lot answers late: it is not for its round trip that it is left
  return held.bytesPerSecond <= floor && link.rttMs < held.rttMs * betterRttFactor
}
