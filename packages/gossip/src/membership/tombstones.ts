import { MAX_TOMBSTONES } from './bounds.ts'
import type { MemberIndex } from './types.ts'

/** Members that are dead or left, the longest gone first. */
export class Tombstones {
  readonly #since = new Map<MemberIndex, number>()
  readonly #keepMs: number

  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  get size(): number {
    return this.#since.size
  }

  /** Returns who has to be forgotten for it. */
  add(member: MemberIndex, now: number): MemberIndex | undefined {
    this.#since.delete(member)
    this.#since.set(member, now)
    return this.#since.size > MAX_TOMBSTONES ? this.takeOldest() : undefined
  }

  /** When it was gone. */
  since(member: MemberIndex): number {
    return this.#since.get(member) ?? -Infinity
  }

  delete(member: MemberIndex): void {
    this.#since.delete(member)
  }

  takeOldest(): MemberIndex | undefined {
    for (const member of this.#since.keys()) {
      this.#since.delete(member)
      return member
    }
    return undefined
  }

  /** Takes those out whose time is over. */
  takeExpired(now: number): MemberIndex[] {
    const expired: MemberIndex[] = []
    for (const [member, since] of this.#since) {
      if (now - since < this.#keepMs) {
        break
      }
      expired.push(member)
      this.#since.delete(member)
    }
    return expired
  }

  /** A random one that is as wanted. `random` in [0, 1). */
  pick(isWanted: (member: MemberIndex) => boolean, random: number): MemberIndex | undefined {
    const wanted = [...this.#since.keys()].filter(isWanted)
    return wanted[Math.floor(random * wanted.length)]
  }
}
