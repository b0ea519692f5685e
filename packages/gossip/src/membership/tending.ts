import { DUE_COMPARE, DUE_RECONNECT } from './due.ts'
import { MAX_LINKS, MAX_LINKS_AT_ALL } from './bounds.ts'
import type { Link } from './link.ts'
import { ASK_TIMEOUT_MS } from './links.ts'
import type { Parts } from './parts.ts'
import { reconnectMs, reconnectShare } from './reconnect.ts'
import { RANDOM_ROUNDS } from './ring-links.ts'
import { mayVote } from './rings.ts'
import { ALIVE, DEAD } from './state.ts'

/** A link that no rule of ours wants is kept for those that ping on it: so many probe intervals after the last ping. */
export const IDLE_INTERVALS = 10

/** After a burst views are compared so much more often: links changed, and some claims were lost with them. */
const BURST_FACTOR = 4

/** And more often if what came was votes: whom one misses is believed in for long, and may be the only one that pushes to us. */
const VOTES_FACTOR = 10

/** Places that others' choices leave free: a ring that changes needs its link before the old one is let go. */
export const RING_RESERVE = 3

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
    this.#catchUp(now)
    pusher.regrow(now)
    joiner.round(now)
    this.#rounds++
    if (this.#rounds % RANDOM_ROUNDS === 0) {
      rings.tendRandom(now)
    }
  }

  /** Compare with a random link. */
  compare(now: number): void {
    this.digestAt = now + this.#digestMs(now)
    this.#compareWithAny()
    this.#parts.ledger.expire(now)
  }

  /** Try to reach a dead member: after a partition somebody has to be first. */
  reconnect(now: number): void {
    const { context, links, ledger } = this.#parts
    this.reconnectAt = now + this.#reconnectMs()
    const { view, random } = context
    const member = ledger.tombstones.pick((dead) => view.state(dead) === DEAD, random())
    if (
      member !== undefined &&
      random() < reconnectShare(now - ledger.tombstones.since(member), Math.max(1, view.liveCount - 1))
    ) {
      links.ask(links.getOrAdd(member), now)
    }
  }

  /** Whether a link that came up can stay: strangers always for a while, others if a ring wants them or there is room. */
  hasRoomFor(link: Link): boolean {
    const { context, links } = this.#parts
    const { roster, view, profile, self } = context
    if (link.isWanted || links.up.length <= MAX_LINKS - RING_RESERVE) {
      return true
    }
    return (
      links.up.length <= MAX_LINKS_AT_ALL &&
      (!view.isLive(link.peer) || mayVote(roster, view.states, profile.rings, view.liveCount, link.peer, self))
    )
  }

  /** Who may have missed something does not wait for its turn. */
  #catchUp(now: number): void {
    const { context, suspicions } = this.#parts
    this.digestAt = Math.min(this.digestAt, now + this.#digestMs(now))
    if (suspicions.isLacking(now - context.profile.suspicionMinMs)) {
      this.#compareWithAny()
    }
  }

  #digestMs(now: number): number {
    const { context, pusher } = this.#parts
    const factor = pusher.isBurstOfLife(now) ? BURST_FACTOR : pusher.isBurst(now) ? VOTES_FACTOR : 1
    return context.profile.digestIntervalMs / factor
  }

  /** With a random link; rather not with one from whose end nothing may come. */
  #compareWithAny(): void {
    const { context, links, comparer } = this.#parts
    const sound = links.up.filter(({ peer }) => context.view.state(peer) === ALIVE)
    const candidates = sound.length > 0 ? sound : links.up
    const link = candidates[Math.floor(context.random() * candidates.length)]
    if (link !== undefined) {
      comparer.start(link.peer)
    }
  }

  #reconnectMs(): number {
    const { profile, view } = this.#parts.context
    return reconnectMs(profile.reconnectIntervalMs, view.liveCount)
  }
}
