/** A gateway's count of seconds since it lost its state, and when it said so. */
export interface EpochReading {
  readonly epochSeconds: number
  readonly at: number
}

/** Seconds by which two clocks may differ over a short time: whole seconds, and the way of the packets. */
const SLACK_SECONDS = 2

/**
 * Whether the gateway lost its mappings between two readings: its count went back, or went on slower or faster than a
 * clock does. PCP's rule (RFC 6887 section 8.5), with a bad clock's 1/8 of NAT-PMP (RFC 6886 section 3.6) instead of 1/16,
 * for both. A gateway whose count stands still is one that has none. Pure.
 */
export function hasLostState(before: EpochReading, now: EpochReading): boolean {
  if (now.epochSeconds < before.epochSeconds - 1) {
    return true
  }
  const here = Math.max(0, now.at - before.at) / 1000
  const there = now.epochSeconds - before.epochSeconds
  return here + SLACK_SECONDS < there - there / 8 || there + SLACK_SECONDS < here - here / 8
}
