import type { PeerKey } from './effects.ts'
import { Tally } from './tally.ts'

/** Wrong leaves after which a peer is not asked again, over all its sessions. */
export const MAX_WRONG_LEAVES = 3
/** Peers whose misdeeds are remembered when they leave; the oldest is forgotten first. */
export const MAX_REMEMBERED_PEERS = 1024

/** Who sent wrong leaves, and which leaves came out wrong when several peers sent blocks of them. Pure. */
export class Misdeeds {
  readonly #wrong = new Tally(MAX_REMEMBERED_PEERS)
  readonly #deserted = new Tally(MAX_REMEMBERED_PEERS)
  readonly #doubted = new Set<number>()

  /** Leaves that must come whole from one peer, so that it is known who sent them. */
  get doubted(): ReadonlySet<number> {
    return this.#doubted
  }

  /** Whether the peer sent blocks of a leaf that came out wrong, before it left and came back too. */
  isSuspect(peer: PeerKey): boolean {
    return this.#wrong.has(peer)
  }

  /** Wrong leaves that count against the peer now. */
  count(peer: PeerKey, now: number): number {
    return this.#wrong.count(peer, now)
  }

  /** Times that it left and owed what it had been asked for: to come back costs it no more than that. */
  desertions(peer: PeerKey, now: number): number {
    return this.#deserted.count(peer, now)
  }

  deserted(peer: PeerKey, now: number): void {
    this.#deserted.add(peer, now)
  }

  right(leaf: number): void {
    this.#doubted.delete(leaf)
  }

  /** Returns the peer that has now sent too many; each of them is forgiven after a while (`FORGIVE_MS`). */
  wrong(leaf: number, senders: readonly PeerKey[], now: number): PeerKey | undefined {
    const [sender] = senders
    if (sender !== undefined && senders.length === 1) {
      return this.#wrong.add(sender, now) >= MAX_WRONG_LEAVES ? sender : undefined
    }
    this.#doubted.add(leaf)
    for (const each of senders) {
      this.#wrong.note(each, now)
    }
    return undefined
  }
}
