import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_DIAL_GROUPS, MAX_GROUP_ADDRESSES } from './constants.ts'
import { peerIdIn } from './endpoint.ts'

interface Group {
  readonly turn: number
  readonly addresses: Multiaddr[]
  readonly tried: Set<string>
  /** The dial that it turned out to be for. */
  job?: object
  /** The group of the same peer that it took the place of. */
  before?: Group | undefined
}

/** The addresses of one dial that were not tried yet. */
export interface Companions {
  readonly addresses: readonly Multiaddr[]
  /** It is being tried. */
  tried(address: Multiaddr): void
}

/**
 * Knows which addresses were asked for together. libp2p dials the addresses of a dial one after the other and tells a
 * transport of one at a time, but before that it asks `dialFilter` about each of them in one go. What was asked about in one
 * go belongs together; an address that was asked for alone has no companions, even if its peer is known to have others: who
 * dials one certain address may want to know whether that one can be reached (AutoNAT does). Pure.
 */
export class DialGroups {
  readonly #groups = new Map<string, Group>()
  readonly #endOfTurn: (ended: () => void) => void
  #turn = 0
  #isTurnOpen = false

  /** `endOfTurn` calls back when what runs now has ended: `queueMicrotask`. */
  constructor(endOfTurn: (ended: () => void) => void) {
    this.#endOfTurn = endOfTurn
  }

  get size(): number {
    return this.#groups.size
  }

  /** libp2p asked whether this address can be dialled. */
  see(address: Multiaddr): void {
    const peer = peerIdIn(address)
    if (peer === undefined) {
      return
    }
    this.#openTurn()
    const group = this.#groups.get(peer)
    if (group?.turn === this.#turn) {
      if (group.addresses.length < MAX_GROUP_ADDRESSES) {
        group.addresses.push(address)
      }
      return
    }
    delete group?.before
    this.#put(peer, { turn: this.#turn, addresses: [address], tried: new Set(), before: group })
  }

  /**
   * libp2p dials this address now. `job` is the same object for all dials of one dial to a peer, which is how a group is
   * not taken for that of a later one; without it there are no companions.
   */
  take(address: Multiaddr, job: object | undefined): Companions {
    const peer = peerIdIn(address)
    const group = peer === undefined ? undefined : this.#beforeThisTurn(peer)
    if (group === undefined || job === undefined || (group.job ?? job) !== job || !includes(group, address)) {
      return { addresses: [], tried: () => undefined }
    }
    group.job = job
    group.tried.add(address.toString())
    return {
      addresses: group.addresses.filter((other) => !group.tried.has(other.toString())),
      tried: (other) => group.tried.add(other.toString())
    }
  }

  /** A dial to the peer in this address succeeded. */
  forget(address: Multiaddr): void {
    this.#groups.delete(peerIdIn(address) ?? '')
  }

  /** libp2p asks about an address once more in the moment in which it dials it: that group of one is an echo. */
  #beforeThisTurn(peer: string): Group | undefined {
    const group = this.#groups.get(peer)
    if (group?.turn !== this.#turn) {
      return group
    }
    this.#groups.delete(peer)
    if (group.before !== undefined) {
      this.#groups.set(peer, group.before)
    }
    return group.before
  }

  #put(peer: string, group: Group): void {
    // the newest last, so that the oldest goes first
    this.#groups.delete(peer)
    this.#groups.set(peer, group)
    const [oldest] = this.#groups.keys()
    if (this.#groups.size > MAX_DIAL_GROUPS && oldest !== undefined) {
      this.#groups.delete(oldest)
    }
  }

  #openTurn(): void {
    if (!this.#isTurnOpen) {
      this.#isTurnOpen = true
      this.#endOfTurn(() => {
        this.#isTurnOpen = false
        this.#turn++
      })
    }
  }
}

function includes({ addresses }: Group, address: Multiaddr): boolean {
  return addresses.some((other) => other.equals(address))
}
