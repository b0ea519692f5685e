import { InvalidOptionError } from '@p2pshare/interface'
import type { Clock } from '../clock.ts'

/** Each byte arrives `ms` later than it would have. Order is kept and throughput is not limited. */
export interface DelayFault {
  readonly type: 'delay'
  readonly ms: number
}

/**
 * End the direction when `afterBytes` bytes have passed (`0`: when the first byte comes).
 *
 * `reset` (the default) ends the whole stream or connection with an error at both ends. `close` looks like a graceful
 * end: the reader sees the end after `afterBytes`, the writer's later bytes vanish.
 */
export interface CutFault {
  readonly type: 'cut'
  readonly afterBytes: number
  readonly how?: 'reset' | 'close'
}

/** Change the byte at offset `atByte` of this direction by XOR with `mask` (`0xff` unless given). */
export interface CorruptFault {
  readonly type: 'corrupt'
  readonly atByte: number
  readonly mask?: number
}

/** Hold everything back when `afterBytes` bytes have passed, for `ms`, or for good when `ms` is not given. */
export interface StallFault {
  readonly type: 'stall'
  readonly afterBytes: number
  readonly ms?: number
}

/** What can happen to the bytes of one direction. Offsets count from the moment of wrapping. */
export type Fault = DelayFault | CutFault | CorruptFault | StallFault

/** What happens to each direction of a stream or connection, as seen from the end that is wrapped. */
export interface FaultPlan {
  /** Faults of what the wrapped end sends. */
  readonly outgoing?: readonly Fault[]
  /** Faults of what the wrapped end receives. */
  readonly incoming?: readonly Fault[]
  /**
   * The time delays and stalls are measured with.
   *
   * @default systemClock
   */
  readonly clock?: Clock
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isDuration = (value: number): boolean => value >= 0

function problemOf(fault: Fault): string | undefined {
  switch (fault.type) {
    case 'delay':
      return Number.isFinite(fault.ms) && isDuration(fault.ms) ? undefined : `delay.ms is ${fault.ms}`
    case 'cut':
      return isCount(fault.afterBytes) ? undefined : `cut.afterBytes is ${fault.afterBytes}`
    case 'stall':
      if (!isCount(fault.afterBytes)) {
        return `stall.afterBytes is ${fault.afterBytes}`
      }
      return isDuration(fault.ms ?? Infinity) ? undefined : `stall.ms is ${fault.ms ?? Infinity}`
    case 'corrupt': {
      const mask = fault.mask ?? 0xff
      if (!isCount(fault.atByte)) {
        return `corrupt.atByte is ${fault.atByte}`
      }
      // a mask of 0 changes nothing: a test with it would pass for the wrong reason
      return Number.isInteger(mask) && mask > 0 && mask <= 0xff ? undefined : `corrupt.mask is ${mask}`
    }
  }
}

/** Throws `InvalidOptionError` for a fault whose numbers cannot work. */
export function checkPlan(plan: FaultPlan): void {
  for (const [direction, faults] of [
    ['outgoing', plan.outgoing],
    ['incoming', plan.incoming]
  ] as const) {
    for (const fault of faults ?? []) {
      const problem = problemOf(fault)
      if (problem !== undefined) {
        throw new InvalidOptionError(`plan.${direction}`, problem)
      }
    }
  }
}
