import { Bitfield } from './bitfield.ts'
import { Rate } from './rate.ts'
import { REQUEST_WINDOW, windowBytes } from './window.ts'

/** A peer with requests outstanding that sends nothing for this long loses them. */
export const REQUEST_TIMEOUT_MS = 10_000
/** So does one that has had a request this long and was slower than `MIN_RATE_BPS` all the while. */
export const SLOW_AFTER_MS = 30_000
/** A modem's speed; bytes that come slower than this are there to hold a place. */
export const MIN_RATE_BPS = 4 * 1024
/** Offers of one peer that wait for room: twice what a peer may have outstanding. More are passed at once. */
export const MAX_OFFERS = 2 * REQUEST_WINDOW.maxLeaves

/** What the download side knows of one peer, and what it asked it for. Pure: the time is passed in. */
export class Source {
  readonly have: Bitfield
  /** Offered, wanted, waiting for room; the oldest first. */
  readonly offered = new Set<number>()
  /** Times in a row that it kept its requests and sent nothing, with no leaf in between. */
  stalls = 0
  /** Not asked for anything until then. */
  pausedUntil = -Infinity
  readonly #rate: Rate
  /** The same over a time in which even the slowest peer that is worth it sends something. */
  readonly #longRate: Rate
  /** Leaf -> when it was asked for; the oldest first. */
  readonly #inFlight = new Map<number, number>()
  readonly #leafBytes: (leaf: number) => number
  #inFlightBytes = 0
  #lastByteAt: number

  constructor(leafCount: number, leafBytes: (leaf: number) => number, now: number) {
    this.have = new Bitfield(leafCount)
    this.#leafBytes = leafBytes
    this.#rate = new Rate(now)
    this.#longRate = new Rate(now, SLOW_AFTER_MS)
    this.#lastByteAt = now
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  /** In the order in which they were asked for. */
  get asked(): number[] {
    return [...this.#inFlight.keys()]
  }

  isAsked(leaf: number): boolean {
    return this.#inFlight.has(leaf)
  }

  askedAt(leaf: number): number | undefined {
    return this.#inFlight.get(leaf)
  }

  ask(leaf: number, now: number): void {
    this.offered.delete(leaf)
    this.#inFlight.set(leaf, now)
    this.#inFlightBytes += this.#leafBytes(leaf)
  }

  /** The request is answered, or taken back. Returns whether there was one. */
  settle(leaf: number): boolean {
    if (!this.#inFlight.delete(leaf)) {
      return false
    }
    this.#inFlightBytes -= this.#leafBytes(leaf)
    return true
  }

  addBytes(bytes: number, now: number): void {
    this.#rate.add(bytes, now)
    this.#longRate.add(bytes, now)
    this.#lastByteAt = now
  }

  /** Whether its window is open: the last leaf may pass what the rate says, but never the bound of all windows. */
  hasRoom(now: number): boolean {
    return (
      this.#inFlight.size < REQUEST_WINDOW.maxLeaves &&
      this.#inFlightBytes < windowBytes(REQUEST_WINDOW, this.#rate.perSecond(now))
    )
  }

  fits(leaf: number): boolean {
    return this.#inFlightBytes + this.#leafBytes(leaf) <= REQUEST_WINDOW.maxBytes
  }

  /** How long it will take for what it was asked for, at its present rate. */
  needsMs(now: number): number {
    return (this.#inFlightBytes / Math.max(this.#rate.perSecond(now), 1)) * 1000
  }

  /** Whether it keeps requests and sends nothing, or next to nothing. `done`: leaves that have arrived. */
  isStalled(done: { has(leaf: number): boolean }, now: number): boolean {
    for (const [leaf, at] of this.#inFlight) {
      if (!done.has(leaf)) {
        const quiet = now - Math.max(at, this.#lastByteAt) >= REQUEST_TIMEOUT_MS
        return quiet || (now - at >= SLOW_AFTER_MS && this.#longRate.perSecond(now) < MIN_RATE_BPS)
      }
    }
    return false
  }
}
