import { distanceOf } from './position.ts'
import type { Contact, Position } from './position.ts'

/** `slow`: nobody waits for its answer any more, but it still counts when it comes. */
export type HeardStatus = 'heard' | 'asked' | 'slow' | 'answered' | 'failed'

/** A contact as one walk knows it. */
export interface Heard<C extends Contact> {
  readonly contact: C
  /** From the walk's target, as a share of the key space. */
  readonly distance: number
  status: HeardStatus
}

/** Contacts one walk remembers, the nearest: a liar's answers push out nothing that matters. */
export const MAX_HEARD = 1_000

/** Everybody a walk has heard of, nearest to its target first. */
export class Frontier<C extends Contact> {
  readonly target: Position
  readonly #sorted: Heard<C>[] = []
  readonly #byKey = new Map<string, Heard<C>>()
  #waiting = 0

  constructor(target: Position) {
    this.target = target
  }

  /** Answers that somebody waits for. */
  get waiting(): number {
    return this.#waiting
  }

  get(key: string): Heard<C> | undefined {
    return this.#byKey.get(key)
  }

  /** False when it is known, or too far for a full frontier. */
  add(contact: C): boolean {
    if (this.#byKey.has(contact.key)) {
      return false
    }
    const distance = distanceOf(contact.position, this.target)
    const at = this.#rankOf(distance)
    if (at >= MAX_HEARD) {
      return false
    }
    const heard: Heard<C> = { contact, distance, status: 'heard' }
    this.#sorted.splice(at, 0, heard)
    this.#byKey.set(contact.key, heard)
    const farthest = this.#sorted.length > MAX_HEARD ? this.#sorted.pop() : undefined
    if (farthest !== undefined) {
      this.#byKey.delete(farthest.contact.key)
      this.#waiting -= farthest.status === 'asked' ? 1 : 0
    }
    return true
  }

  /** Unknown keys are ignored: the frontier may have forgotten them. */
  set(key: string, status: HeardStatus): void {
    const heard = this.#byKey.get(key)
    if (heard === undefined) {
      return
    }
    this.#waiting += Number(status === 'asked') - Number(heard.status === 'asked')
    heard.status = status
  }

  /** The `count` nearest that `filter` lets through. */
  nearest(count: number, filter: (heard: Heard<C>) => boolean): Heard<C>[] {
    const found: Heard<C>[] = []
    for (const heard of this.#sorted) {
      if (found.length >= count) {
        break
      }
      if (filter(heard)) {
        found.push(heard)
      }
    }
    return found
  }

  /** Those nearer than `distance`, and the `least` nearest whatever their distance, that `filter` lets through. */
  within(distance: number, least: number, filter: (heard: Heard<C>) => boolean): Heard<C>[] {
    const fitting = this.#sorted.filter(filter)
    return fitting.filter((heard, rank) => rank < least || heard.distance <= distance)
  }

  #rankOf(distance: number): number {
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#sorted[middle]?.distance ?? 0) <= distance) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
