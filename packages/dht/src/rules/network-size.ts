import { gammaInv, gammaRatioInv } from './gamma.ts'

/** How many nodes nearest to a key hold its records (Kademlia's k). */
export const REPLICATION = 20

/** One lookup that came to its end: the `count`-th nearest peer that answered was `distance` away. */
export interface SizeSample {
  readonly count: number
  /** Share of the key space. */
  readonly distance: number
  readonly at: number
}

/** About how many servers there are; `low` to `high` holds the truth nine times out of ten. */
export interface SizeEstimate {
  readonly nodes: number
  readonly low: number
  readonly high: number
  /** Peers whose distances it is made of: the more, the surer. */
  readonly ranks: number
}

/** Older lookups tell about another network: nodes come and go within hours. */
export const SAMPLE_AGE_MS = 2 * 60 * 60 * 1000

/** Lookups that count; thirty are within 6 % nine times out of ten, more only lag behind. */
export const MAX_SAMPLES = 30

/** With three the truth is within about 22 %; fewer are not believed. */
export const MIN_SAMPLES = 3

/**
 * Pooled estimate of the number of servers: k-th nearest distances of random keys add up to a Gamma variable, whose rate
 * is the size. As accurate as go-libp2p's regression over ranks. `undefined` with too few samples.
 */
export function estimateSize(samples: readonly SizeSample[], now: number): SizeEstimate | undefined {
  const recent = samples
    .filter(({ at, count, distance }) => now - at <= SAMPLE_AGE_MS && count > 0 && distance > 0)
    .slice(-MAX_SAMPLES)
  if (recent.length < MIN_SAMPLES) {
    return undefined
  }
  const ranks = recent.reduce((sum, { count }) => sum + count, 0)
  const distances = recent.reduce((sum, { distance }) => sum + distance, 0)
  const nodes = Math.max(1, (ranks - 1) / distances)
  // a Gamma variable of this shape is nearly normal
  const spread = 1.645 / Math.sqrt(ranks)
  return { nodes, low: nodes * (1 - spread), high: nodes * (1 + spread), ranks }
}

const NEAR = gammaInv(REPLICATION, 0.1)

/** A peer nearer than this is among the 20 nearest with nine chances in ten: it can be sent the record at once. */
export function nearDistance(nodes: number): number {
  return NEAR / nodes
}

/** How often an honest key may look crowded: the alarm costs some 80 messages and two seconds. */
const FALSE_ALARMS = 0.0035

/** Below it everybody is a holder anyway, and 20 neighbours are half of the network. */
export const MIN_ALARM_NODES = 40

/** The estimate with what it is made of; `ranks` left out: the size is known. */
export interface KnownSize {
  readonly nodes: number
  readonly ranks?: number
}

/**
 * When the 20th nearest is nearer than this, so many peers crowd around a key that somebody must have placed them there.
 * The less is known about the size the nearer they have to be: an estimate that is too small by chance makes honest
 * peers look crowded. `0` in small networks.
 */
export function crowdedDistance({ nodes, ranks = Infinity }: KnownSize): number {
  return nodes < MIN_ALARM_NODES ? 0 : crowdedShare(ranks) / nodes
}

const shares = new Map<number, number>()

/** Size estimate times distance that honest keys come below with `FALSE_ALARMS`; as many values as there are sums of ranks. */
function crowdedShare(ranks: number): number {
  const share =
    shares.get(ranks) ??
    (Number.isFinite(ranks)
      ? (ranks - 1) * gammaRatioInv(REPLICATION, ranks, FALSE_ALARMS)
      : gammaInv(REPLICATION, FALSE_ALARMS))
  shares.set(ranks, share)
  return share
}
