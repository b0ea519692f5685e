import { DUE_COMPARE, DUE_RECONNECT } from './due.ts'
import { MAX_LINKS, MAX_LINKS_AT_ALL } from './bounds.ts'
import type { Link } from './link.ts'
import { ASK_TIMEOUT_MS } from './links.ts'
import type { Parts } from './parts.ts'
import { reconnectMs } from './reconnect.ts'
import { RANDOM_ROUNDS } from './ring-links.ts'
import { mayVote } from './rings.ts'
import { DEAD } from './state.ts'

/** A link that no rule of ours wants is kept for those that ping on it: so many probe intervals after the last ping. */
export const IDLE_INTERVALS = 10

/** After a burst views are compared so much more often: links changed, and some claims were lost with them. */
const BURST_FACTOR = 4

/** What is done from time to time: links that nobody needs, comparisons, the dead. */
export class Tending {
  readonly #parts: Parts
  #rounds = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get digestAt(): number {
    return this.#parts.context.dues[DUE_COMPARE] ?? Infinity
  }

  set digestAt(at: number) {
    this.#parts.context.dues[DUE_COMPARE] = at
  }

  get reconnectAt(): number {
    return this.#parts.context.dues[DUE_RECONNECT] ?? Infinity
  }

  set reconnectAt(at: number) {
    this.#parts.context.dues[DUE_RECONNECT] = at
  }

  start(now: number): void {
    const { profile, random } = this.#parts.context
    this.digestAt = now + random() * profile.digestIntervalMs
    this.reconnectAt = now + random() * this.#reconnectMs()
  }

  /** Once each probe interval. */
  round(now: number): void {
    const { context, links, comparer, pusher, joiner, rings, suspicions } = this.#parts
    const idleMs = IDLE_INTERVALS * context.profile.probeIntervalMs
    for (const link of links.all()) {
      if (link.isAsked && now - link.askedAt > ASK_TIMEOUT_MS) {
        links.failed(link, now)
      }
      if (link.isWanted) {
        links.ask(link, now)
      } else if (link.isUp && now - link.pingedAt > idleMs) {
        links.unlink(link, now)
      } else {
        links.drop(link)
      }
      if (link.isUp && link.isStranger && now - link.upAt >= context.profile.probeIntervalMs) {
        link.isStranger = false
        comparer.start(link.peer)
      }
    }
    suspicions.review(now)
    pusher.regrow(now)
    joiner.round(now)
    this.#rounds++
    if (this.#rounds % RANDOM_ROUNDS === 0) {
      rings.tendRandom(now)
    }
  }

  /** Compare with a random link. */
  compare(now: number): void {
    const { context, links, comparer, ledger, pusher } = this.#parts
    const { profile, random } = context
    this.digestAt = now + profile.digestIntervalMs / (pusher.isBurst(now) ? BURST_FACTOR : 1)
    const link = links.up[Math.floor(random() * links.up.length)]
    if (link !== undefined) {
      comparer.start(link.peer)
    }
    ledger.expire(now)
  }

  /** Try to reach a dead member: after a partition somebody has to be first. */
  reconnect(now: number): void {
    const { context, links, ledger } = this.#parts
    this.reconnectAt = now + this.#reconnectMs()
    const member = ledger.tombstones.pick((dead) => context.view.state(dead) === DEAD, context.random())
    if (member !== undefined) {
      links.ask(links.getOrAdd(member), now)
    }
  }

  /** Whether a link that came up can stay: strangers always for a while, others if a ring wants them or there is room. */
  hasRoomFor(link: Link): boolean {
    const { context, links } = this.#parts
    const { roster, view, profile, self } = context
    if (link.isWanted || links.up.length <= MAX_LINKS) {
      return true
    }
    return (
      links.up.length <= MAX_LINKS_AT_ALL &&
      (!view.isLive(link.peer) || mayVote(roster, view.states, profile.rings, view.liveCount, link.peer, self))
    )
  }

  #reconnectMs(): number {
    const { profile, view } = this.#parts.context
    return reconnectMs(profile.reconnectIntervalMs, view.liveCount)
  }
}
