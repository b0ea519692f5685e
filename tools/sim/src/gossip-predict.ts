import { PROFILES } from '@p2pshare/gossip/membership'
import type { MembershipProfile } from '@p2pshare/gossip/membership'
import type { LoopbackInit } from '@p2pshare/testkit/sim'
import { oneStall } from './gossip-faults.ts'
import { Pool } from './figures.ts'
import { crashes, spread } from './gossip-runs.ts'
import type { Setting } from './gossip-runs.ts'

/** SIGSTOP of one node in `bench:gossip`. */
const STALL_MS = 10_000

/** What real nodes on one machine should show. Times in milliseconds; `null`: it did not happen. */
export interface Prediction {
  readonly members: number
  readonly event: 'join' | 'leave' | 'kill' | 'silent' | 'stall'
  /** How many events it was taken from. */
  readonly events: number
  /** Over the pairs of event and viewer. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  /** Over the events: until the last viewer knew. */
  readonly allP50Ms: number | null
  readonly allP99Ms: number | null
  readonly maxHops: number | null
  /** Only `stall`: until a viewer holds it alive again after it went on. */
  readonly backP50Ms?: number | null
  readonly backP99Ms?: number | null
}

export interface Predictions {
  readonly profile: string
  readonly seeds: number
  readonly loopback: LoopbackInit
  readonly predictions: readonly Prediction[]
}

export function predict(
  sizes: readonly number[],
  seeds: number,
  profileName: string,
  loopback: LoopbackInit
): Predictions {
  const profile = (PROFILES as Readonly<Record<string, MembershipProfile>>)[profileName] ?? PROFILES.wan
  const numbers = Array.from({ length: seeds }, (_, at) => at + 1)
  const predictions = sizes.flatMap((members) => {
    const setting: Setting = { members, net: 'loopback', profile, loopback }
    const spreads = new Pool(numbers.map((seed) => spread(setting, seed)))
    const kills = new Pool(numbers.map((seed) => crashes(setting, seed, true)))
    const silences = new Pool(numbers.map((seed) => crashes(setting, seed, false)))
    const stalls = new Pool(numbers.map((seed) => oneStall(setting, seed, STALL_MS)))
    return [
      ofEvent(spreads, members, 'join', 'join'),
      ofEvent(spreads, members, 'leave', 'leave'),
      ofEvent(kills, members, 'kill', 'crash'),
      ofEvent(silences, members, 'silent', 'crash'),
      {
        ...ofEvent(stalls, members, 'stall', 'suspect'),
        backP50Ms: orNull(stalls.quantile('back', 0.5)),
        backP99Ms: orNull(stalls.quantile('back', 0.99))
      }
    ]
  })
  return { profile: profileName, seeds, loopback, predictions }
}

function ofEvent(pool: Pool, members: number, event: Prediction['event'], sample: string): Prediction {
  return {
    members,
    event,
    events: pool.count(`${sample} all`),
    p50Ms: orNull(pool.quantile(sample, 0.5)),
    p99Ms: orNull(pool.quantile(sample, 0.99)),
    allP50Ms: orNull(pool.quantile(`${sample} all`, 0.5)),
    allP99Ms: orNull(pool.quantile(`${sample} all`, 0.99)),
    maxHops: orNull(pool.max(`${sample} hops`))
  }
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
