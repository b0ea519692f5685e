import { claimsFor } from './evidence.ts'
import type { Link } from './link.ts'
import type { Parts } from './parts.ts'
import { pingOrAck } from './ping.ts'
import type { Claim, ClaimId, MemberIndex, MembershipMessage, PingOrAck } from './types.ts'

type Message<T extends MembershipMessage['type']> = MembershipMessage & { readonly type: T }

/** Without late timers and unheard pings for so long, this node takes itself for well. */
const WELL_MS = 30_000

/** What messages do. */
export class Inbox {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  receive(from: MemberIndex, message: MembershipMessage, now: number): void {
    const { links, own } = this.#parts
    const link = links.get(from)
    if (link?.isUp !== true) {
      return
    }
    if (message.type === 'ping') {
      this.#pinged(link, message, now)
    } else if (message.type === 'ack') {
      this.#acked(link, message, now)
    } else if (!own.isLeaving) {
      this.#told(link, message, now)
    }
  }

  /** Returns whether it was news. `from` may be this node. */
  accept(claim: Claim, from: MemberIndex, hops: number, now: number): boolean {
    const { context, own, ledger, pusher, prober } = this.#parts
    if (claim.subject === context.self) {
      if (own.concerns(claim, from, now)) {
        const wasWell = now - prober.unwellAt > WELL_MS
        prober.accused()
        own.refute(claim, wasWell, now)
        return true
      }
    } else if (ledger.accept(claim, hops, now)) {
      pusher.add(claim, from, hops, now)
      return true
    }
    context.counters.duplicates++
    // what is held is known to have been heard; only what waits to be sent may be left out for who sent it
    if (pusher.isWaiting || context.view.claim(claim.subject) !== claim) {
      pusher.seen(claim.id, from)
    }
    return false
  }

  #pinged(link: Link, { nonce, ids, claims }: PingOrAck<'ping'>, now: number): void {
    const { context, own, suspicions } = this.#parts
    link.pingedAt = now
    if (ids.length > 0 || claims.length > 0) {
      this.#heard(link, ids, claims, now)
    }
    // who has just said something about itself needs no answer to what we held before
    const about =
      claims.length > 0 || own.isLeaving ? [] : claimsFor(context.view, suspicions, link.peer, context.random)
    context.effects.send(link.peer, pingOrAck('ack', nonce, link.takeIds(), about))
  }

  #acked(link: Link, { nonce, ids, claims }: PingOrAck<'ack'>, now: number): void {
    const { prober, refusals, own, leaving } = this.#parts
    if (prober.acked(link, nonce, now)) {
      if (!refusals.isEmpty) {
        refusals.check(now)
      }
      if (own.isLeaving) {
        link.hasHeardLeave = true
        leaving.check()
      }
    }
    if (ids.length > 0 || claims.length > 0) {
      this.#heard(link, ids, claims, now)
    }
  }

  #heard(link: Link, ids: readonly ClaimId[], claims: readonly Claim[], now: number): void {
    if (this.#parts.own.isLeaving) {
      return
    }
    for (const claim of claims) {
      // it says so itself, or passes on what it holds
      this.accept(claim, link.peer, claim.signer === link.peer ? 1 : 2, now)
    }
    if (ids.length > 0) {
      this.#parts.pusher.offered(link, ids, now)
    }
  }

  #told(link: Link, message: Exclude<MembershipMessage, PingOrAck<'ping'> | PingOrAck<'ack'>>, now: number): void {
    const { pusher, comparer } = this.#parts
    switch (message.type) {
      case 'push':
        this.#pushed(link, message, now)
        break
      case 'prune':
        link.isLazy = true
        break
      case 'want':
        pusher.wanted(link, message.ids)
        break
      case 'digest':
        link.isStranger = false
        comparer.digest(link.peer, message.members, message.buckets, now)
        break
      case 'summary':
        comparer.summary(link.peer, message, now)
        break
      case 'sync':
        this.#synced(link, message, now)
    }
  }

  #pushed(link: Link, { hops, claims, stale = [] }: Message<'push'>, now: number): void {
    const { pusher } = this.#parts
    let news = 0
    for (const claim of claims) {
      news += this.accept(claim, link.peer, hops, now) ? 1 : 0
    }
    for (const id of stale) {
      pusher.seen(id, link.peer)
    }
    // in a burst nearly every push has something new: what matters is how much of it others bring as well
    if (claims.length - news + stale.length > news) {
      pusher.repeated(link, now)
    }
  }

  #synced(link: Link, { claims, done }: Message<'sync'>, now: number): void {
    const { context, joiner, ledger, comparer } = this.#parts
    for (const claim of claims) {
      if (claim.subject !== context.self && !joiner.isSettled) {
        // what a newcomer hears, the others know
        ledger.accept(claim, 0, now)
      } else if (!this.accept(claim, link.peer, 0, now) && claim.kind === 'alive') {
        const held = context.view.claim(claim.subject)
        if (held !== undefined && held.id !== claim.id) {
          comparer.outdated(link.peer, claim.subject, now)
        }
      }
    }
    if (done && !joiner.isSettled) {
      joiner.done()
      this.#parts.rings.relink(now)
    }
  }
}
