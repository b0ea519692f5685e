import type { PeerKey } from './effects.ts'

/** Leaves stored within this time are announced in one message to those who wait for news of them. */
export const HAVE_BATCH_MS = 15
/** Nobody is told later than this after a leaf was stored. */
export const MAX_UNTOLD_MS = 500
/** Nor of more leaves at once than this. */
export const MAX_UNTOLD_LEAVES = 16
/** A peer that is granted and knows of fewer useful leaves is told of the others first, so that it has a choice. */
export const MIN_CHOICE_LEAVES = 4

interface Stored {
  readonly leaf: number
  readonly at: number
}

/**
 * Who is told when of the leaves that this node stored. A HAVE of each leaf to each peer is most of what a swarm says, and
 * few of them matter soon: to those who sent the leaf, and to whoever is about to be granted. The others are told of
 * several leaves together. Pure.
 */
export class Announcer {
  /** What somebody was not told, oldest first; place 0 of the swarm's own count is `#forgotten` before it. */
  readonly #log: Stored[] = []
  #forgotten = 0
  /** Up to which place each peer was told. */
  readonly #told = new Map<PeerKey, number>()
  /** To be told with the next batch. */
  readonly #soon = new Set<PeerKey>()
  /** Peers that sent parts of leaves which are not stored yet. */
  readonly #senders = new Map<number, Set<PeerKey>>()
  #batchAt = -Infinity

  /** When `due` has something to say; `Infinity` when there is nothing. */
  get nextAt(): number {
    const [oldest] = this.#log
    const soon = this.#soon.size > 0 ? this.#batchAt + HAVE_BATCH_MS : Infinity
    return Math.min(soon, oldest === undefined ? Infinity : oldest.at + MAX_UNTOLD_MS)
  }

  /** A peer that knows what this node has now. */
  join(peer: PeerKey): void {
    this.#told.set(peer, this.#end)
  }

  leave(peer: PeerKey): void {
    this.#told.delete(peer)
    this.#soon.delete(peer)
    this.#forget()
  }

  /** A part of the leaf came from the peer: how much it sends next depends on hearing what became of it. */
  came(leaf: number, peer: PeerKey): void {
    const senders = this.#senders.get(leaf)
    if (senders === undefined) {
      this.#senders.set(leaf, new Set([peer]))
    } else {
      senders.add(peer)
    }
  }

  /** What came of the leaf was wrong. */
  wrong(leaf: number): void {
    this.#senders.delete(leaf)
  }

  /** @param isLate - so little is missing that each HAVE may save a grant that would be passed */
  stored(leaf: number, isLate: boolean, now: number): void {
    this.#log.push({ leaf, at: now })
    for (const [peer, told] of this.#told) {
      if (isLate || this.#senders.get(leaf)?.has(peer) === true || this.#end - told >= MAX_UNTOLD_LEAVES) {
        this.#soon.add(peer)
      }
    }
    this.#senders.delete(leaf)
    this.#forget()
  }

  /** Peers that are to be told now: `take` what each was not told. */
  due(now: number): PeerKey[] {
    if (now < this.nextAt) {
      return []
    }
    const isBatch = now >= this.#batchAt + HAVE_BATCH_MS
    if (isBatch && this.#soon.size > 0) {
      this.#batchAt = now
    }
    const due: PeerKey[] = []
    for (const [peer, told] of this.#told) {
      const oldest = this.#log[told - this.#forgotten]
      const isOld = oldest !== undefined && now >= oldest.at + MAX_UNTOLD_MS
      if (isOld || (isBatch && this.#soon.has(peer))) {
        due.push(peer)
      }
    }
    return due
  }

  /** How many leaves the peer was not told of. */
  untold(peer: PeerKey): number {
    return this.#end - (this.#told.get(peer) ?? this.#end)
  }

  /** The leaves that the peer was not told of: it is now. */
  take(peer: PeerKey): number[] {
    const told = this.#told.get(peer)
    this.#soon.delete(peer)
    if (told === undefined || told === this.#end) {
      return []
    }
    const leaves = this.#log.slice(told - this.#forgotten).map(({ leaf }) => leaf)
    this.#told.set(peer, this.#end)
    this.#forget()
    return leaves
  }

  get #end(): number {
    return this.#forgotten + this.#log.length
  }

  /** What everybody was told. */
  #forget(): void {
    const first = Math.min(this.#end, ...this.#told.values())
    if (first > this.#forgotten) {
      this.#log.splice(0, first - this.#forgotten)
      this.#forgotten = first
    }
  }
}
