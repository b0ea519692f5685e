import { Bitfield } from './bitfield.ts'

/** One that a first seeder offers leaves to. */
export interface Offeree {
  wants: Bitfield
  /** What it wants and did not pass. */
  takes: Bitfield
  readonly have: Bitfield
  /** Offered and neither announced nor passed: leaf -> when. */
  readonly outstanding: Map<number, number>
  /** Leaves offered to it that too few others have yet, and those that enough have. */
  unrelayed: number
  relayed: number
  /** Offers that led to nothing. */
  failed: number
  lastOfferAt: number
  /** Offers to others before its next turn: it was offered what was on its way to somebody already. */
  waits: number
  /** When it last asked for something, or took bytes. */
  progressAt: number
  cursor: number
  /** `#opened` when the last search found nothing for it. */
  dryAt: number
  /** It wanted something, and has said since that it wants nothing more. */
  content: boolean
}

/** One that wants nothing yet, and is offered leaves from `firstOffer` on. */
export function newOfferee(leafCount: number, firstOffer: number, now: number): Offeree {
  return {
    wants: new Bitfield(leafCount),
    takes: new Bitfield(leafCount),
    have: new Bitfield(leafCount),
    outstanding: new Map(),
    unrelayed: 0,
    relayed: 0,
    failed: 0,
    lastOfferAt: -Infinity,
    waits: 0,
    progressAt: now,
    cursor: firstOffer,
    dryAt: -1,
    content: false
  }
}

/** Whose turn comes first. */
export function isBefore(one: Offeree, other: Offeree): boolean {
  if (one.waits > 0 !== other.waits > 0) {
    return other.waits > 0
  }
  const debts = debtOf(one) - debtOf(other)
  return debts === 0 ? one.lastOfferAt < other.lastOfferAt : debts < 0
}

function debtOf({ unrelayed, failed, relayed }: Offeree): number {
  return unrelayed + Math.max(0, failed - relayed)
}
