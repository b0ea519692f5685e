import type { Context } from './context.ts'
import { Link } from './link.ts'
import type { MemberIndex } from './types.ts'

/** An adapter that does not answer has failed after so long. */
export const ASK_TIMEOUT_MS = 30_000
/** Longest pause before a peer that could not be reached is tried again: it may be back, and two tries a minute are cheap. */
const MAX_BACKOFF_MS = 30_000

/** The links of one machine, up and wanted. */
export class Links {
  readonly #context: Context
  readonly #links = new Map<MemberIndex, Link>()
  /** Those that are up. */
  readonly up: Link[] = []
  /** Of those, how many we asked not to push to us. */
  pruned = 0

  constructor(context: Context) {
    this.#context = context
  }

  get(peer: MemberIndex): Link | undefined {
    return this.#links.get(peer)
  }

  all(): Iterable<Link> {
    return this.#links.values()
  }

  getOrAdd(peer: MemberIndex): Link {
    let link = this.#links.get(peer)
    if (link === undefined) {
      link = new Link(peer)
      this.#links.set(peer, link)
    }
    return link
  }

  /** Ask for the link, if it is not up, asked for, or failed just before. */
  ask(link: Link, now: number): void {
    if (!link.isUp && !link.isAsked && now >= link.retryAt) {
      link.isAsked = true
      link.askedAt = now
      this.#context.counters.dials++
      this.#context.effects.link(link.peer)
    }
  }

  /** Returns whether it was down. */
  cameUp(link: Link, now: number): boolean {
    link.isAsked = false
    link.failures = 0
    link.retryAt = 0
    link.pingedAt = now
    if (link.isUp) {
      return false
    }
    link.isUp = true
    link.upAt = now
    link.wasUp = true
    this.up.push(link)
    return true
  }

  wentDown(link: Link, now: number): void {
    this.setPruned(link, false)
    if (link.isUp) {
      link.downAt = now
    }
    const place = this.up.indexOf(link)
    if (place >= 0) {
      this.up.splice(place, 1)
    }
    link.reset()
  }

  failed(link: Link, now: number): void {
    link.isAsked = false
    link.failures++
    link.retryAt = now + Math.min(MAX_BACKOFF_MS, this.#context.profile.firstTimeoutMs * 2 ** (link.failures - 1))
    this.#context.counters.dialsRefused++
  }

  setPruned(link: Link, isPruned: boolean): void {
    if (link.isPruned !== isPruned) {
      link.isPruned = isPruned
      this.pruned += isPruned ? 1 : -1
    }
  }

  /** No rule wants it any more. Forgotten unless it is up. */
  drop(link: Link): void {
    if (!link.isUp && !link.isAsked && !link.isWanted) {
      this.#links.delete(link.peer)
    }
  }

  /** Give it up. */
  unlink(link: Link, now: number): void {
    const had = link.isUp || link.isAsked
    this.wentDown(link, now)
    this.drop(link)
    if (had) {
      this.#context.effects.unlink(link.peer)
    }
  }
}
