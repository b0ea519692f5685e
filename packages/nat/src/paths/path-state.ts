import {
  BETTER_RATE_FACTOR,
  BETTER_RTT_FACTOR,
  BUSY_PROBE_MS,
  DRAIN_MS,
  IDLE_PROBE_MS,
  LATE_ROUND_TRIPS,
  MAX_PATIENCE_MS,
  MAX_RECOVERY_DIALS,
  MIN_RATE_BYTES_PER_SECOND,
  MISSED_PROBES,
  PROBE_INTERVAL_MS,
  PUNCH_BACKOFF,
  RECENT_DATA_MS,
  RECOVERY_BACKOFF_MS,
  SILENT_PROBE_MS,
  STABLE_MS
} from './constants.ts'
import type { LinkKind } from './choose-path.ts'

/** One connection to the peer. Times are milliseconds of one clock that does not go back. */
export interface Link {
  readonly id: string
  readonly kind: LinkKind
  readonly openedAt: number
  readonly rttMs?: number
  /** The most that was seen in a second, both directions. */
  readonly bytesPerSecond: number
  /** Bytes of its streams when it was last looked at, and when that was. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly lookedAt: number
  /** Last sign of life: an answer, or bytes that moved. */
  readonly aliveAt: number
  /** When the last probe was answered, or it opened. */
  readonly answeredAt: number
  /** When the first probe left that has no answer yet: silence counts from here. */
  readonly probedAt?: number
  /** How long it may say nothing before it is probed: grows with each silence that was harmless. */
  readonly patienceMs: number
  /** Whether a probe is under way. */
  readonly probing: boolean
  /** Whether streams that carry data are open. */
  readonly busy: boolean
  /** Since when nothing is open that has to stay. */
  readonly idleSince?: number
  /** `suspect`: an answer is late, or the network below changed and none has come since. `dead`: it is not coming. */
  readonly health: 'well' | 'suspect' | 'dead'
  /** It was told to close. */
  readonly closing: boolean
}

/** A thing that is tried again with growing pauses. */
export interface Retry {
  readonly tries: number
  readonly dueAt: number
  readonly running: boolean
}

/** What is known of the ways to one peer. */
export interface PathState {
  readonly links: readonly Link[]
  /** The id of the link that new bytes take. */
  readonly best?: string
  /** When data was last seen to flow, or streams for it were open. */
  readonly busyAt?: number
  /** Present once a direct path was lost, or is asked for unasked: the next request for one. */
  readonly punch?: Retry
  /** Present while the peer is lost in the middle of something: the next dial through a relay. */
  readonly recovery?: Retry
}

/** What one look at a connection shows. */
export interface LinkLook {
  readonly id: string
  /** Streams that carry data. */
  readonly busy: boolean
  /** Streams that have to stay. */
  readonly live: boolean
  /** Bytes of its streams since it opened. */
  readonly bytesIn: number
  readonly bytesOut: number
}

/** What happens to the ways to a peer. */
export type PathEvent =
  | { readonly type: 'opened'; readonly id: string; readonly kind: LinkKind; readonly rttMs?: number }
  | { readonly type: 'closed'; readonly id: string }
  | { readonly type: 'tick'; readonly looks: readonly LinkLook[] }
  | { readonly type: 'answered'; readonly id: string; readonly rttMs: number }
  /** The probe ended without an answer; that there was silence is counted by ticks. */
  | { readonly type: 'unanswered'; readonly id: string }
  | { readonly type: 'punched' }
  | { readonly type: 'dialled'; readonly ok: boolean }
  | { readonly type: 'network-changed' }

/** What is to be done. A change of `best` is read from the state. */
export type PathEffect =
  | { readonly type: 'probe'; readonly id: string }
  | { readonly type: 'close'; readonly id: string }
  | { readonly type: 'abort'; readonly id: string }
  | { readonly type: 'punch' }
  | { readonly type: 'dial-relay' }

/** The bounds of `stepPath`. */
export interface PathTuning {
  readonly probeIntervalMs: number
  readonly missedProbes: number
  readonly lateRoundTrips: number
  readonly busyProbeMs: number
  readonly silentProbeMs: number
  readonly maxPatienceMs: number
  readonly idleProbeMs: number
  readonly drainMs: number
  readonly recentDataMs: number
  readonly betterRttFactor: number
  readonly betterRateFactor: number
  readonly minRateBytesPerSecond: number
  /**
   * Ask for a direct path also where there was none before. Off: the punch coordinator does so by itself for each relayed
   * connection that opens, and one end begins.
   *
   * @default false
   */
  readonly punchUnasked: boolean
  readonly punchMinMs: number
  readonly punchMaxMs: number
  readonly stableMs: number
  readonly maxRecoveryDials: number
  readonly recoveryBackoffMs: number
}

/** The defaults, from `constants.ts`. */
export const PATH_TUNING: PathTuning = Object.freeze({
  probeIntervalMs: PROBE_INTERVAL_MS,
  missedProbes: MISSED_PROBES,
  lateRoundTrips: LATE_ROUND_TRIPS,
  busyProbeMs: BUSY_PROBE_MS,
  silentProbeMs: SILENT_PROBE_MS,
  maxPatienceMs: MAX_PATIENCE_MS,
  idleProbeMs: IDLE_PROBE_MS,
  drainMs: DRAIN_MS,
  recentDataMs: RECENT_DATA_MS,
  betterRttFactor: BETTER_RTT_FACTOR,
  betterRateFactor: BETTER_RATE_FACTOR,
  minRateBytesPerSecond: MIN_RATE_BYTES_PER_SECOND,
  punchUnasked: false,
  punchMinMs: PUNCH_BACKOFF.minMs,
  punchMaxMs: PUNCH_BACKOFF.maxMs,
  stableMs: STABLE_MS,
  maxRecoveryDials: MAX_RECOVERY_DIALS,
  recoveryBackoffMs: RECOVERY_BACKOFF_MS
})

/** A peer that nothing is known of. */
export const NO_PATH: PathState = Object.freeze({ links: Object.freeze([]) })
