import type { MembershipSimulation } from './simulation.ts'

/** Some members stall again and again, for as long as the simulation runs. */
export interface StallsInit {
  readonly kind: 'process' | 'network'
  /** Of the members. @default 0.25 */
  readonly share?: number
  /** Lengths are spread evenly over their logarithm. @default 100 */
  readonly shortestMs?: number
  /** @default 16_000 */
  readonly longestMs?: number
  /** Mean of what is between two stalls, beyond a second. @default 9_000 */
  readonly gapMs?: number
}

/** Begins at once, and does not end. */
export function stallSome<Message>(
  simulation: MembershipSimulation<Message>,
  { kind, share = 0.25, shortestMs = 100, longestMs = 16_000, gapMs = 9000 }: StallsInit
): void {
  const random = simulation.random.fork('stalls')
  const exponential = (meanMs: number): number => -Math.log(1 - random.float()) * meanMs
  const chosen = random
    .shuffle(Array.from({ length: simulation.members }, (_, member) => member))
    .slice(0, Math.round(share * simulation.members))
  for (const member of chosen) {
    simulation.views.markStalled(member)
    const stall = (): void => {
      const ms = shortestMs * Math.pow(longestMs / shortestMs, random.float())
      if (simulation.network.isUp(member)) {
        simulation.stall(member, kind, ms)
      }
      simulation.network.after(ms + 1000 + exponential(gapMs), stall)
    }
    simulation.network.after(exponential(gapMs + 1000), stall)
  }
}

/** Members come and go; as many come as go. */
export interface ChurnInit {
  readonly meanSessionMs: number
  /** Of those that go, without a word. @default 0.5 */
  readonly crashShare?: number
}

/** Natural churn, as long as there are spare numbers. Tracked members are left alone. */
export function churn<Message>(
  simulation: MembershipSimulation<Message>,
  { meanSessionMs, crashShare = 0.5 }: ChurnInit
): void {
  const random = simulation.random.fork('churn')
  const exponential = (meanMs: number): number => -Math.log(1 - random.float()) * meanMs
  const meanGapMs = meanSessionMs / simulation.members
  const next = (): void => {
    const gone = simulation.pickUp((member) => !simulation.views.isTracked(member))
    const come = simulation.spare()
    if (gone !== undefined && come !== undefined) {
      if (random.float() < crashShare) {
        simulation.crash(gone)
      } else {
        simulation.leave(gone)
      }
      simulation.join(come)
    }
    simulation.network.after(exponential(meanGapMs), next)
  }
  simulation.network.after(exponential(meanGapMs), next)
}

/** Members that go down and come back, again and again. */
export interface FlappingInit {
  readonly members: readonly number[]
  /** Both up and down: this and an exponential time. @default 3_000 */
  readonly shortestMs?: number
  /** @default 12_000 */
  readonly meanMs?: number
}

/** Begins at once, and does not end. A member comes back with an empty view. */
export function flap<Message>(
  simulation: MembershipSimulation<Message>,
  { members, shortestMs = 3000, meanMs = 12_000 }: FlappingInit
): void {
  const random = simulation.random.fork('flapping')
  const pause = (): number => shortestMs - Math.log(1 - random.float()) * meanMs
  for (const member of members) {
    const goDown = (): void => {
      simulation.crash(member)
      simulation.network.after(pause(), () => {
        simulation.join(member)
        simulation.network.after(pause(), goDown)
      })
    }
    simulation.network.after(random.float() * meanMs, goDown)
  }
}
