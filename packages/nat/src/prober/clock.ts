import { MAX_CLOCK_RTT_MS, MAX_CLOCK_SAMPLES } from './constants.ts'

/** One look at another node's clock. Times in milliseconds: the system clock of each. */
export interface ClockSample {
  /** Whose clock it is. */
  readonly peer: string
  readonly theirs: number
  /** Ours in the middle of the exchange. */
  readonly ours: number
  readonly rttMs: number
}

/** How far our clock is from that of others. */
export interface ClockOffset {
  /** Above zero: ours is late. */
  readonly offsetMs: number
  /** It may be off by so much. */
  readonly errorMs: number
  /** Nodes that were asked. */
  readonly samples: number
}

/** The samples with one more, the last of each peer; those of longest ago go. Pure. */
export function addClockSample(samples: readonly ClockSample[], sample: ClockSample): readonly ClockSample[] {
  if (sample.rttMs < 0 || sample.rttMs > MAX_CLOCK_RTT_MS) {
    return samples
  }
  return [...samples.filter(({ peer }) => peer !== sample.peer), sample].slice(-MAX_CLOCK_SAMPLES)
}

/** The middle of all offsets: a minority that lies, or is wrong, moves nothing. Pure. */
export function clockOffset(samples: readonly ClockSample[]): ClockOffset | undefined {
  const sorted = samples
    .map(({ theirs, ours, rttMs }) => ({ offsetMs: theirs - ours, errorMs: rttMs / 2 }))
    .sort((a, b) => a.offsetMs - b.offsetMs)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  return middle === undefined ? undefined : { ...middle, samples: samples.length }
}
