import type { Run } from '../wire/codec.ts'
import { Asker, forget, pass } from './asker.ts'
import { runBytes, toRuns } from './block-run.ts'
import type { Effects, PeerKey } from './effects.ts'
import { Fetching } from './fetching.ts'
import { Misdeeds } from './misdeeds.ts'
import { Source } from './source.ts'
import type { Ask } from './source.ts'
import type { Deadlines } from './deadlines.ts'
import type { LeafOrder } from './picker.ts'
import type { SwarmPeer } from './swarm-peer.ts'

/** How long a peer that stalled is left alone. */
export const SNUB_MS = 15_000
/** How long one that said it is busy is left alone. */
export const BUSY_PAUSE_MS = 1500
/** Stalls in a row, with no leaf in between, after which a peer is dropped. */
export const MAX_STALLS = 3
/** A grant that finds no room for so long is passed. */
export const GRANT_HOLD_MS = 500
/** Offers of one peer that wait for room: twice what we ourselves offer. More are passed at once. */
export const MAX_OFFERS = 4096

/** Peers of one share, counted. */
export interface Suppliers {
  /** Known to hold something that is missing. */
  readonly holders: number
  /** Of those, the ones that were asked for something that has not come. */
  readonly asked: number
}

export interface LeechInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  readonly meanLeafBytes: number
  /** Canonical leaves that are wanted and not held. */
  readonly missing: Iterable<number>
  /** Uniform in [0, 1). */
  random(): number
  /** Leaves that a peer which has sent none is asked for at once. @default MAX_WRONG_LEAVES */
  readonly trust?: number | undefined
}

/**
 * The download side of one share: what is asked for when a peer says "your turn" (SPEC.md#downloading). What was begun
 * first, then the rarest; at the end from the peer that would need the longest. Pure.
 */
export class Leech {
  readonly #init: LeechInit
  readonly #fetching: Fetching
  readonly #asker: Asker
  readonly #sources = new Map<PeerKey, Source>()
  /** Peers whose grants and offers wait for room; the longest waiting first. */
  readonly #waiting = new Set<Source>()
  readonly #misdeeds = new Misdeeds()

  constructor(init: LeechInit) {
    this.#init = init
    this.#fetching = new Fetching(init)
    this.#asker = new Asker({
      leafBytes: (leaf) => init.leafBytes(leaf),
      meanLeafBytes: init.meanLeafBytes,
      sources: this.#sources,
      fetching: this.#fetching,
      misdeeds: this.#misdeeds
    })
  }

  /** Leaves still missing. */
  get missing(): number {
    return this.#fetching.missing
  }

  get inFlightBytes(): number {
    return this.#fetching.inFlightBytes
  }

  /** What comes before everything else; may be changed at any time. */
  get deadlines(): Deadlines {
    return this.#fetching.deadlines
  }

  reorder(order: LeafOrder): void {
    this.#fetching.reorder(order)
  }

  /** Counts how often something came back from who was asked for it. */
  get returns(): number {
    return this.#fetching.returns
  }

  /** At most so many leaves that are to be had before others and were not asked for. */
  urgent(most: number): number[] {
    return this.#fetching.urgent(most)
  }

  /** The leaf, which is not held, is wanted too. */
  want(leaf: number): void {
    this.#fetching.want(leaf)
  }

  /** The leaf is not wanted any more: what was asked of it is taken back. */
  unwant(leaf: number, now: number, out: Effects): void {
    this.#cancelAll(leaf, out)
    if (this.#fetching.unwant(leaf)) {
      forget([leaf], out)
    }
    this.#fillWaiting(now, out)
  }

  /** Whether something missing is on its way, or any connected peer is known to hold something that is. */
  get hasSource(): boolean {
    const sources = [...this.#sources.values()]
    return (
      this.#fetching.isStoring ||
      sources.some(({ asked, peer }) => asked.size > 0 || this.#fetching.hasOpenIn(peer.has))
    )
  }

  /** Who could send something that is missing. */
  get suppliers(): Suppliers {
    const holding = [...this.#sources.values()].filter(
      ({ asked, peer }) => asked.size > 0 || this.#fetching.hasOpenIn(peer.has)
    )
    // one that stalled is not asked for a while, which is not for want of a slot
    return {
      holders: holding.length,
      asked: holding.filter(({ asked, stalls }) => asked.size > 0 || stalls > 0).length
    }
  }

  /** Whether blocks of the leaf were asked of somebody, or it is being stored. */
  isUnderWay(leaf: number): boolean {
    return this.#fetching.isUnderWay(leaf)
  }

  /** When `tick` has something to do. */
  get wakeAt(): number {
    let at = Infinity
    for (const { granted, grantedAt } of this.#waiting) {
      at = granted > 0 ? Math.min(at, grantedAt + GRANT_HOLD_MS) : at
    }
    return at
  }

  isMissing(leaf: number): boolean {
    return this.#fetching.isMissing(leaf)
  }

  /** Whether the block has not come, and is asked of the peer or was until another one took over. */
  takes(leaf: number, block: number, peer: PeerKey): boolean {
    return this.#fetching.begun(leaf)?.takes(block, peer) ?? false
  }

  /** What was asked of the peer and has not come. */
  outstanding(peer: PeerKey): Run[] {
    const asked = this.#sources.get(peer)?.asked ?? new Map<number, Ask>()
    return [...asked].flatMap(([leaf, { progress }]) => toRuns(leaf, progress.blocksOf(peer)))
  }

  excuse(peer: PeerKey, now: number): void {
    this.#sources.get(peer)?.excuse(now)
  }

  holdBack(peer: PeerKey, now: number): void {
    this.#sources.get(peer)?.holdBack(now)
  }

  join(peer: SwarmPeer, now: number): void {
    const source = new Source(peer, now, this.#init.trust)
    source.distrust(this.#misdeeds.count(peer.key, now) + this.#misdeeds.desertions(peer.key, now))
    source.alone = this.#misdeeds.isSuspect(peer.key)
    this.#sources.set(peer.key, source)
  }

  leave(peer: PeerKey, now: number, out: Effects): void {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return
    }
    this.#sources.delete(peer)
    this.#waiting.delete(source)
    if (source.asked.size > 0) {
      this.#misdeeds.deserted(peer, now)
    }
    for (const leaf of [...source.asked.keys()]) {
      this.#asker.takeBack(source, leaf, undefined, out)
    }
    for (const leaf of source.peer.has.indices()) {
      this.#fetching.changeHolders(leaf, -1)
    }
    forget(this.#fetching.forgetOrphans(), out)
    this.#fillWaiting(now, out)
  }

  /** The peer announced a leaf that it had not announced before. */
  learn(leaf: number): void {
    this.#fetching.changeHolders(leaf, 1)
  }

  /** Each offered leaf is answered: asked for now or as soon as there is room, or passed. */
  offer(peer: PeerKey, leaves: readonly number[], now: number, out: Effects): void {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return
    }
    const passed: number[] = []
    for (const leaf of leaves) {
      if (this.#asker.mayAsk(source, leaf, now) && source.offered.size < MAX_OFFERS && now >= source.pausedUntil) {
        source.offered.add(leaf)
      } else if (!source.asked.has(leaf) && !source.offered.has(leaf)) {
        passed.push(leaf)
      }
    }
    pass(peer, passed, out)
    this.#fill(source, now, out)
  }

  /** "Your turn": ask for up to `leaves`, or pass. */
  grant(peer: PeerKey, leaves: number, now: number, out: Effects): void {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return
    }
    if (now < source.pausedUntil) {
      out.push({ type: 'pass', peer, ranges: [] })
      return
    }
    source.granted = leaves
    source.grantedAt = now
    this.#fill(source, now, out)
  }

  /** The peer will not send these. Unless it is only busy, it is not asked for them again. */
  reject(peer: PeerKey, runs: readonly Run[], busy: boolean, now: number, out: Effects): void {
    const source = this.#sources.get(peer)
    if (source === undefined) {
      return
    }
    if (runs.length > 0) {
      source.lapse(now)
      source.proven = false
    }
    for (const run of runs) {
      this.#asker.takeBack(source, run.leaf, run, out)
      if (!busy && source.peer.has.clear(run.leaf)) {
        source.offered.delete(run.leaf)
        this.#fetching.changeHolders(run.leaf, -1)
      }
    }
    if (busy) {
      this.#pause(source, now + BUSY_PAUSE_MS, out)
    }
    this.#fillWaiting(now, out)
  }

  /** Blocks came; those that are not taken from the peer are not looked at. */
  arrive(peer: PeerKey, run: Run, now: number, out: Effects): void {
    const source = this.#sources.get(peer)
    const progress = this.#fetching.begun(run.leaf)
    if (source === undefined || progress === undefined) {
      return
    }
    const leafBytes = this.#init.leafBytes(run.leaf)
    const spared = new Map<PeerKey, number[]>()
    let bytes = 0
    for (let block = run.first; block < run.first + run.count; block++) {
      if (progress.takes(block, peer)) {
        const other = this.#asker.arrived(progress, block, peer)
        if (other !== undefined) {
          spared.set(other, [...(spared.get(other) ?? []), block])
        }
        bytes += runBytes({ leaf: run.leaf, first: block, count: 1 }, leafBytes)
      }
    }
    for (const [other, blocks] of spared) {
      out.push({ type: 'cancel', peer: other, runs: toRuns(run.leaf, blocks) })
    }
    if (bytes > 0) {
      source.peer.receivedBytes += bytes
      source.addBytes(bytes, now)
      if (progress.isWhole) {
        this.#fetching.complete(progress)
        this.#beginCheck(run.leaf, progress.senders)
        out.push({ type: 'verify', leaf: run.leaf })
      }
    }
  }

  /** The leaf was verified and stored, wherever it came from. */
  stored(leaf: number, now: number, out: Effects): void {
    this.#cancelAll(leaf, out)
    const senders = this.#endCheck(leaf, this.#fetching.stored(leaf)?.senders ?? [])
    for (const sender of senders) {
      const source = this.#sources.get(sender)
      if (source !== undefined) {
        source.earn()
      }
    }
    this.#misdeeds.right(leaf)
    this.#fillWaiting(now, out)
  }

  /**
   * The blocks did not hash to the leaf. It is fetched again, from whoever grants: a liar should show itself soon. Who sent
   * all of it is counted, and dropped after `MAX_WRONG_LEAVES`; where several sent blocks nobody knows who it was, so each
   * of them gets leaves of its own only from then on, and the leaf comes from one peer.
   */
  wrong(leaf: number, writers: readonly PeerKey[], now: number, out: Effects): void {
    const senders = this.#endCheck(leaf, new Set([...(this.#fetching.wrong(leaf)?.senders ?? []), ...writers]))
    const culprit = this.#misdeeds.wrong(leaf, senders, now)
    for (const sender of senders.length > 1 ? senders : []) {
      const source = this.#sources.get(sender)
      if (source !== undefined) {
        source.alone = true
        source.distrust(1)
      }
    }
    const [sender = ''] = senders
    const source = this.#sources.get(sender)
    source?.distrust(this.#misdeeds.count(sender, now))
    if (culprit !== undefined && this.#sources.has(culprit)) {
      this.#drop(culprit, 'wrong-bytes', now, out)
    } else if (source !== undefined && this.#fetching.holders(leaf) <= 1) {
      // nobody else will grant it, and a first seeder does not offer it twice
      this.#asker.askAgain(source, leaf, now, out)
    }
    this.#fillWaiting(now, out)
  }

  /** Peers that stall. */
  look(now: number, out: Effects): void {
    for (const source of [...this.#sources.values()]) {
      if (source.isStalled(now)) {
        this.#snub(source, now, out)
      }
    }
    if (this.#asker.isEnd) {
      this.#relieve(now, out)
    }
    this.#fillWaiting(now, out)
  }

  /** Grants that found no room for too long are passed. */
  tick(now: number, out: Effects): void {
    for (const source of [...this.#waiting]) {
      if (source.granted > 0 && now - source.grantedAt >= GRANT_HOLD_MS) {
        source.granted = 0
        out.push({ type: 'pass', peer: source.peer.key, ranges: [] })
      }
      if (source.granted === 0 && source.offered.size === 0) {
        this.#waiting.delete(source)
      }
    }
  }

  /** Nobody is asked for the leaf any more. */
  #cancelAll(leaf: number, out: Effects): void {
    for (const source of this.#fetching.begun(leaf) === undefined ? [] : this.#sources.values()) {
      this.#asker.cancel(source, leaf, source.asked.get(leaf)?.progress.blocksOf(source.peer.key) ?? [], out)
    }
  }

  #beginCheck(leaf: number, senders: Iterable<PeerKey>): void {
    for (const sender of senders) {
      const source = this.#sources.get(sender)
      if (source !== undefined) {
        source.checking.add(leaf)
        source.checkingBytes += this.#init.leafBytes(leaf)
      }
    }
  }

  /** Returns who sent it. */
  #endCheck(leaf: number, senders: Iterable<PeerKey>): PeerKey[] {
    const all = [...senders]
    for (const sender of all) {
      const source = this.#sources.get(sender)
      if (source?.checking.delete(leaf) === true) {
        source.checkingBytes -= this.#init.leafBytes(leaf)
      }
    }
    return all
  }

  #snub(source: Source, now: number, out: Effects): void {
    const peer = source.peer.key
    source.stalls++
    source.distrust(1)
    if (source.stalls >= MAX_STALLS) {
      this.#drop(peer, 'stalled', now, out)
      return
    }
    for (const [leaf, { progress }] of [...source.asked]) {
      this.#asker.cancel(source, leaf, progress.blocksOf(peer), out)
    }
    this.#pause(source, now + SNUB_MS, out)
  }

  /**
   * At the end, what those were asked for who stand still is open again, if others have it. They need not wait for a grant
   * then: first seeders do not grant, and offer again what is open and urgent.
   */
  #relieve(now: number, out: Effects): void {
    const all = [...this.#sources.values()]
    const standing = all.filter((source) => source.isStanding(now))
    const others =
      standing.length === 0 ? [] : all.filter((source) => source.isReady(now) && !standing.includes(source))
    for (const source of standing) {
      const { key } = source.peer
      const elsewhere = [...source.asked].filter(([leaf]) => others.some(({ peer }) => peer.has.has(leaf)))
      for (const [leaf, { progress }] of elsewhere) {
        this.#asker.cancel(source, leaf, progress.blocksOf(key), out)
      }
      if (elsewhere.length > 0) {
        source.lapse(now)
        source.proven = false
        this.#pause(source, now + BUSY_PAUSE_MS, out)
      }
    }
  }

  /** Leave the peer alone; what waits of its offers and grants is passed. */
  #pause(source: Source, until: number, out: Effects): void {
    const peer = source.peer.key
    source.pausedUntil = Math.max(source.pausedUntil, until)
    this.#waiting.delete(source)
    pass(peer, [...source.offered], out)
    source.offered.clear()
    if (source.granted > 0) {
      source.granted = 0
      out.push({ type: 'pass', peer, ranges: [] })
    }
  }

  /** Nothing more is asked of the peer from here on. */
  #drop(peer: PeerKey, reason: 'wrong-bytes' | 'stalled', now: number, out: Effects): void {
    out.push({ type: 'drop', peer, reason })
    this.leave(peer, now, out)
  }

  /** Those that found no room, the longest waiting first, until there is none again but for one that is full itself. */
  #fillWaiting(now: number, out: Effects): void {
    for (const source of [...this.#waiting]) {
      if (source.isFull()) {
        continue
      }
      this.#waiting.delete(source)
      this.#fill(source, now, out)
      if (this.#waiting.has(source) && !source.isFull()) {
        break
      }
    }
  }

  /** Ask for as much as there is room for; the rest waits. */
  #fill(source: Source, now: number, out: Effects): void {
    if (!this.#asker.fill(source, now, out)) {
      this.#waiting.add(source)
    }
  }
}
