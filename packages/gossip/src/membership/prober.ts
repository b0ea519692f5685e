import { DUE_PROBE, DUE_STEP } from './due.ts'
import { NO_CLAIMS } from './context.ts'
import type { Context } from './context.ts'
import type { Link } from './link.ts'
import { pingOrAck, NONCES } from './ping.ts'
import { better, mayAccuse, smooth, stretch, worse } from './probe.ts'
import type { Claim, ClaimId, MemberIndex } from './types.ts'

/** Others that are asked when it is in doubt who is cut off. */
const ASKED = 4

/** A first link may take so many times as long as an answer. */
const REACH_FACTOR = 3

export interface ProberHooks {
  /** What a ping tells this peer. */
  claimsFor(peer: MemberIndex): readonly Claim[]
  /** It did not answer, and others did. */
  silent(subject: MemberIndex, now: number): void
  /** Links that are up, to subjects and others. */
  readonly up: readonly Link[]
  /** There never was a link to it, though it was asked for long ago. */
  unreached(subject: MemberIndex, now: number): void
}

/**
 * Pings the subjects one after the other, each once in `probeIntervalMs`, and judges their silence. There are no
 * indirect probes: the other observers are those.
 */
export class Prober {
  readonly #context: Context
  readonly #hooks: ProberHooks
  readonly #stepMs: number
  /** Links to the subjects, by ring. */
  readonly slots: (Link | undefined)[]
  localHealth = 0
  /** When this node last had reason to doubt itself. */
  unwellAt = -Infinity
  /** When anybody answered last. */
  heardAt = -Infinity
  /** When all was asked again because this node stood still. */
  #stalledAt = -Infinity
  #slot = 0

  constructor(context: Context, hooks: ProberHooks) {
    const { probeIntervalMs, rings } = context.profile
    this.#context = context
    this.#hooks = hooks
    this.#stepMs = probeIntervalMs / rings
    this.slots = new Array<Link | undefined>(rings).fill(undefined)
  }

  get stepAt(): number {
    return this.#context.dues[DUE_STEP] ?? Infinity
  }

  set stepAt(at: number) {
    this.#context.dues[DUE_STEP] = at
  }

  /** When the first open probe runs out; may be too early. */
  get dueAt(): number {
    return this.#context.dues[DUE_PROBE] ?? Infinity
  }

  set dueAt(at: number) {
    this.#context.dues[DUE_PROBE] = at
  }

  start(now: number): void {
    this.heardAt = now
    this.stepAt = now + this.#context.random() * this.#stepMs
  }

  /** One subject's turn. Returns whether a round begins. */
  step(now: number): boolean {
    const slot = this.#slot
    const last = slot + 1 === this.slots.length
    this.#slot = last ? 0 : slot + 1
    this.stepAt = Math.max(this.stepAt + this.#stepMs, now)
    this.#findDue()
    const link = this.slots[slot]
    if (link?.wasUp === true && !isProbed(link)) {
      this.probe(link, now)
    } else if (link?.wasUp === false && now - link.wantedAt > this.#reachMs()) {
      this.#hooks.unreached(link.peer, now)
    }
    return last
  }

  /** Ask a subject. Where the link has gone down nobody hears it, and that is an answer too. */
  probe(link: Link, now: number): void {
    this.#ask(link, now)
    link.pending = 'first'
    link.dueAt = now + stretch(this.#context.profile.firstTimeoutMs, this.localHealth)
    this.dueAt = Math.min(this.dueAt, link.dueAt)
    this.#context.counters.probes++
    this.#send(link)
  }

  /** Say something on a link whose silence means nothing. */
  greet(link: Link, now: number, claims: readonly Claim[]): void {
    if (!isProbed(link)) {
      this.#ask(link, now)
      link.pending = 'idle'
    }
    this.#context.effects.send(link.peer, pingOrAck('ping', link.nonce, link.takeIds(), claims))
  }

  /** Returns whether it answers our last question. */
  acked(link: Link, nonce: number, now: number): boolean {
    if (nonce !== link.nonce || link.pending === 'none') {
      return false
    }
    if (link.pending !== 'second') {
      link.rttMs = smooth(link.rttMs, now - link.sentAt)
      if (link.pending === 'first' && this.localHealth > 0) {
        this.localHealth = better(this.localHealth)
      }
    }
    link.pending = 'none'
    link.ackedAt = now
    this.heardAt = now
    this.#context.counters.acks++
    return true
  }

  /** Probes that ran out. */
  expire(now: number): void {
    for (const link of this.slots) {
      if (link !== undefined && link.dueAt <= now && isProbed(link)) {
        this.#expired(link, now)
      }
    }
    this.#findDue()
  }

  /** A link that is no subject's any more: its open question is dropped. */
  release(link: Link): void {
    if (isProbed(link)) {
      link.pending = 'idle'
    }
  }

  /**
   * This node stood still: what it waited for may lie unread. All open questions are asked again; but those of one that is
   * late all the time only get more time: asking more would make it, and others on its host, later still.
   */
  stalled(now: number): void {
    const { probeIntervalMs, firstTimeoutMs } = this.#context.profile
    const asksAgain = now - this.#stalledAt >= probeIntervalMs
    this.#stalledAt = asksAgain ? now : this.#stalledAt
    this.doubt(now)
    this.stepAt = Math.max(this.stepAt, now)
    for (const link of this.slots) {
      if (link === undefined || !isProbed(link)) {
        continue
      }
      if (asksAgain) {
        this.probe(link, now)
      } else {
        link.dueAt = Math.max(link.dueAt, now + stretch(firstTimeoutMs, this.localHealth))
      }
    }
    this.#findDue()
  }

  /** Others suspect it: if it is a subject, see for ourselves. */
  verify(subject: MemberIndex, now: number): void {
    for (const link of this.slots) {
      if (link?.isUp === true && link.peer === subject && !isProbed(link)) {
        this.probe(link, now)
      }
    }
  }

  /** Others suspect this node: it may well be slow. */
  accused(): void {
    this.localHealth = worse(this.localHealth, this.#context.profile.maxLocalHealth)
  }

  doubt(now: number): void {
    this.localHealth = worse(this.localHealth, this.#context.profile.maxLocalHealth)
    this.unwellAt = now
    this.#context.counters.voided++
  }

  /** Whether silence of this one since then may be held against it. */
  mayAccuse(subject: MemberIndex, since: number, now: number): boolean {
    let answered = 0
    let others = 0
    for (const link of this.slots) {
      others += link !== undefined && link.peer !== subject ? 1 : 0
    }
    for (const { peer, ackedAt } of this.#hooks.up) {
      answered += peer !== subject && ackedAt >= since ? 1 : 0
    }
    const { witnesses, suspicionMaxMs } = this.#context.profile
    return mayAccuse(answered, others, witnesses, now - this.heardAt, suspicionMaxMs)
  }

  #expired(link: Link, now: number): void {
    const { firstTimeoutMs, secondTimeoutMs } = this.#context.profile
    if (link.pending === 'first') {
      link.pending = 'second'
      link.dueAt = now + stretch(secondTimeoutMs - firstTimeoutMs, this.localHealth)
      this.#send(link)
      this.askOthers(link.peer, now)
      return
    }
    if (this.mayAccuse(link.peer, link.sentAt, now)) {
      link.pending = 'none'
      link.dueAt = Infinity
      this.#hooks.silent(link.peer, now)
    } else {
      this.doubt(now)
      this.probe(link, now)
    }
  }

  /** Are we cut off, or the subject? A few that are not our subjects say so too. */
  askOthers(subject: MemberIndex, now: number): void {
    const { up } = this.#hooks
    const start = Math.floor(this.#context.random() * up.length)
    let asked = 0
    for (let step = 0; step < up.length && asked < ASKED; step++) {
      const link = up[(start + step) % up.length]
      if (link !== undefined && link.peer !== subject && !isProbed(link)) {
        asked++
        this.greet(link, now, NO_CLAIMS)
      }
    }
  }

  /** A first link may take a relay or a punched hole. */
  #reachMs(): number {
    return stretch(REACH_FACTOR * this.#context.profile.secondTimeoutMs, this.localHealth)
  }

  #findDue(): void {
    let next = Infinity
    for (const link of this.slots) {
      if (link !== undefined && link.dueAt < next && isProbed(link)) {
        next = link.dueAt
      }
    }
    this.dueAt = next
  }

  #ask(link: Link, now: number): void {
    link.nonce = (link.nonce + 1) & (NONCES - 1)
    link.sentAt = now
  }

  #send(link: Link): void {
    const ids: readonly ClaimId[] = link.takeIds()
    this.#context.effects.send(link.peer, pingOrAck('ping', link.nonce, ids, this.#hooks.claimsFor(link.peer)))
  }
}

/** A question is out whose silence counts. */
function isProbed({ pending }: Link): boolean {
  return pending === 'first' || pending === 'second'
}
