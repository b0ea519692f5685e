/** A dead member is tried at most so often for each member of the network. */
const MS_A_MEMBER = 30

/** Who is alone tries this much more often. */
const ALONE_FACTOR = 4

/** Who has been dead for longer is tried less and less: after a partition the dead are many and young. */
const YOUNG_MS = 120_000

/** In a network of so many everybody goes on trying: there are few to be first. */
const FEW = 10

/** Until the next turn to try a dead member. All members together have about 33 turns a second at most. */
export function reconnectMs(intervalMs: number, liveCount: number): number {
  return liveCount <= 1 ? intervalMs / ALONE_FACTOR : Math.max(intervalMs, liveCount * MS_A_MEMBER)
}

/**
 * The part of its turns in which somebody that is dead so long is tried: a crash is tried two hours long by all members,
 * and each try costs a relay or a punched hole. All members together go on with a third of a try a second.
 */
export function reconnectShare(deadMs: number, liveCount: number): number {
  return Math.min(1, Math.max(FEW / Math.max(1, liveCount), YOUNG_MS / Math.max(1, deadMs)))
}
