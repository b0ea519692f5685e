/** What is known of how fast one peer, or strangers in general, answer. In milliseconds. */
export interface AnswerTimes {
  readonly connected: boolean
  /** 95th percentile of round trips for a connected peer, of dial and answer for others. */
  readonly p95Ms?: number
}

const CONNECTED = { least: 250, most: 600, unmeasured: 400 } as const
/** Measured ones may be as short as in one town; before that a stranger may be anywhere. */
const STRANGER = { least: 400, most: 1_500, unmeasured: 1_000 } as const

/** No answer within this: failed. A late answer before it still counts. */
export const HARD_TIMEOUT_MS = 5_000

/**
 * After which silence the next peer is asked beside this one. It only frees a slot: the slowest honest dial takes four
 * round trips of 250 ms.
 */
export function softTimeoutMs({ connected, p95Ms }: AnswerTimes): number {
  const { least, most, unmeasured } = connected ? CONNECTED : STRANGER
  return p95Ms === undefined ? unmeasured : Math.min(most, Math.max(least, 2 * p95Ms))
}
