import { MAX_ACCUSATIONS, MAX_ACCUSERS } from './bounds.ts'
import type { MemberIndex } from './types.ts'

/** One accuser may accuse one subject anew once in this time, with its own clock; others allow for their delays. */
export const ACCUSE_AGAIN_MS = 30_000
export const ACCUSE_HEARD_AGAIN_MS = 25_000

/** An accuser refuted by more than so many different subjects within `MUTE_WINDOW_MS` is not heard for `MUTE_MS`. */
export const MAX_REFUTED = 5
export const MUTE_WINDOW_MS = 600_000
export const MUTE_MS = 600_000

interface Accuser {
  /** When each subject refuted it last. */
  readonly refuted: Map<MemberIndex, number>
  mutedUntil: number
}

function forgetFirst<K>(map: Map<K, unknown>, most: number): void {
  if (map.size > most) {
    for (const first of map.keys()) {
      map.delete(first)
      return
    }
  }
}

/**
 * Holds accusers to their share. Subjects are counted, not refutations: an honest observer of one member that stalls
 * again and again is refuted each time, by that one.
 */
export class Accusers {
  readonly #stride: number
  readonly #accused = new Map<number, number>()
  readonly #accusers = new Map<MemberIndex, Accuser>()
  /** Below all indexes: a subject of its own for each time. */
  #times = 0

  /** `capacity`: all indexes are below it. */
  constructor(capacity: number) {
    this.#stride = capacity
  }

  /** Whether its last accusation of this subject is so long ago. */
  mayAccuse(accuser: MemberIndex, subject: MemberIndex, gapMs: number, now: number): boolean {
    const at = this.#accused.get(accuser * this.#stride + subject)
    return at === undefined || now - at >= gapMs
  }

  accused(accuser: MemberIndex, subject: MemberIndex, now: number): void {
    const key = accuser * this.#stride + subject
    this.#accused.delete(key)
    this.#accused.set(key, now)
    forgetFirst(this.#accused, MAX_ACCUSATIONS)
  }

  isMuted(accuser: MemberIndex, now: number): boolean {
    const mutedUntil = this.#accusers.get(accuser)?.mutedUntil
    return mutedUntil !== undefined && now < mutedUntil
  }

  /** Its subject refuted it. */
  refuted(accuser: MemberIndex, subject: MemberIndex, now: number): void {
    this.#count(accuser, subject, now)
  }

  /** This node itself refuted it, and knows that nothing was wrong here: each time counts. */
  refutedAgain(accuser: MemberIndex, now: number): void {
    this.#count(accuser, --this.#times, now)
  }

  #count(accuser: MemberIndex, subject: number, now: number): void {
    let entry = this.#accusers.get(accuser)
    if (entry === undefined) {
      entry = { refuted: new Map(), mutedUntil: -Infinity }
      this.#accusers.set(accuser, entry)
      forgetFirst(this.#accusers, MAX_ACCUSERS)
    }
    const { refuted } = entry
    for (const [other, at] of refuted) {
      if (now - at > MUTE_WINDOW_MS) {
        refuted.delete(other)
      }
    }
    refuted.set(subject, now)
    if (refuted.size > MAX_REFUTED) {
      entry.mutedUntil = now + MUTE_MS
      refuted.clear()
    }
  }
}
