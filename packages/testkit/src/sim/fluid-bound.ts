/** A leecher, for the bound: rates in bytes a second, times in milliseconds. */
export interface BoundLeecher {
  readonly up: number
  readonly down: number
  readonly joinsAt: number
  /** `Infinity`: it stays until the end. */
  readonly leavesAt: number
}

export interface BoundInit {
  readonly totalBytes: number
  /** Rates of the seeders together. */
  readonly seedUp: number
  readonly leechers: readonly BoundLeecher[]
  /** Copies after which the one seeder leaves; `undefined`: it stays. */
  readonly seederCopies?: number | undefined
}

/**
 * The least time in which the last leecher that stays can have everything, whatever the policy: bytes as a fluid
 * (docs/swarm-scheduling.md). Milliseconds. For swarms with joins and leaves it is not always within reach.
 */
export function fluidBoundMs({ totalBytes, seedUp, leechers, seederCopies }: BoundInit): number {
  const staying = leechers.filter(({ leavesAt }) => leavesAt === Infinity)
  const perSecond = 1000
  const ups = sum(staying.map(({ up }) => up))
  const slowest = Math.min(...staying.map(({ down }) => down))
  const alone = Math.max(...staying.map(({ joinsAt, down }) => joinsAt + (totalBytes / down) * perSecond))
  const once = (totalBytes / seedUp) * perSecond
  if (seederCopies !== undefined) {
    const others = ((staying.length - seederCopies) * totalBytes * perSecond) / ups
    return Math.max(once, others, (totalBytes / slowest) * perSecond)
  }
  // uplinks that are not there yet cannot send; those that leave send until then
  const missed = sum(staying.map(({ up, joinsAt }) => (up * joinsAt) / perSecond))
  const left = sum(
    leechers.filter(({ leavesAt }) => leavesAt < Infinity).map(({ up, leavesAt }) => (up * leavesAt) / perSecond)
  )
  const together = ((staying.length * totalBytes + missed - left) * perSecond) / (seedUp + ups)
  const last = staying.reduce((a, b) => (b.joinsAt > a.joinsAt ? b : a))
  const toLast = seedUp + ups - last.up
  const late = last.joinsAt > 0 ? last.joinsAt + (totalBytes / Math.min(toLast, last.down)) * perSecond : 0
  return Math.max(once, alone, together, late)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
