/**
 * Contacts of one IP group in a routing table. Ten ids that somebody placed around a key hide nothing (simulated; fifteen
 * begin to), so one network of theirs is harmless, and the nodes of an office have room.
 */
export const MAX_GROUP_CONTACTS = 10

/**
 * Contacts of the IP group this node has a public address in, and of all behind its relays: its neighbours, among whom
 * anybody may rent a place. A hundred placed ids raise the alarm, and are seen through (simulated).
 */
export const MAX_NEAR_CONTACTS = 100

/** Who was let in gets into its bucket in this time; first the others there may be asked whether they live. */
const SETTLE_MS = 60_000

/** So many are remembered before it is looked who of them is in no table. */
const MIN_SWEEP = 1_000

/** Contacts that share a group share its room. */
export interface Place {
  readonly group: string
  readonly most: number
}

/** Who wants in, with its id in the key space. */
export interface Newcomer {
  readonly peer: string
  readonly kadId: Uint8Array
}

interface Admitted {
  readonly kadId: Uint8Array
  readonly at: number
}

/**
 * How many contacts of a table share a group, so that whoever rents a network has not rented the table. Pure: time comes
 * in.
 */
export class GroupCap {
  readonly #isThere: (kadId: Uint8Array) => boolean
  readonly #groups = new Map<string, Map<string, Admitted>>()
  readonly #groupOf = new Map<string, string>()
  #sweepAt = MIN_SWEEP

  /** `isThere`: whether one that was let in is in the table; one whose bucket was full by then is not. */
  constructor(isThere: (kadId: Uint8Array) => boolean) {
    this.#isThere = isThere
  }

  /** Peers that are remembered: who is in the table, and who was let in lately. */
  get size(): number {
    return this.#groupOf.size
  }

  /** Whether one more of its group may be in the table; if so it counts from now on. */
  admits({ peer, kadId }: Newcomer, { group, most }: Place, now: number): boolean {
    if (this.#groupOf.get(peer) !== group) {
      this.left(peer)
    }
    if (this.size >= this.#sweepAt) {
      this.#groups.forEach((each) => {
        this.#sweep(each, now)
      })
      this.#sweepAt = Math.max(MIN_SWEEP, 2 * this.size)
    }
    const peers = this.#groups.get(group) ?? new Map<string, Admitted>()
    if (peers.size >= most && !peers.has(peer)) {
      this.#sweep(peers, now)
    }
    const fits = peers.size < most || peers.has(peer)
    if (fits) {
      this.#groups.set(group, peers.set(peer, { kadId, at: now }))
      this.#groupOf.set(peer, group)
    }
    return fits
  }

  /** It is not in the table any more. */
  left(peer: string): void {
    const group = this.#groupOf.get(peer)
    const peers = group === undefined ? undefined : this.#groups.get(group)
    this.#groupOf.delete(peer)
    peers?.delete(peer)
    if (group !== undefined && peers?.size === 0) {
      this.#groups.delete(group)
    }
  }

  /** Forget those that never got in. Many may be let in before the first is there, so those of now count. */
  #sweep(peers: ReadonlyMap<string, Admitted>, now: number): void {
    for (const [peer, { kadId, at }] of peers) {
      if (now - at >= SETTLE_MS && !this.#isThere(kadId)) {
        this.left(peer)
      }
    }
  }
}
