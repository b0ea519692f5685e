import { MAX_COUNTED_PEERS, MAX_PEER_PROBES_PER_MINUTE, MAX_PROBES_PER_MINUTE } from './constants.ts'

const MINUTE_MS = 60_000

/** One counter that starts anew each minute. */
interface Window {
  start: number
  spent: number
}

/** Bounds of a budget. */
export interface BudgetLimits {
  readonly perPeer: number
  readonly total: number
  readonly peers: number
}

/** Of the probes that one node sends: a peer, or many, cannot make it a flood. */
const LIMITS: BudgetLimits = {
  perPeer: MAX_PEER_PROBES_PER_MINUTE,
  total: MAX_PROBES_PER_MINUTE,
  peers: MAX_COUNTED_PEERS
}

/** Counts what is spent on each peer, and on all, in each minute. Knows no clock: time is passed in. */
export class Budget {
  readonly #limits: BudgetLimits
  readonly #all: Window = { start: 0, spent: 0 }
  readonly #peers = new Map<string, Window>()

  constructor(limits: BudgetLimits = LIMITS) {
    this.#limits = limits
  }

  /** Whether one more may be spent on `peer`; if so, it is. */
  take(peer: string, now: number): boolean {
    const window = this.#window(peer, now)
    roll(this.#all, now)
    roll(window, now)
    if (window.spent >= this.#limits.perPeer || this.#all.spent >= this.#limits.total) {
      return false
    }
    window.spent++
    this.#all.spent++
    return true
  }

  #window(peer: string, now: number): Window {
    const known = this.#peers.get(peer)
    if (known !== undefined) {
      return known
    }
    const [oldest] = this.#peers.keys()
    if (this.#peers.size >= this.#limits.peers && oldest !== undefined) {
      this.#peers.delete(oldest)
    }
    const fresh = { start: now, spent: 0 }
    this.#peers.set(peer, fresh)
    return fresh
  }
}

function roll(window: Window, now: number): void {
  if (now - window.start >= MINUTE_MS) {
    window.start = now
    window.spent = 0
  }
}
