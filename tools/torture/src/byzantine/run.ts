import { seededRandom } from '@p2pshare/testkit'
import type { Provider } from '@p2pshare/interface'
import { must } from '../errors.ts'
import { download, keyOf } from './download.ts'
import { HostilePeer } from './hostile-peer.ts'
import { KIND_NAMES, kindOf, LIARS } from './kinds.ts'
import type { KindName } from './kinds.ts'
import type { Target } from './target.ts'

/** Seeders of a swarm, honest ones and others. */
export const SEEDERS = 10

/** The two swarms that are gone through, and how much longer than among honest seeders alone a download may take. */
export const SWARMS = {
  byzantine: { hostile: 3, kinds: KIND_NAMES, maxSlowdown: 1.5, maxWaste: 0.05 },
  liars: { hostile: 5, kinds: LIARS, maxSlowdown: 2, maxWaste: 0.05 }
} as const

export type SwarmName = keyof typeof SWARMS

/** Wrong leaves after which whoever sent them must be banned. */
const MAX_BAD_LEAVES = 3

/** What a run came to. */
export interface ByzantineRun {
  readonly kinds: readonly KindName[]
  /** Times the download among honest seeders. */
  readonly slowdown: number
  /** Wasted bytes for each useful one. */
  readonly waste: number
  readonly bans: number
  /** The most wrong leaves that came from one peer. */
  readonly badLeaves: number
}

/** Who serves the target honestly; `SEEDERS` of them. */
export interface Honest {
  readonly target: Target
  readonly providers: readonly Provider[]
  readonly directory: string
}

/**
 * Milliseconds of a download among honest seeders alone.
 *
 * @throws ViolationError when it does not end with the right bytes, or somebody is banned
 */
export async function runClean(seed: number, { target, providers, directory }: Honest): Promise<number> {
  const random = seededRandom(`byzantine/clean/${seed}`)
  const { ms, bans } = await download(target, random.shuffle(providers), directory)
  must(bans.length === 0, 'an honest seeder was banned')
  return ms
}

/**
 * A download where some of the seeders are hostile: kinds, order and bytes are the seed's.
 *
 * @param cleanMs - what it takes among honest ones
 * @throws ViolationError when it does not end with the right bytes, or the wrong peer is banned
 */
export async function runByzantine(
  swarm: SwarmName,
  seed: number,
  honest: Honest,
  cleanMs: number
): Promise<ByzantineRun> {
  const { target, providers, directory } = honest
  const random = seededRandom(`byzantine/${swarm}/${seed}`)
  const { hostile: count, kinds } = SWARMS[swarm]
  const chosen = Array.from({ length: count }, () => random.pick<KindName>(kinds))
  const hostile = await Promise.all(
    chosen.map(async (kind, at) => HostilePeer.start(kindOf(kind), target, random.fork(`${kind}/${at}`)))
  )
  try {
    const kept = random.shuffle(providers).slice(0, SEEDERS - count)
    const all = random.shuffle([...kept, ...hostile.map(({ provider }) => provider)])
    const result = await download(target, all, directory)
    const culprits = new Set(hostile.map(({ provider }) => keyOf(provider.id)))
    must(
      result.bans.every(({ peer }) => culprits.has(keyOf(peer))),
      'an honest seeder was banned'
    )
    const leafBytes = target.map.leafBytes(0)
    const badLeaves = Math.max(0, ...[...result.corrupt.values()].map((bytes) => bytes / leafBytes))
    return {
      kinds: chosen,
      slowdown: result.ms / cleanMs,
      waste: result.wastedBytes / result.usefulBytes,
      bans: result.bans.length,
      badLeaves
    }
  } finally {
    await Promise.all(hostile.map(async (peer) => peer.stop()))
  }
}

/** What a run must not do, as texts. */
export function problemsOf(swarm: SwarmName, { slowdown, waste, badLeaves }: ByzantineRun): string[] {
  const { maxSlowdown, maxWaste } = SWARMS[swarm]
  return [
    ...(slowdown > maxSlowdown ? [`took ${slowdown.toFixed(2)} times as long, at most ${maxSlowdown}`] : []),
    ...(waste > maxWaste ? [`wasted ${(100 * waste).toFixed(1)} % of the size, at most ${100 * maxWaste} %`] : []),
    ...(badLeaves > MAX_BAD_LEAVES
      ? [`${badLeaves.toFixed(1)} wrong leaves of one peer, at most ${MAX_BAD_LEAVES}`]
      : [])
  ]
}
