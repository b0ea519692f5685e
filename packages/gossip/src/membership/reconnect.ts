/** A dead member is tried at most so often for each member of the network. */
const MS_A_MEMBER = 30

/** Who is alone tries this much more often. */
const ALONE_FACTOR = 4

/** Until the next try to reach a dead member. All members together make about 33 tries a second at most. */
export function reconnectMs(intervalMs: number, liveCount: number): number {
  return liveCount <= 1 ? intervalMs / ALONE_FACTOR : Math.max(intervalMs, liveCount * MS_A_MEMBER)
}
