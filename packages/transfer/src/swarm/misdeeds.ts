import type { PeerKey } from './effects.ts'

/** Wrong leaves after which a peer is not asked again, over all its sessions. */
export const MAX_WRONG_LEAVES = 3
/** Peers whose misdeeds are remembered when they leave; the oldest is forgotten first. */
export const MAX_REMEMBERED_PEERS = 1024

/** Who sent wrong leaves, and which leaves came out wrong when several peers sent blocks of them. */
export class Misdeeds {
  readonly #wrong = new Map<PeerKey, number>()
  readonly #doubted = new Set<number>()

  /** Leaves that must come whole from one peer, so that it is known who sent them. */
  get doubted(): ReadonlySet<number> {
    return this.#doubted
  }

  /** Whether the peer sent blocks of a leaf that came out wrong, before it left and came back too. */
  isSuspect(peer: PeerKey): boolean {
    return this.#wrong.has(peer)
  }

  right(leaf: number): void {
    this.#doubted.delete(leaf)
  }

  /** Returns the peer that has now sent too many. */
  wrong(leaf: number, senders: readonly PeerKey[]): PeerKey | undefined {
    const [sender] = senders
    if (sender !== undefined && senders.length === 1) {
      const count = (this.#wrong.get(sender) ?? 0) + 1
      this.#remember(sender, count)
      return count >= MAX_WRONG_LEAVES ? sender : undefined
    }
    this.#doubted.add(leaf)
    for (const each of senders) {
      this.#remember(each, this.#wrong.get(each) ?? 0)
    }
    return undefined
  }

  #remember(peer: PeerKey, count: number): void {
    this.#wrong.set(peer, count)
    const [oldest] = this.#wrong.keys()
    if (this.#wrong.size > MAX_REMEMBERED_PEERS && oldest !== undefined) {
      this.#wrong.delete(oldest)
    }
  }
}
