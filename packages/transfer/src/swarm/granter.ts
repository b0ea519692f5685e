import type { Run } from '../wire/codec.ts'
import { MAX_RUNS } from '../wire/limits.ts'
import { runBytes } from './block-run.ts'
import { toRanges } from './bitfield.ts'
import type { Bitfield } from './bitfield.ts'
import type { Upload, UploadQueue } from './upload-queue.ts'
import { DueQueue } from './due-queue.ts'
import type { Effects, PeerKey } from './effects.ts'
import type { OnceOnly } from './once-only.ts'
import type { SwarmPeer } from './swarm-peer.ts'
import { Taker } from './taker.ts'
import type { Grant } from './taker.ts'
import { CREDIT_BYTES, CREDIT_LEAVES, LAG_LEAVES, LAG_PART, nextTurn } from './turn.ts'
import type { TurnRules } from './turn.ts'
import { UploadLoad } from './upload-load.ts'
import type { BlockLimit } from './upload-load.ts'
import { LEAD_MS, MAX_LEAD_MS, MAX_SEED_LEAD_MS, REFILL_MS, refillBytes, SEED_LEAD_MS, windowBytes } from './window.ts'

/** An honest answer takes a round trip and this long; later, the promise is not counted as work any more. */
export const LATE_MS = 150
/** A peer that did not answer a grant for this long gets no other one for as long. */
export const GRANT_TIMEOUT_MS = 10_000
/** After the last block left, a HAVE takes a round trip and this long; then the leaf counts as lacking again. */
export const RECOUNT_MS = 50

export interface GranterInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  readonly meanLeafBytes: number
  readonly largestLeafBytes: number
  /** What this node has shown to its peers or will show when it reveals itself; changed by `show`. */
  readonly held: Bitfield
  readonly queue: UploadQueue
  /** The first pass of a node that had everything from the start. */
  readonly onceOnly: OnceOnly | undefined
  /** Uniform in [0, 1). */
  random(): number
  /** Whether a frame to the peer would not have to wait now. */
  canTake(peer: PeerKey): boolean
}

/**
 * The upload side: to whom this node says "your turn", and when (SPEC.md#uploading). It promises no more than its uplink
 * does in a round trip and `LEAD_MS`, so that what is sent is decided late, by the receiver. Pure.
 */
export class Granter {
  readonly load: UploadLoad
  readonly #takers = new Map<PeerKey, Taker>()
  readonly #init: GranterInit
  readonly #turns: TurnRules
  readonly #recounts = new DueQueue<{ readonly taker: Taker; readonly leaf: number }>()
  /** Peers that passed, until they may be asked again. */
  readonly #passes = new DueQueue<Taker>()
  #longestRttMs = 0

  constructor(init: GranterInit) {
    this.#init = init
    this.load = new UploadLoad({
      queue: init.queue,
      bytesOf: (run) => this.#bytesOf(run),
      creditOf: (peer) => this.#takers.get(peer)?.creditBytes ?? 0
    })
    this.#turns = {
      lagLeaves: Math.max(LAG_LEAVES, Math.ceil(init.leafCount * LAG_PART)),
      creditBytes: init.onceOnly === undefined ? Math.max(CREDIT_LEAVES * init.meanLeafBytes, CREDIT_BYTES) : Infinity,
      prefers: (peer) => init.onceOnly?.isRelay(peer) ?? true,
      canTake: (peer) => init.canTake(peer)
    }
  }

  /** When `tick` has something to do. */
  get wakeAt(): number {
    return Math.min(this.load.nextAt, this.#recounts.nextAt, this.#passes.nextAt)
  }

  join(peer: SwarmPeer): void {
    const taker = new Taker(peer, this.#init.leafCount)
    taker.lot = this.#init.random()
    this.#takers.set(peer.key, taker)
    this.#longestRttMs = Math.max(this.#longestRttMs, peer.rttMs)
  }

  /** The peer knows what this node has from now on. */
  reveal(peer: PeerKey): void {
    const taker = this.#takers.get(peer)
    if (taker !== undefined) {
      taker.shown = true
    }
  }

  leave(peer: PeerKey, now: number): void {
    const taker = this.#takers.get(peer)
    if (taker === undefined) {
      return
    }
    this.#takers.delete(peer)
    this.load.removePeer(peer, now)
    for (const offer of taker.offers.values()) {
      this.load.settle(offer)
    }
    if (taker.grant !== undefined) {
      this.load.settle(taker.grant.promised)
    }
  }

  /** Whether nothing is promised and nobody waits for what was: the uplink could do more. */
  isIdle(now: number): boolean {
    return this.load.waitingBytes(now) <= 0
  }

  /** Replaces what the peer wanted. */
  want(peer: PeerKey, wants: Bitfield): void {
    this.#takers.get(peer)?.want(wants, this.#init.held)
  }

  wantMore(peer: PeerKey, leaves: readonly number[]): void {
    this.#takers.get(peer)?.wantMore(leaves, this.#init.held)
  }

  announced(peer: PeerKey, leaf: number): void {
    this.#takers.get(peer)?.announced(leaf)
  }

  /** Leaves that peers may ask for from now on. */
  show(leaves: readonly number[]): void {
    for (const leaf of leaves) {
      this.#init.held.set(leaf)
    }
    for (const taker of this.#takers.values()) {
      for (const leaf of leaves) {
        taker.fresh(leaf, this.#init.held)
      }
    }
  }

  /** Answers what was offered or granted; returns the runs that found no room in the queue. */
  request(peer: PeerKey, runs: readonly Run[], now: number): readonly Run[] {
    const taker = this.#takers.get(peer)
    if (taker === undefined) {
      return []
    }
    for (const run of runs) {
      this.#answer(taker, run.leaf, now)
      taker.ask(run.leaf, this.#bytesOf(run))
    }
    const refused = this.load.ask(peer, runs, now)
    for (const { leaf } of refused) {
      taker.reconsider(leaf, this.#init.held)
    }
    return refused
  }

  cancel(peer: PeerKey, runs: readonly Run[], now: number): void {
    const taker = this.#takers.get(peer)
    if (taker === undefined) {
      return
    }
    this.load.cancel(peer, runs, now)
    for (const { leaf } of runs) {
      this.#recountLater(taker, leaf, now)
    }
  }

  /** The peer had no use for a grant (no leaves), or for leaves it was offered. */
  pass(peer: PeerKey, leaves: readonly number[], now: number): void {
    const taker = this.#takers.get(peer)
    if (taker === undefined) {
      return
    }
    for (const leaf of leaves) {
      this.#settleOffer(taker, leaf)
    }
    if (leaves.length === 0 && taker.grant !== undefined) {
      taker.creditBytes = Math.max(0, taker.creditBytes - taker.grant.credit)
      this.#settleGrant(taker, taker.grant, now)
      this.#passes.push(taker.passed(now), taker)
    }
  }

  take(canTake: (peer: PeerKey) => boolean, maxBlocks: BlockLimit, now: number): Upload | undefined {
    const upload = this.load.take(canTake, maxBlocks, now)
    const taker = upload === undefined ? undefined : this.#takers.get(upload.peer)
    if (upload !== undefined && taker !== undefined) {
      taker.creditBytes = Math.max(0, taker.creditBytes - this.#bytesOf(upload.run))
    }
    return upload
  }

  sent(peer: PeerKey, bytes: number, now: number): void {
    const parts = this.load.sent(peer, bytes, now)
    const taker = this.#takers.get(peer)
    if (taker === undefined) {
      return
    }
    taker.peer.sentBytes += bytes
    for (const { leaf, bytes: part } of parts) {
      if (taker.sent(leaf, part)) {
        this.#recountLater(taker, leaf, now)
      }
    }
  }

  unsent(peer: PeerKey, run: Run, now: number): void {
    this.load.unsent(peer, run, now)
    this.#takers.get(peer)?.reconsider(run.leaf, this.#init.held)
  }

  tick(now: number): void {
    this.load.expire(now)
    for (let due = this.#recounts.popDue(now); due !== undefined; due = this.#recounts.popDue(now)) {
      due.taker.reconsider(due.leaf, this.#init.held)
    }
    while (this.#passes.popDue(now) !== undefined);
    for (const taker of this.#takers.values()) {
      this.#longestRttMs = Math.max(this.#longestRttMs, taker.peer.rttMs)
      if (taker.grant !== undefined && now - taker.grant.promised.at >= GRANT_TIMEOUT_MS) {
        this.load.settle(taker.grant.promised)
        taker.grant = undefined
        taker.passedUntil = now + GRANT_TIMEOUT_MS
      }
    }
  }

  /** Offer and grant as much as the uplink will have done soon. */
  pump(now: number, out: Effects): void {
    const { onceOnly } = this.#init
    if (onceOnly?.hasOpen !== true || this.#offerAll(onceOnly, now, out)) {
      while (this.#grantOne(now, out));
    }
  }

  /** Returns whether there is room left for grants: nobody takes what is still to offer. */
  #offerAll(onceOnly: OnceOnly, now: number, out: Effects): boolean {
    const offers = new Map<Taker, number[]>()
    const eligible = (peer: PeerKey): boolean => this.#mayOffer(this.#takers.get(peer))
    let room = this.#freeBytes(MAX_SEED_LEAD_MS, now) > 0
    while (room) {
      const next = onceOnly.next(eligible)
      const taker = next === undefined ? undefined : this.#takers.get(next.peer)
      if (next === undefined || taker === undefined) {
        break
      }
      // whose turn it is does not depend on whether there is room: far peers would always be first
      const leadMs = Math.min(SEED_LEAD_MS + taker.peer.rttMs, MAX_SEED_LEAD_MS)
      // once there is room for many, many are offered
      room =
        offers.size === 0
          ? this.#freeBytes(leadMs, now, REFILL_MS) > 0
          : this.#roomBytes(leadMs, now) >= this.#init.leafBytes(next.leaf)
      if (room) {
        onceOnly.place(next, now)
        this.#promiseOffer(taker, next.leaf, now)
        const leaves = offers.get(taker)
        if (leaves === undefined) {
          offers.set(taker, [next.leaf])
        } else {
          leaves.push(next.leaf)
        }
      }
    }
    for (const [{ peer }, leaves] of offers) {
      out.push({ type: 'offer', peer: peer.key, ranges: toRanges(leaves) })
    }
    return room
  }

  #promiseOffer(taker: Taker, leaf: number, now: number): void {
    const bytes = this.#init.leafBytes(leaf)
    taker.offers.set(leaf, this.load.promise(bytes, now, now + taker.peer.rttMs + LATE_MS))
    taker.allow(bytes)
  }

  /** Not while it owes an answer for longer than an answer takes: it may never answer. */
  #mayOffer(taker: Taker | undefined): boolean {
    const [oldest] = taker?.offers.values() ?? []
    const owes = oldest?.counts === false
    return taker !== undefined && !owes && taker.room > 0 && this.#init.canTake(taker.peer.key)
  }

  #grantOne(now: number, out: Effects): boolean {
    const longestMs = Math.min(LEAD_MS + this.#longestRttMs, MAX_LEAD_MS)
    const taker = this.#freeBytes(longestMs, now) > 0 ? nextTurn(this.#takers.values(), this.#turns, now) : undefined
    if (taker === undefined) {
      return false
    }
    const { meanLeafBytes, largestLeafBytes } = this.#init
    const free = this.#freeBytes(Math.min(LEAD_MS + taker.peer.rttMs, MAX_LEAD_MS), now)
    if (free <= 0) {
      return false
    }
    const leaves = Math.min(Math.max(Math.floor(free / meanLeafBytes), 1), taker.useful.count, taker.room, MAX_RUNS)
    const bytes = leaves * meanLeafBytes
    const credit = bytes + largestLeafBytes
    taker.grant = { promised: this.load.promise(bytes, now, now + taker.peer.rttMs + LATE_MS), leaves, credit }
    taker.allow(credit)
    taker.lastGrantAt = now
    taker.lot = this.#init.random()
    out.push({ type: 'grant', peer: taker.peer.key, leaves })
    return true
  }

  /** U1: how much more may be promised. With small leaves nothing until there is room for many. */
  #freeBytes(leadMs: number, now: number, refillMs = 0): number {
    const free = this.#roomBytes(leadMs, now)
    const batch = refillBytes(this.load.perMs, leadMs, refillMs)
    return this.#init.meanLeafBytes < batch && free < batch ? 0 : free
  }

  #roomBytes(leadMs: number, now: number): number {
    return windowBytes(this.load.perMs, leadMs) - this.load.committedBytes(now)
  }

  #answer(taker: Taker, leaf: number, now: number): void {
    if (taker.offers.has(leaf)) {
      this.#settleOffer(taker, leaf)
    } else if (taker.grant !== undefined) {
      this.#settleGrant(taker, taker.grant, now)
    }
  }

  #settleGrant(taker: Taker, { promised }: Grant, now: number): void {
    taker.peer.sampleRtt(now - promised.at)
    this.#longestRttMs = Math.max(this.#longestRttMs, taker.peer.rttMs)
    this.load.settle(promised)
    taker.grant = undefined
  }

  #settleOffer(taker: Taker, leaf: number): void {
    const offer = taker.offers.get(leaf)
    if (offer !== undefined) {
      taker.offers.delete(leaf)
      this.load.settle(offer)
    }
  }

  #recountLater(taker: Taker, leaf: number, now: number): void {
    this.#recounts.push(now + taker.peer.rttMs + RECOUNT_MS, { taker, leaf })
  }

  #bytesOf(run: Run): number {
    return runBytes(run, this.#init.leafBytes(run.leaf))
  }
}
