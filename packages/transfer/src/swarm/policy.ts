import type { Run } from '../wire/codec.ts'
import { Announcer } from './announcer.ts'
import { Bitfield } from './bitfield.ts'
import type { Deadline } from './deadlines.ts'
import { UploadQueue } from './upload-queue.ts'
import type { Upload } from './upload-queue.ts'
import type { Effects, PeerKey, PolicyEffect } from './effects.ts'
import { Granter } from './granter.ts'
import { Leech } from './leech.ts'
import type { Suppliers } from './leech.ts'
import { OnceOnly } from './once-only.ts'
import type { LeafOrder } from './picker.ts'
import { measureShare } from './policy-init.ts'
import type { SharePolicyInit } from './policy-init.ts'
import { SteadyClock } from './steady-clock.ts'
import { SwarmPeer } from './swarm-peer.ts'
import type { BlockLimit } from './upload-load.ts'

/** How often stalls and late offers are looked at. */
export const LOOK_MS = 250

/**
 * Who is asked for what, and who is sent what, in one share (SPEC.md#downloading, SPEC.md#uploading): the same code in
 * the runtime and in simulations. Every message of a peer and every local event goes in with the caller's clock in
 * milliseconds, and what is to be done comes out. Call `tick` at `wakeAt`. Nothing is thrown, whatever peers say: callers
 * check at the edge that leaves and runs are inside the share.
 */
export class SharePolicy {
  /** Requests that wait for the uplink; changed by `take` and the policy only. */
  readonly queue: UploadQueue
  readonly #init: SharePolicyInit
  readonly #clock = new SteadyClock()
  readonly #peers = new Map<PeerKey, SwarmPeer>()
  readonly #have: Bitfield
  readonly #leech: Leech
  readonly #granter: Granter
  /** The first pass of a node that had everything from the start. Decides once: one that completes stays a relay. */
  readonly #onceOnly: OnceOnly | undefined
  readonly #announcer: Announcer
  #lookAt = 0
  #out: Effects = []

  constructor(init: SharePolicyInit) {
    this.#init = init
    this.#have = init.have
    const { leafCount, firstOffer } = init
    const { mean, largest } = measureShare(init)
    this.queue = new UploadQueue(init)
    this.#onceOnly = init.have.count === leafCount ? new OnceOnly({ leafCount, firstOffer }) : undefined
    const leafBytes = (leaf: number): number => init.leafBytes(leaf)
    const random = (): number => init.random()
    const { missing, trust } = init
    this.#leech = new Leech({ leafCount, leafBytes, meanLeafBytes: mean, missing, random, trust })
    this.#granter = new Granter({
      leafCount,
      leafBytes,
      meanLeafBytes: mean,
      largestLeafBytes: largest,
      held: init.have.copy(),
      queue: this.queue,
      onceOnly: this.#onceOnly,
      random,
      canTake: (peer) => init.canTake?.(peer) ?? true
    })
    this.#announcer = new Announcer({ have: init.have, granter: this.#granter, onceOnly: this.#onceOnly })
  }

  /** When `tick` should be called next, by the caller's clock; it may be called earlier and later. */
  get wakeAt(): number {
    const look = this.#peers.size > 0 ? this.#lookAt : Infinity
    return this.#clock.outside(Math.min(this.#granter.wakeAt, this.#leech.wakeAt, this.#announcer.wakeAt, look))
  }

  /** Leaves still missing. */
  get missing(): number {
    return this.#leech.missing
  }

  /** Bytes of leaves begun and not stored. */
  get inFlightBytes(): number {
    return this.#leech.inFlightBytes
  }

  /** Whether something missing is on its way, or a connected peer is known to hold something that is. */
  get hasSource(): boolean {
    return this.#leech.hasSource
  }

  /** Who could send something that is missing. */
  get suppliers(): Suppliers {
    return this.#leech.suppliers
  }

  /** Whether the leaf is here, or was asked of somebody. */
  wasAsked(leaf: number): boolean {
    return this.#have.has(leaf) || this.#leech.isUnderWay(leaf)
  }

  /** Whether this node had everything from the start, and seeds each leaf once first. */
  get onceOnly(): boolean {
    return this.#onceOnly !== undefined
  }

  isMissing(leaf: number): boolean {
    return this.#leech.isMissing(leaf)
  }

  /**
   * Whether the block has not come and is asked of the peer, or was until another one took it over. What else comes is to
   * be dropped.
   */
  takes(leaf: number, block: number, peer: PeerKey): boolean {
    return this.#leech.takes(leaf, block, peer)
  }

  /** What was asked of the peer and has not come. */
  outstanding(peer: PeerKey): Run[] {
    return this.#leech.outstanding(peer)
  }

  /** The peer is not to blame for its silence: this node did not get round to reading. */
  excuse(peer: PeerKey, now: number): void {
    this.#leech.excuse(peer, this.#clock.at(now))
  }

  /** A cap of this node keeps it from reading what the peer may have sent: for a moment nothing is taken over from it. */
  holdBack(peer: PeerKey, now: number): void {
    this.#leech.holdBack(peer, this.#clock.at(now))
  }

  /** The cap on this share's uploads in bytes a second; `undefined`: none. Changes at once. */
  setUploadCap(bytesPerSecond: number | undefined, now: number): readonly PolicyEffect[] {
    this.#granter.load.setCap(bytesPerSecond)
    return this.#done(this.#clock.at(now))
  }

  /** @param rttMs - the round trip if something better than answers to grants knows it */
  peerJoined(peer: PeerKey, now: number, rttMs?: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    if (this.#peers.has(peer)) {
      return []
    }
    const joined = new SwarmPeer(peer, new Bitfield(this.#init.leafCount))
    if (rttMs !== undefined) {
      joined.setRtt(rttMs)
    }
    if (this.#peers.size === 0) {
      this.#lookAt = at + LOOK_MS
    }
    this.#peers.set(peer, joined)
    this.#leech.join(joined, at)
    this.#onceOnly?.join(peer, at)
    this.#granter.join(joined)
    this.#announcer.join(peer, this.#out)
    return this.#done(at)
  }

  peerLeft(peer: PeerKey, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#remove(peer, at)
    return this.#done(at)
  }

  /** A new measurement of the round trip. */
  setRtt(peer: PeerKey, rttMs: number): void {
    this.#peers.get(peer)?.setRtt(rttMs)
  }

  /** What its owner waits for comes before everything else, in place of what it waited for before; `undefined`: nothing any more. */
  setDeadline(owner: object, deadline: Deadline | undefined, now: number): void {
    const { deadlines } = this.#leech
    if (deadline === undefined) {
      deadlines.delete(owner)
    } else {
      deadlines.set(owner, { ...deadline, dueMs: this.#clock.at(now) + deadline.dueMs - now })
    }
  }

  /** What comes first of all that has no deadline, from now on. */
  reorder(order: LeafOrder): void {
    this.#leech.reorder(order)
  }

  /** Counts how often something came back from a peer that was asked for it. */
  get returns(): number {
    return this.#leech.returns
  }

  /** At most so many leaves that a deadline or an order puts before others, and that were asked of nobody. */
  urgent(most: number): number[] {
    return this.#leech.urgent(most)
  }

  /** Leaves that are wanted too, and those that are not any more. Those that are held are not looked at. */
  choose(wanted: Iterable<number>, unwanted: Iterable<number>, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    for (const leaf of unwanted) {
      this.#leech.unwant(leaf, at, this.#out)
    }
    for (const leaf of wanted) {
      if (!this.#have.has(leaf)) {
        this.#leech.want(leaf)
      }
    }
    return this.#done(at)
  }

  /** Replaces what the peer said it wants before. `urgent`: it needs these soon. */
  onWant(peer: PeerKey, leaves: Iterable<number>, now: number, urgent = false): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    const wants = new Bitfield(this.#init.leafCount)
    for (const leaf of leaves) {
      wants.set(leaf)
    }
    this.#granter.want(peer, wants)
    this.#onceOnly?.want(peer, wants, at)
    if (urgent) {
      this.#onceOnly?.hurry(peer, wants.indices())
    }
    return this.#done(at)
  }

  /** Adds to what the peer said it wants. `urgent`: it needs these soon, and what it said so of before no sooner than others. */
  onMoreWant(peer: PeerKey, leaves: readonly number[], now: number, urgent = false): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.wantMore(peer, leaves)
    this.#onceOnly?.wantMore(peer, leaves, at)
    if (urgent) {
      this.#onceOnly?.hurry(peer, leaves)
    }
    return this.#done(at)
  }

  /** The peer announced leaves. */
  onHave(peer: PeerKey, leaves: Iterable<number>, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#learn(peer, leaves, at)
    return this.#done(at)
  }

  onOffer(peer: PeerKey, leaves: readonly number[], now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#learn(peer, leaves, at)
    this.#leech.offer(peer, leaves, at, this.#out)
    return this.#done(at)
  }

  /** "Your turn", up to `leaves`. */
  onGrant(peer: PeerKey, leaves: number, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#leech.grant(peer, leaves, at, this.#out)
    return this.#done(at)
  }

  /** No leaves: the peer has no use for a grant. Else it does not want these offers. */
  onPass(peer: PeerKey, leaves: readonly number[], now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.pass(peer, leaves, at)
    this.#onceOnly?.pass(peer, leaves)
    return this.#done(at)
  }

  /** What is not held is rejected, and what is more than the peer may ask for. */
  onRequest(peer: PeerKey, runs: readonly Run[], now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    const held = runs.filter(({ leaf }) => this.#have.has(leaf))
    this.#reject(
      peer,
      'not-held',
      runs.filter(({ leaf }) => !this.#have.has(leaf))
    )
    this.#reject(peer, 'busy', this.#granter.request(peer, held, at))
    for (const { leaf } of held) {
      this.#onceOnly?.request(peer, leaf)
    }
    this.#onceOnly?.progress(peer, at)
    return this.#done(at)
  }

  onCancel(peer: PeerKey, runs: readonly Run[], now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.cancel(peer, runs, at)
    return this.#done(at)
  }

  /** The peer will not send these; `busy`: not now. */
  onReject(peer: PeerKey, runs: readonly Run[], busy: boolean, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#leech.reject(peer, runs, busy, at, this.#out)
    return this.#done(at)
  }

  /** Blocks came from the peer. Those it does not take from the peer are not looked at. */
  onBlocks(peer: PeerKey, run: Run, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#leech.arrive(peer, run, at, this.#out)
    return this.#done(at)
  }

  /** The leaf was verified and stored: it can be served from now on. */
  onStored(leaf: number, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#leech.stored(leaf, at, this.#out)
    this.#announcer.stored(leaf)
    return this.#done(at)
  }

  /** The blocks of the leaf did not hash to it. `writers`: who may have sent part of it beside those whose blocks it is of. */
  onWrong(leaf: number, now: number, writers: readonly PeerKey[] = []): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#leech.wrong(leaf, writers, at, this.#out)
    return this.#done(at)
  }

  /**
   * What the uplink sends next, to a peer that `canTake`: a run, or the part of it that takes the uplink `FRAME_MS`; at
   * most `maxBlocks`. Say `onSent` of its bytes, or `onUnsent`.
   */
  take(canTake: (peer: PeerKey) => boolean, maxBlocks: BlockLimit, now: number): Upload | undefined {
    return this.#granter.take(canTake, maxBlocks, this.#clock.at(now))
  }

  /** So many of the bytes that were taken for the peer are with its lane now, in the order in which they were taken. */
  onSent(peer: PeerKey, bytes: number, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.sent(peer, bytes, at)
    this.#onceOnly?.progress(peer, at)
    return this.#done(at)
  }

  /** Blocks that were taken could not be read; the peer is told. */
  onUnsent(peer: PeerKey, run: Run, now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.unsent(peer, run, at)
    if (this.#peers.has(peer)) {
      this.#reject(peer, 'not-held', [run])
    }
    return this.#done(at)
  }

  /** Time has passed. Also to be called when a peer takes more that did not. */
  tick(now: number): readonly PolicyEffect[] {
    const at = this.#clock.at(now)
    this.#granter.tick(at)
    this.#leech.tick(at, this.#out)
    if (at >= this.#lookAt) {
      this.#lookAt = at + LOOK_MS
      this.#leech.look(at, this.#out)
      this.#onceOnly?.tick(at, this.#granter.isIdle(at))
    }
    return this.#done(at)
  }

  #learn(peer: PeerKey, leaves: Iterable<number>, at: number): void {
    const known = this.#peers.get(peer)
    if (known === undefined) {
      return
    }
    for (const leaf of leaves) {
      if (known.has.set(leaf)) {
        this.#leech.learn(leaf)
        this.#granter.announced(peer, leaf)
        this.#onceOnly?.announce(peer, leaf, at)
      }
    }
  }

  #remove(peer: PeerKey, at: number): void {
    if (this.#peers.delete(peer)) {
      this.#announcer.leave(peer)
      this.#leech.leave(peer, at, this.#out)
      this.#granter.leave(peer, at)
      this.#onceOnly?.leave(peer)
    }
  }

  #reject(peer: PeerKey, reason: 'not-held' | 'busy', runs: readonly Run[]): void {
    if (runs.length > 0) {
      this.#out.push({ type: 'reject', peer, runs, reason })
    }
  }

  /** After every event: peers that are dropped are gone, what is new is shown, and the uplink has something to do. */
  #done(at: number): readonly PolicyEffect[] {
    for (const effect of this.#out) {
      if (effect.type === 'drop') {
        this.#remove(effect.peer, at)
      }
    }
    this.#announcer.pump(at, this.#out)
    this.#granter.pump(at, this.#out)
    const out = this.#out
    this.#out = []
    return out
  }
}
