import { MAX_STORED_NAMES, MAX_STORED_NAME_BYTES } from './constants.ts'
import { supersedes } from './name-record.ts'
import type { NameRecord } from './name-record.ts'

/** What becomes of a record that somebody wants kept: `older` than the one that is kept, or there is no room. */
export type Kept = 'kept' | 'same' | 'older' | 'full'

/** What a `NameStore` works with. */
export interface NameStoreInit {
  /** How far from this node a name is: whoever floods us with names cannot push out those that we are near to. */
  readonly distance: (name: string) => number
  /** Hears of every change, to remember it. */
  readonly onChange?: (name: string, record: NameRecord | undefined) => void
  /** Names that are kept. @default MAX_STORED_NAMES */
  readonly maxNames?: number
  /** Bytes of their records together. @default MAX_STORED_NAME_BYTES */
  readonly maxBytes?: number
}

interface Entry {
  readonly record: NameRecord
  readonly distance: number
}

/** How much is left after room was made. */
const LEFT = 15 / 16

/**
 * The records a node holds for others: the latest of each name, never replaced by an older one. When there is no room,
 * names that are far from this node go, and are not taken again until there is.
 */
export class NameStore {
  readonly #init: Required<Omit<NameStoreInit, 'onChange'>> & Pick<NameStoreInit, 'onChange'>
  readonly #entries = new Map<string, Entry>()
  #bytes = 0
  #horizon = Infinity

  constructor(init: NameStoreInit) {
    this.#init = { maxNames: MAX_STORED_NAMES, maxBytes: MAX_STORED_NAME_BYTES, ...init }
  }

  get size(): { readonly names: number; readonly bytes: number } {
    return { names: this.#entries.size, bytes: this.#bytes }
  }

  put(name: string, record: NameRecord, now: number): Kept {
    const known = this.#entries.get(name)
    if (known !== undefined && !supersedes(record, known.record)) {
      const { sequence, validUntil } = known.record
      return record.sequence === sequence && record.validUntil === validUntil ? 'same' : 'older'
    }
    const distance = known?.distance ?? this.#init.distance(name)
    if (known === undefined && distance > this.#horizon) {
      return 'full'
    }
    this.#set(name, { record, distance })
    this.#makeRoom(now)
    return this.#entries.has(name) ? 'kept' : 'full'
  }

  /** Nothing that has expired. */
  get(name: string, now: number): NameRecord | undefined {
    const record = this.#entries.get(name)?.record
    return record !== undefined && record.validUntil > now ? record : undefined
  }

  /** Drops what has expired. */
  sweep(now: number): void {
    for (const [name, { record }] of this.#entries) {
      if (record.validUntil <= now) {
        this.#delete(name)
      }
    }
    if (this.#isWithin(LEFT)) {
      this.#horizon = Infinity
    }
  }

  #makeRoom(now: number): void {
    if (this.#isWithin(1)) {
      return
    }
    this.sweep(now)
    if (this.#isWithin(1)) {
      return
    }
    // many at once: to look for the farthest one each time would cost more than what it keeps out
    const farthestFirst = [...this.#entries].sort(([, a], [, b]) => b.distance - a.distance)
    for (const [name, { distance }] of farthestFirst) {
      if (this.#isWithin(LEFT)) {
        break
      }
      this.#delete(name)
      this.#horizon = distance
    }
  }

  #isWithin(share: number): boolean {
    const { maxNames, maxBytes } = this.#init
    return this.#entries.size <= maxNames * share && this.#bytes <= maxBytes * share
  }

  #set(name: string, entry: Entry): void {
    this.#bytes += entry.record.bytes.byteLength - (this.#entries.get(name)?.record.bytes.byteLength ?? 0)
    this.#entries.set(name, entry)
    this.#init.onChange?.(name, entry.record)
  }

  #delete(name: string): void {
    this.#bytes -= this.#entries.get(name)?.record.bytes.byteLength ?? 0
    this.#entries.delete(name)
    this.#init.onChange?.(name, undefined)
  }
}
