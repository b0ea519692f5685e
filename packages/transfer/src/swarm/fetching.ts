import { Bitfield } from './bitfield.ts'
import { Deadlines } from './deadlines.ts'
import { Picker } from './picker.ts'
import type { LeafOrder } from './picker.ts'
import { blockCount } from './block-run.ts'
import type { PeerKey } from './effects.ts'
import { LeafProgress } from './leaf-progress.ts'

/** Bytes of leaves begun and not stored, of all peers together; the bound on receive memory. */
export const MAX_IN_FLIGHT_BYTES = 48 * 1024 * 1024
/** Leaves with blocks left over that are looked at for one that a peer has. */
const MAX_PARTIAL_LOOKS = 256

export interface FetchingInit {
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Canonical leaves that are wanted and not held. */
  readonly missing: Iterable<number>
  /** Uniform in [0, 1). */
  random(): number
}

/** Where each missing leaf stands: not begun, begun, or whole and on its way to the disk. Pure. */
export class Fetching {
  /** What comes before everything else. */
  readonly deadlines = new Deadlines()
  readonly #leafBytes: (leaf: number) => number
  readonly #picker: Picker
  readonly #missing: Bitfield
  /** Begun and not whole; the oldest first. */
  readonly #begun = new Map<number, LeafProgress>()
  /** Of those, the ones with blocks that nobody is asked for. */
  readonly #partial = new Set<LeafProgress>()
  /** Whole, being verified and stored. */
  readonly #storing = new Map<number, LeafProgress>()
  /** Asked of somebody who did not send them right, and of nobody since. */
  readonly #returned = new Set<number>()
  #returns = 0
  #inFlightBytes = 0
  #mostMissing = 0

  constructor(init: FetchingInit) {
    this.#leafBytes = (leaf) => init.leafBytes(leaf)
    this.#picker = new Picker(init.leafCount, () => init.random())
    this.#missing = new Bitfield(init.leafCount)
    for (const leaf of init.missing) {
      this.want(leaf)
    }
  }

  get missing(): number {
    return this.#missing.count
  }

  /** The most that was missing at once. */
  get mostMissing(): number {
    return this.#mostMissing
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes
  }

  /** Counts how often something came back from who was asked for it. */
  get returns(): number {
    return this.#returns
  }

  /** Whether some leaf is whole and not stored. */
  get isStoring(): boolean {
    return this.#storing.size > 0
  }

  /** Begun, or whole and not stored. */
  isUnderWay(leaf: number): boolean {
    return this.#begun.has(leaf) || this.#storing.has(leaf)
  }

  isMissing(leaf: number): boolean {
    return this.#missing.has(leaf)
  }

  /** What there is of a leaf that was begun and is not whole. */
  begun(leaf: number): LeafProgress | undefined {
    return this.#begun.get(leaf)
  }

  /** Peers that are known to have the leaf. */
  holders(leaf: number): number {
    return this.#picker.holders(leaf)
  }

  /** One more or one less peer is known to have the leaf. */
  changeHolders(leaf: number, by: 1 | -1): void {
    this.#picker.changeHolders(leaf, by)
  }

  /** Whether blocks of the leaf are open; `whole`: all of them. */
  isOpen(leaf: number, whole: boolean): boolean {
    return this.#picker.isCandidate(leaf) || (!whole && (this.#begun.get(leaf)?.open ?? 0) > 0)
  }

  /** The leaf, which is not held, is wanted from now on. */
  want(leaf: number): void {
    if (this.#missing.set(leaf)) {
      this.#picker.add(leaf)
      this.#mostMissing = Math.max(this.#mostMissing, this.#missing.count)
    }
  }

  /** The leaf is not wanted any more. One that is whole is kept all the same. Returns whether something of it came. */
  unwant(leaf: number): boolean {
    if (this.#storing.has(leaf)) {
      return false
    }
    const begun = this.#begun.get(leaf)
    if (begun !== undefined) {
      this.#end(begun)
    }
    this.#missing.clear(leaf)
    this.#returned.delete(leaf)
    this.#picker.remove(leaf)
    return begun !== undefined
  }

  /** What comes first from here on of the leaves that nobody waits for. */
  reorder(order: LeafOrder): void {
    this.#picker.reorder(order)
  }

  /**
   * At most so many leaves with open blocks to be had before others, the most urgent first: what somebody waits for, what
   * came back from who did not send it (others were told that it is on its way), and what the order says.
   */
  urgent(most: number): number[] {
    const named = new Set<number>()
    for (const leaves of [this.deadlines.inOrder(), this.#returned, this.#picker.next()]) {
      for (const leaf of leaves) {
        if (named.size >= most) {
          return [...named]
        }
        if (this.isOpen(leaf, false)) {
          named.add(leaf)
        }
      }
    }
    return [...named]
  }

  /**
   * A leaf in `held` with open blocks: what somebody waits for, then what was begun, then what the order says. `whole`:
   * only one that was not begun.
   */
  choose(held: Bitfield, whole: boolean): number | undefined {
    const due = this.deadlines.first((leaf) => held.has(leaf) && this.isOpen(leaf, whole))
    return due ?? (whole ? undefined : this.#partialIn(held)) ?? this.#picker.pick(held)
  }

  /** A leaf in `held` that was begun and waits for nobody; what came of it is dropped. */
  restart(held: Bitfield): number | undefined {
    let looks = 0
    for (const progress of this.#partial) {
      if (progress.isIdle && held.has(progress.leaf)) {
        this.giveUp(progress)
        return progress.leaf
      }
      if (++looks >= MAX_PARTIAL_LOOKS) {
        return undefined
      }
    }
    return undefined
  }

  hasOpenIn(held: Bitfield): boolean {
    return this.#picker.hasAny(held) || this.#partialIn(held) !== undefined
  }

  /** Whether there is memory for the leaf. What was begun and waits for nobody makes room; those leaves are returned. */
  makeRoom(leaf: number): { readonly room: boolean; readonly forgotten: readonly number[] } {
    const forgotten: number[] = []
    if (this.#begun.has(leaf)) {
      return { room: true, forgotten }
    }
    const bytes = this.#leafBytes(leaf)
    for (const progress of this.#partial) {
      if (this.#inFlightBytes + bytes <= MAX_IN_FLIGHT_BYTES) {
        break
      }
      if (progress.isIdle) {
        this.giveUp(progress)
        forgotten.push(progress.leaf)
      }
    }
    return { room: this.#inFlightBytes + bytes <= MAX_IN_FLIGHT_BYTES, forgotten }
  }

  /** Ask the peer for these blocks, which are open; all open ones unless they are named. */
  ask(leaf: number, peer: PeerKey, named?: readonly number[]): { progress: LeafProgress; blocks: readonly number[] } {
    const progress = this.#begun.get(leaf) ?? this.#begin(leaf)
    const blocks = named ?? progress.openBlocks()
    for (const block of blocks) {
      progress.ask(block, peer)
    }
    if (progress.open === 0) {
      this.#partial.delete(progress)
      this.#returned.delete(leaf)
    }
    return { progress, blocks }
  }

  /** Blocks that were asked of a peer are open again. */
  free(progress: LeafProgress, blocks: readonly number[]): void {
    for (const block of blocks) {
      progress.free(block)
    }
    this.#partial.add(progress)
    this.#return(progress.leaf)
  }

  /** Drop what came of the leaf; it is as if it had never been begun. */
  giveUp(progress: LeafProgress): void {
    this.#end(progress)
    if (this.#missing.has(progress.leaf)) {
      this.#picker.add(progress.leaf)
    }
  }

  /** Every block is here. */
  complete(progress: LeafProgress): void {
    this.#begun.delete(progress.leaf)
    this.#storing.set(progress.leaf, progress)
  }

  /** It came out wrong: to be fetched again. Returns what there was. */
  wrong(leaf: number): LeafProgress | undefined {
    const progress = this.#storing.get(leaf)
    if (progress !== undefined) {
      this.#storing.delete(leaf)
      this.#inFlightBytes -= this.#leafBytes(leaf)
      this.#picker.add(leaf)
      this.#return(leaf)
    }
    return progress
  }

  /** It is on the disk, wherever it came from. Returns what there was of it. */
  stored(leaf: number): LeafProgress | undefined {
    const whole = this.#storing.get(leaf)
    const begun = this.#begun.get(leaf)
    this.#missing.clear(leaf)
    this.#returned.delete(leaf)
    this.#picker.remove(leaf)
    if (whole !== undefined) {
      this.#storing.delete(leaf)
      this.#inFlightBytes -= this.#leafBytes(leaf)
    } else if (begun !== undefined) {
      this.#end(begun)
    }
    return whole ?? begun
  }

  /** Leaves of which some blocks came, and which nobody has any more: given up. */
  forgetOrphans(): number[] {
    const forgotten: number[] = []
    for (const progress of this.#partial) {
      if (progress.isIdle && this.#picker.holders(progress.leaf) === 0) {
        this.giveUp(progress)
        forgotten.push(progress.leaf)
      }
    }
    return forgotten
  }

  #return(leaf: number): void {
    this.#returns++
    this.#returned.add(leaf)
  }

  #partialIn(held: Bitfield): number | undefined {
    let looks = 0
    for (const { leaf } of this.#partial) {
      if (held.has(leaf)) {
        return leaf
      }
      if (++looks >= MAX_PARTIAL_LOOKS) {
        return undefined
      }
    }
    return undefined
  }

  #begin(leaf: number): LeafProgress {
    const bytes = this.#leafBytes(leaf)
    const progress = new LeafProgress(leaf, blockCount(bytes))
    this.#picker.remove(leaf)
    this.#begun.set(leaf, progress)
    this.#inFlightBytes += bytes
    return progress
  }

  #end(progress: LeafProgress): void {
    this.#begun.delete(progress.leaf)
    this.#partial.delete(progress)
    this.#inFlightBytes -= this.#leafBytes(progress.leaf)
  }
}
