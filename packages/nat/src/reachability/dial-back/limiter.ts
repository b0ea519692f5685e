import {
  ASK_REFILL_IN_ALL_MS,
  ASK_REFILL_MS,
  ASKS_IN_ALL,
  ASKS_PER_PEER,
  MAX_COUNTED_PEERS,
  MAX_DIALS
} from '../constants.ts'
import { takeToken } from './token-bucket.ts'
import type { Bucket } from './token-bucket.ts'

const PER_PEER = { capacity: ASKS_PER_PEER, refillMs: ASK_REFILL_MS }
const IN_ALL = { capacity: ASKS_IN_ALL, refillMs: ASK_REFILL_IN_ALL_MS }

/** Which questions this node answers by dialling: so many of a peer, so many in all, so many at a time. */
export class DialLimiter {
  readonly #peers = new Map<string, Bucket>()
  #all: Bucket | undefined
  #dials = 0

  /** `false`: not now. Each `true` needs one `done()`. */
  start(peer: string, now: number): boolean {
    const own = takeToken(this.#peers.get(peer), PER_PEER, now)
    if (own === undefined || this.#dials >= MAX_DIALS) {
      return false
    }
    const all = takeToken(this.#all, IN_ALL, now)
    if (all === undefined) {
      return false
    }
    this.#all = all
    this.#dials++
    // who asked last is last: the first is forgotten first
    this.#peers.delete(peer)
    this.#peers.set(peer, own)
    const [oldest] = this.#peers.keys()
    if (this.#peers.size > MAX_COUNTED_PEERS && oldest !== undefined) {
      this.#peers.delete(oldest)
    }
    return true
  }

  done(): void {
    this.#dials--
  }
}
