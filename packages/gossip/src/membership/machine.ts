import {
  DUE_COMPARE,
  DUE_PROBE,
  DUE_PUSH,
  DUE_RECONNECT,
  DUE_REFUSAL,
  DUE_RELINK,
  DUE_STEP,
  DUE_SYNC,
  DUE_VERDICT,
  earliest,
  newDues
} from './due.ts'
import { ACCUSE_AGAIN_MS, Accusers } from './accusers.ts'
import { MAX_CONTACTS, MAX_PING_CLAIMS } from './bounds.ts'
import { Comparer } from './comparer.ts'
import { newCounters } from './context.ts'
import type { Context } from './context.ts'
import { claimsFor, claimsOf } from './evidence.ts'
import { Inbox } from './inbox.ts'
import { Joiner } from './joiner.ts'
import { Leaving } from './leaving.ts'
import { Ledger } from './ledger.ts'
import { Links } from './links.ts'
import { Own } from './own.ts'
import type { Parts } from './parts.ts'
import { Prober } from './prober.ts'
import type { MembershipProfile } from './profile.ts'
import { Pusher } from './pusher.ts'
import { Refusals } from './refusals.ts'
import { RingLinks } from './ring-links.ts'
import type { Roster } from './roster.ts'
import { ALIVE, statusOf, UNKNOWN } from './state.ts'
import { Suspicions } from './suspicions.ts'
import type { GroupOf } from './suspicions.ts'
import { Tending } from './tending.ts'
import type {
  Claim,
  Evidence,
  LinkEnd,
  MachineStart,
  MachineStats,
  MemberIndex,
  MemberRecord,
  MembershipEffects,
  MembershipMachine,
  MembershipMessage
} from './types.ts'
import { View } from './view.ts'

/** After a stall, verdicts wait this much for what lies unread. */
const DRAIN_MS = 1_000

/** A first dial may fail by chance; the second counts. */
const DIALS_BEFORE_ACCUSING = 2

export interface MachineInit {
  readonly self: MemberIndex
  readonly roster: Roster
  readonly profile: MembershipProfile
  readonly effects: MembershipEffects
  /** In [0, 1). */
  readonly random: () => number
  /** Members of one group (an address range) have one vote against a member. Below 0: unknown. @default all unknown */
  readonly groupOf?: GroupOf
}

/** A machine for one member. Nothing happens before `start`. */
export function createMachine(init: MachineInit): MembershipMachine {
  return new Machine(init)
}

class Machine implements MembershipMachine {
  readonly #context: Context
  readonly #parts: Parts
  readonly #inbox: Inbox
  readonly #tending: Tending
  #isStarted = false

  constructor({ self, roster, profile, effects, random, groupOf }: MachineInit) {
    const view = new View(roster)
    const context: Context = { self, roster, view, profile, effects, random, counters: newCounters(), dues: newDues() }
    this.#context = context
    const accusers = new Accusers(roster.capacity)
    const suspicions = new Suspicions(context, accusers, groupOf)
    const links = new Links(context)
    const prober = new Prober(context, {
      claimsFor: (peer) => claimsFor(view, suspicions, peer, random),
      up: links.up,
      silent: (subject, now) => this.#accuse(subject, 'silent', now),
      unreached: (subject, now) => this.#parts.refusals.add(subject, 'silent', now)
    })
    const comparer = new Comparer(context, {
      claimsOf: (member) => claimsOf(view, suspicions, member),
      isUp: (peer) => links.get(peer)?.isUp ?? false,
      goneSince: (member) => this.#parts.ledger.tombstones.since(member),
      lacksVotes: (member) => suspicions.lacks(member)
    })
    const rings = new RingLinks(context, links, prober)
    this.#parts = {
      context,
      accusers,
      links,
      prober,
      suspicions,
      comparer,
      rings,
      pusher: new Pusher(context, links),
      ledger: new Ledger(context, suspicions, {
        ringChanged: (member, now) => rings.changed(member, now),
        revived: (member) => comparer.settled(member),
        suspected: (member, now) => {
          prober.verify(member, now)
          if (links.get(member)?.isPruned === false) {
            this.#parts.pusher.regrow(now)
          }
        }
      }),
      refusals: new Refusals(context, prober, {
        accuse: (subject, evidence, now) => this.#accuse(subject, evidence, now)
      }),
      joiner: new Joiner(context, links, comparer),
      own: new Own(context, accusers, { signed: (claim, now) => this.signed(claim, now) }),
      leaving: new Leaving(context, links, prober)
    }
    this.#inbox = new Inbox(this.#parts)
    this.#tending = new Tending(this.#parts)
  }

  get self(): MemberIndex {
    return this.#context.self
  }

  get incarnation(): number {
    return this.#parts.own.incarnation
  }

  get liveCount(): number {
    return Math.max(0, this.#context.view.liveCount - 1)
  }

  get wakeAt(): number {
    if (!this.#isStarted) {
      return Infinity
    }
    if (this.#parts.own.isLeaving) {
      return this.#parts.leaving.dueAt
    }
    return earliest(this.#context.dues)
  }

  start(now: number, { incarnation, metadata, contacts = [], members = [] }: MachineStart): void {
    const { view, self } = this.#context
    this.#isStarted = true
    this.#parts.prober.start(now)
    let own: Claim | undefined
    for (const claim of members) {
      if (claim.subject === self) {
        own = claim
      } else {
        view.set(claim.subject, ALIVE, claim)
      }
    }
    this.#parts.own.start(incarnation, metadata, own, now)
    this.#tending.start(now)
    this.#parts.rings.relink(now)
    if (members.length > 0) {
      this.#parts.joiner.done()
    }
    this.#parts.joiner.start(contacts, now)
  }

  tick(now: number): void {
    const { dues } = this.#context
    const late = now - this.wakeAt > this.#context.profile.lateMs
    if (this.#parts.own.isLeaving) {
      if (now >= this.#parts.leaving.dueAt) {
        this.#parts.leaving.flush(now)
      }
      return
    }
    if (late) {
      this.#parts.prober.stalled(now)
      this.#parts.suspicions.postpone(now + DRAIN_MS)
    }
    if (now >= (dues[DUE_PROBE] ?? Infinity)) {
      this.#parts.prober.expire(now)
    }
    if (now >= (dues[DUE_STEP] ?? Infinity) && this.#parts.prober.step(now)) {
      this.#tending.round(now)
    }
    if (now >= (dues[DUE_PUSH] ?? Infinity)) {
      this.#parts.pusher.flush(now)
    }
    if (now >= (dues[DUE_VERDICT] ?? Infinity)) {
      this.#parts.ledger.judge(now)
    }
    if (now >= (dues[DUE_SYNC] ?? Infinity)) {
      this.#parts.comparer.flush(now)
    }
    if (now >= (dues[DUE_REFUSAL] ?? Infinity)) {
      this.#parts.refusals.check(now)
    }
    if (now >= (dues[DUE_RELINK] ?? Infinity)) {
      this.#parts.rings.relink(now)
    }
    if (now >= (dues[DUE_COMPARE] ?? Infinity)) {
      this.#tending.compare(now)
    }
    if (now >= (dues[DUE_RECONNECT] ?? Infinity)) {
      this.#tending.reconnect(now)
    }
  }

  receive(from: MemberIndex, message: MembershipMessage, now: number): void {
    this.#inbox.receive(from, message, now)
  }

  isNews(claim: Claim, from: MemberIndex, now: number): boolean {
    return claim.subject === this.self
      ? this.#parts.own.concerns(claim, from, now)
      : this.#parts.ledger.isNews(claim, now)
  }

  signed(claim: Claim, now: number): void {
    if (claim.kind === 'suspect') {
      if (this.#parts.suspicions.isOpenTo(this.self, claim.subject, claim.incarnation)) {
        this.#context.counters.accusations++
        this.#parts.ledger.vote(claim, 0, now)
        this.#parts.pusher.add(claim, this.self, 0, now)
      }
      return
    }
    if (claim.incarnation !== this.incarnation) {
      return
    }
    this.#parts.own.claim = claim
    if (claim.kind === 'left') {
      this.#parts.leaving.start(claim, now)
    } else if (!this.#parts.own.isLeaving) {
      this.#context.view.set(this.self, ALIVE, claim)
      this.#parts.pusher.add(claim, this.self, 0, now)
    }
  }

  linkUp(peer: MemberIndex, now: number): void {
    if (peer === this.self) {
      return
    }
    const { view } = this.#context
    const link = this.#parts.links.getOrAdd(peer)
    if (!this.#parts.links.cameUp(link, now)) {
      return
    }
    if (!this.#tending.hasRoomFor(link)) {
      this.#parts.links.unlink(link, now)
      return
    }
    this.#parts.refusals.remove(peer, true)
    link.isStranger = view.state(peer) === UNKNOWN
    const { claim } = this.#parts.own
    const about = claimsFor(view, this.#parts.suspicions, peer, this.#context.random)
    this.#parts.prober.greet(link, now, claim === undefined ? about : [claim, ...about].slice(0, MAX_PING_CLAIMS))
    this.#parts.pusher.linked(link, now)
    this.#parts.joiner.linked(now)
  }

  linkDown(peer: MemberIndex, end: LinkEnd, now: number): void {
    const link = this.#parts.links.get(peer)
    if (link === undefined) {
      return
    }
    const { isUp } = link
    const isSubject = link.slot >= 0 && this.#context.view.isLive(peer)
    this.#parts.links.wentDown(link, now)
    if (isUp && end === 'closed') {
      // it has no room for one of our choice: another will do
      link.isRandom = false
      if (now - link.upAt < this.#context.profile.probeIntervalMs) {
        // hardly up: whatever closed it would do so again
        link.retryAt = now + this.#context.profile.firstTimeoutMs
      }
      if (link.isWanted) {
        this.#parts.links.ask(link, now)
      }
      if (isSubject) {
        this.#parts.prober.probe(link, now)
      }
    } else {
      this.#parts.links.failed(link, now)
      link.isRandom = false
      const refused = end === 'refused' && link.wasUp && now - link.downAt < this.#context.profile.probeIntervalMs
      if (isSubject && (refused || link.failures >= DIALS_BEFORE_ACCUSING)) {
        this.#parts.refusals.add(peer, refused ? 'closed' : 'silent', now)
      }
    }
    this.#parts.links.drop(link)
    this.#parts.joiner.unlinked(peer, now)
    this.#parts.leaving.check()
  }

  setMetadata(metadata: Uint8Array, now: number): void {
    this.#parts.own.setMetadata(metadata, now)
  }

  leave(now: number): void {
    if (this.#isStarted && !this.#parts.own.isLeaving) {
      this.#parts.own.leave(now)
    }
  }

  record(member: MemberIndex): MemberRecord | undefined {
    const { view } = this.#context
    const status = statusOf(view.state(member))
    const claim = view.claim(member)
    return member === this.self || status === undefined || claim === undefined
      ? undefined
      : { status, incarnation: claim.incarnation, claim }
  }

  rtt(member: MemberIndex): number | undefined {
    return this.#parts.links.get(member)?.rttMs
  }

  holds(member: MemberIndex): boolean {
    return this.#context.view.state(member) !== UNKNOWN || this.#parts.links.get(member) !== undefined
  }

  *members(): Generator<MemberIndex> {
    for (const member of this.#context.view.members()) {
      if (member !== this.self) {
        yield member
      }
    }
  }

  snapshot(): Claim[] {
    const { view } = this.#context
    const claims: Claim[] = []
    for (const member of this.members()) {
      const claim = view.claim(member)
      if (claim !== undefined && view.isLive(member) && claims.length < MAX_CONTACTS) {
        claims.push(claim)
      }
    }
    return claims
  }

  stats(): MachineStats {
    const { localHealth } = this.#parts.prober
    return { ...this.#context.counters, localHealth, links: this.#parts.links.up.length }
  }

  #accuse(subject: MemberIndex, evidence: Evidence, now: number): void {
    const { context, accusers, suspicions, own } = this.#parts
    const { self } = context
    const incarnation = context.view.claim(subject)?.incarnation
    if (
      incarnation !== undefined &&
      suspicions.isOpenTo(self, subject, incarnation) &&
      accusers.mayAccuse(self, subject, ACCUSE_AGAIN_MS, now)
    ) {
      own.sign({ kind: 'suspect', subject, incarnation, evidence }, now)
    }
  }
}
