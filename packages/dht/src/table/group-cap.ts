/**
 * Contacts of one IP group in a routing table. Ten ids that somebody placed around a key hide nothing (simulated; fifteen
 * begin to), so one network of theirs is harmless, and the nodes of an office have room.
 */
export const MAX_GROUP_CONTACTS = 10

/** How many contacts of a table share an IP group, so that whoever rents a network has not rented the table. */
export class GroupCap {
  readonly #isThere: (peer: string) => boolean
  readonly #groups = new Map<string, Set<string>>()
  readonly #groupOf = new Map<string, string>()

  /** `isThere`: whether a peer that was let in is in the table; one whose bucket was full by then is not. */
  constructor(isThere: (peer: string) => boolean) {
    this.#isThere = isThere
  }

  /** Whether one more of its group may be in the table; if so it counts from now on. */
  admits(peer: string, group: string): boolean {
    if (this.#groupOf.get(peer) !== group) {
      this.left(peer)
    }
    const peers = this.#groups.get(group) ?? new Set()
    if (peers.size >= MAX_GROUP_CONTACTS && !peers.has(peer)) {
      ;[...peers]
        .filter((each) => !this.#isThere(each))
        .forEach((each) => {
          this.left(each)
        })
    }
    const fits = peers.size < MAX_GROUP_CONTACTS || peers.has(peer)
    if (fits) {
      this.#groups.set(group, peers.add(peer))
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
}
