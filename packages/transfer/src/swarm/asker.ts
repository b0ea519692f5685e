import type { Run } from '../wire/codec.ts'
import { toRanges } from './bitfield.ts'
import { toRuns } from './block-run.ts'
import type { Effects, PeerKey } from './effects.ts'
import type { Fetching } from './fetching.ts'
import type { LeafProgress } from './leaf-progress.ts'
import type { Misdeeds } from './misdeeds.ts'
import type { Source } from './source.ts'
import { findLoot } from './steal.ts'

/** Of this much at most is one peer asked: one that drips keeps no more from the others. */
export const MAX_ASKED_BYTES = 16 * 1024 * 1024
/** The end: so little of what was to be fetched is missing, or so few leaves. Then peers take over from each other. */
export const END_PART = 1 / 10
export const END_LEAVES = 8

export interface AskerInit {
  leafBytes(leaf: number): number
  readonly meanLeafBytes: number
  readonly sources: ReadonlyMap<PeerKey, Source>
  readonly fetching: Fetching
  readonly misdeeds: Misdeeds
}

/** What is asked of one peer, and taken back from it. Pure. */
export class Asker {
  readonly #init: AskerInit

  constructor(init: AskerInit) {
    this.#init = init
  }

  /** Whether so little is missing that peers take over from each other. */
  get isEnd(): boolean {
    const { missing, mostMissing } = this.#init.fetching
    return missing <= Math.max(Math.ceil(mostMissing * END_PART), END_LEAVES)
  }

  /** Ask for what was offered, then for what the grant allows. Returns `false` when there was no room for all of it. */
  fill(source: Source, now: number, out: Effects): boolean {
    const runs: Run[] = []
    const room = this.#takeOffers(source, runs, now, out) && this.#useGrant(source, runs, now, out)
    if (runs.length > 0) {
      out.push({ type: 'request', peer: source.peer.key, runs })
    }
    return room
  }

  /** Ask the peer for a leaf once more, without its leave: it serves that when nobody else waits. */
  askAgain(source: Source, leaf: number, now: number, out: Effects): void {
    if (source.peer.has.has(leaf) && this.#isOpen(source, leaf) && this.#hasRoom(source, leaf, out)) {
      out.push({ type: 'request', peer: source.peer.key, runs: this.#ask(source, leaf, now) })
    }
  }

  /** Returns `false` when there was no room for all of them. */
  #takeOffers(source: Source, runs: Run[], now: number, out: Effects): boolean {
    const passed: number[] = []
    let room = true
    for (const leaf of this.#byUrgency(source.offered)) {
      const open = this.mayAsk(source, leaf, now)
      room = !open || (!source.isFull() && this.#hasRoom(source, leaf, out))
      if (!room) {
        break
      }
      source.offered.delete(leaf)
      if (open) {
        runs.push(...this.#ask(source, leaf, now))
      } else {
        passed.push(leaf)
      }
    }
    pass(source.peer.key, passed, out)
    return room
  }

  /** R1 to R3. Returns `false` when there was no room for anything. */
  #useGrant(source: Source, runs: Run[], now: number, out: Effects): boolean {
    // leaves are counted, and bytes: the uploader promised so many of the mean size
    let bytes = source.granted * this.#init.meanLeafBytes
    let asked = false
    for (; source.granted > 0; source.granted--) {
      const leaf = this.#choose(source, now, out)
      if (leaf !== undefined && asked && this.#init.leafBytes(leaf) > bytes) {
        break
      }
      if (leaf !== undefined && (source.isFull() || !this.#hasRoom(source, leaf, out))) {
        if (!asked) {
          return false
        }
        break
      }
      const late = this.#stealDue(source, leaf, now, out)
      const own = late.length > 0 ? undefined : leaf
      const more =
        late.length > 0 ? late : own === undefined ? this.#steal(source, now, out) : this.#ask(source, own, now)
      if (more.length === 0) {
        break
      }
      runs.push(...more)
      bytes -= own === undefined ? 0 : this.#init.leafBytes(own)
      asked = true
    }
    if (source.granted > 0 && !asked) {
      out.push({ type: 'pass', peer: source.peer.key, ranges: [] })
    }
    source.granted = 0
    return true
  }

  /** R1. Who gets only leaves of its own takes one that others left half done from the beginning, if there is no other. */
  #choose(source: Source, now: number, out: Effects): number | undefined {
    const { alone, peer } = source
    const leaf = this.#init.fetching.choose(peer.has, alone)
    if (leaf !== undefined && this.#isForOthers(source, leaf, now)) {
      return undefined
    }
    const anew = leaf === undefined && alone ? this.#init.fetching.restart(peer.has) : undefined
    if (anew !== undefined) {
      forget([anew], out)
    }
    return leaf ?? anew
  }

  /** R2: at the end, from another peer. */
  #steal(thief: Source, now: number, out: Effects): Run[] {
    return this.isEnd ? this.#rob(thief, now, out) : []
  }

  /** What somebody waits for and should have by now, from a slower peer, before a leaf that nobody waits for. */
  #stealDue(thief: Source, leaf: number | undefined, now: number, out: Effects): Run[] {
    const { deadlines } = this.#init.fetching
    const isUrgent = deadlines.isEmpty || (leaf !== undefined && deadlines.has(leaf))
    return isUrgent ? [] : this.#rob(thief, now, out, (asked) => deadlines.isDue(asked, now))
  }

  /** What somebody waits for in front. */
  #byUrgency(offered: ReadonlySet<number>): Iterable<number> {
    const { deadlines } = this.#init.fetching
    const due = deadlines.isEmpty ? [] : deadlines.inOrder().filter((leaf) => offered.has(leaf))
    return due.length === 0 ? offered : new Set([...due, ...offered])
  }

  #rob(thief: Source, now: number, out: Effects, isPrey?: (leaf: number) => boolean): Run[] {
    if (!thief.mayTakeOver(now)) {
      return []
    }
    const loot = findLoot(this.#init.sources.values(), thief, now, { kept: this.#init.misdeeds.doubted, isPrey })
    if (loot === undefined) {
      return []
    }
    const { from, ask, blocks, late } = loot
    if (late) {
      from.lapse(now)
    }
    const { progress } = ask
    for (const block of blocks) {
      progress.reassign(block, thief.peer.key)
    }
    const runs = toRuns(progress.leaf, blocks)
    out.push({ type: 'cancel', peer: from.peer.key, runs })
    this.#settle(from, progress.leaf, blocks.length)
    this.#note(thief, progress, blocks.length, now)
    return runs
  }

  /** A block came. Returns who else was asked for it since: that one is to be told. */
  arrived(progress: LeafProgress, block: number, peer: PeerKey): PeerKey | undefined {
    const asked = progress.askedOf(block) ?? peer
    const source = this.#init.sources.get(asked)
    progress.arrived(block, peer)
    const ask = source?.asked.get(progress.leaf)
    if (source !== undefined && ask !== undefined) {
      ask.started ||= asked === peer
      this.#settle(source, progress.leaf, 1)
    }
    return asked === peer ? undefined : asked
  }

  /** Whether something of the leaf can be asked of the peer. */
  mayAsk(source: Source, leaf: number, now: number): boolean {
    return !this.#isForOthers(source, leaf, now) && this.#isOpen(source, leaf)
  }

  /** At the end one that owes, and has not proven itself, is asked for nothing that is to be had from another one. */
  #isForOthers(source: Source, leaf: number, now: number): boolean {
    const isLast = source.owes(now) && !source.proven && this.isEnd
    const others = isLast ? [...this.#init.sources.values()].filter((other) => other !== source) : []
    return others.some((other) => other.peer.has.has(leaf) && other.isReady(now))
  }

  #isOpen(source: Source, leaf: number): boolean {
    return this.#init.fetching.isOpen(leaf, source.alone || this.#init.misdeeds.doubted.has(leaf))
  }

  #hasRoom(source: Source, leaf: number, out: Effects): boolean {
    if (source.askedBytes + this.#init.leafBytes(leaf) > MAX_ASKED_BYTES) {
      return false
    }
    const { room, forgotten } = this.#init.fetching.makeRoom(leaf)
    forget(forgotten, out)
    return room
  }

  /** Ask the peer for blocks of the leaf; all open ones unless some are named. */
  #ask(source: Source, leaf: number, now: number, named?: readonly number[]): Run[] {
    const { progress, blocks } = this.#init.fetching.ask(leaf, source.peer.key, named)
    this.#note(source, progress, blocks.length, now)
    return toRuns(leaf, blocks)
  }

  cancel(source: Source, leaf: number, blocks: readonly number[], out: Effects): void {
    if (blocks.length > 0) {
      const runs = toRuns(leaf, blocks)
      out.push({ type: 'cancel', peer: source.peer.key, runs })
      for (const run of runs) {
        this.takeBack(source, leaf, run, out)
      }
    }
  }

  /** Blocks of the run, or all, that are asked of the peer are open again. */
  takeBack(source: Source, leaf: number, run: Run | undefined, out: Effects): void {
    const ask = source.asked.get(leaf)
    const blocks = ask?.progress.blocksOf(source.peer.key) ?? []
    const named =
      run === undefined ? blocks : blocks.filter((block) => block >= run.first && block < run.first + run.count)
    if (ask === undefined || named.length === 0) {
      return
    }
    const { progress } = ask
    this.#init.fetching.free(progress, named)
    this.#settle(source, leaf, named.length)
    // what one peer alone may send is not completed by others
    const whole = source.alone || this.#init.misdeeds.doubted.has(leaf)
    if (progress.isUntouched || (whole && progress.isIdle)) {
      this.#init.fetching.giveUp(progress)
      forget([leaf], out)
    }
  }

  /** More blocks of a leaf are asked of the peer. */
  #note(source: Source, progress: LeafProgress, blocks: number, now: number): void {
    const ask = source.asked.get(progress.leaf)
    if (ask === undefined) {
      source.asked.set(progress.leaf, { progress, at: now, left: blocks, started: false })
      source.askedBytes += this.#init.leafBytes(progress.leaf)
    } else {
      ask.left += blocks
    }
  }

  /** Blocks that were asked of the peer came, or are not asked of it any more. */
  #settle(source: Source, leaf: number, blocks: number): void {
    const ask = source.asked.get(leaf)
    if (ask !== undefined) {
      ask.left -= blocks
      if (ask.left === 0) {
        source.asked.delete(leaf)
        source.askedBytes -= this.#init.leafBytes(leaf)
      }
    }
  }
}

/** Say no to offers. */
export function pass(peer: PeerKey, leaves: readonly number[], out: Effects): void {
  if (leaves.length > 0) {
    out.push({ type: 'pass', peer, ranges: toRanges(leaves) })
  }
}

/** What came of these leaves will not be completed. */
export function forget(leaves: readonly number[], out: Effects): void {
  for (const leaf of leaves) {
    out.push({ type: 'forget', leaf })
  }
}
