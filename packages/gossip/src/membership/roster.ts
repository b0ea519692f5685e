import { NOBODY } from './state.ts'
import { RING_COUNT } from './positions.ts'
import type { MemberIndex } from './types.ts'

/** Leaves of the digest: each member is in one, by the end of its first position. A power of two. */
export const DIGEST_LEAVES = 1024

const NO_ORDER = new Int32Array()

export interface RosterInit {
  /** Members known at once; about 70 bytes each. */
  readonly capacity: number
  /** @default 8 */
  readonly rings?: number
}

/**
 * Peers as small numbers, and their order on each ring. A node has one of its own; the machines of a simulation share
 * one, which is why what a machine believes about a member is not in here.
 */
export class Roster {
  readonly capacity: number
  readonly rings: number
  /** Grows when somebody comes or goes: places are to be looked up again. */
  version = 0
  readonly #keys: (string | undefined)[] = []
  readonly #indexes = new Map<string, MemberIndex>()
  readonly #positions: Uint32Array
  readonly #orders: Int32Array[]
  readonly #leaves: MemberIndex[][] = []
  readonly #free: MemberIndex[] = []

  constructor({ capacity, rings = RING_COUNT }: RosterInit) {
    this.capacity = capacity
    this.rings = rings
    this.#positions = new Uint32Array(capacity * rings)
    this.#orders = Array.from({ length: rings }, () => new Int32Array(capacity))
  }

  /** Members known now. */
  get size(): number {
    return this.#indexes.size
  }

  /** One above the largest index in use. */
  get end(): number {
    return this.#keys.length
  }

  /** Its index, a new one if it is new; nothing if the roster is full. */
  add(key: string, positions: Uint32Array): MemberIndex | undefined {
    const known = this.#indexes.get(key)
    if (known !== undefined || this.#indexes.size >= this.capacity) {
      return known
    }
    const member = this.#free.pop() ?? this.#keys.length
    this.#keys[member] = key
    this.#positions.set(positions.subarray(0, this.rings), member * this.rings)
    for (let ring = 0; ring < this.rings; ring++) {
      const order = this.order(ring)
      const place = this.place(ring, member)
      order.copyWithin(place + 1, place, this.#indexes.size)
      order[place] = member
    }
    this.#indexes.set(key, member)
    ;(this.#leaves[this.leaf(member)] ??= []).push(member)
    this.version++
    return member
  }

  /** Nobody may use the index any more: it is given to somebody else. */
  remove(member: MemberIndex): void {
    const key = this.#keys[member]
    if (key === undefined) {
      return
    }
    for (let ring = 0; ring < this.rings; ring++) {
      const place = this.place(ring, member)
      this.order(ring).copyWithin(place, place + 1, this.#indexes.size)
    }
    const leaf = this.inLeaf(this.leaf(member))
    this.#leaves[this.leaf(member)] = leaf.filter((other) => other !== member)
    this.#indexes.delete(key)
    this.#keys[member] = undefined
    this.#free.push(member)
    this.version++
  }

  indexOf(key: string): MemberIndex | undefined {
    return this.#indexes.get(key)
  }

  key(member: MemberIndex): string | undefined {
    return this.#keys[member]
  }

  position(member: MemberIndex, ring: number): number {
    return this.#positions[member * this.rings + ring] ?? 0
  }

  /** Members in the order of a ring; the first `size` elements. */
  order(ring: number): Int32Array {
    return this.#orders[ring] ?? NO_ORDER
  }

  /** Where the member is in that order, or would be. Equal positions are in the order of their keys. */
  place(ring: number, member: MemberIndex): number {
    const order = this.order(ring)
    const position = this.position(member, ring)
    let low = 0
    let high = this.#indexes.size
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = order[middle] ?? NOBODY
      const difference = this.position(other, ring) - position
      if (difference < 0 || (difference === 0 && this.#isBefore(other, member))) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  leaf(member: MemberIndex): number {
    return this.position(member, 0) & (DIGEST_LEAVES - 1)
  }

  inLeaf(leaf: number): readonly MemberIndex[] {
    return this.#leaves[leaf] ?? []
  }

  #isBefore(other: MemberIndex, member: MemberIndex): boolean {
    return (this.#keys[other] ?? '') < (this.#keys[member] ?? '')
  }
}
