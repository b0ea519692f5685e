import { RECORD_VALIDITY_MS, recordBytes } from './record.ts'
import type { ProviderRecord } from './record.ts'
import { Crowds } from './crowds.ts'

/** Bounds of a `RecordTable`. */
export interface RecordLimits {
  /** Of all records together, as `recordBytes` counts them. */
  readonly maxBytes: number
  readonly maxProvidersPerKey: number
  readonly maxKeysPerProvider: number
  /** Providers of one key that came from one IP group. */
  readonly maxGroupPerKey: number
}

/** No swarm needs more: a key with a thousand providers is answered by any fifty of them. */
export const recordLimits: RecordLimits = Object.freeze({
  maxBytes: 64 * 1024 * 1024,
  maxProvidersPerKey: 1_000,
  maxKeysPerProvider: 10_000,
  maxGroupPerKey: 100
})

/** What became of a record. `evicted`: others that made room for it. */
export interface PutResult {
  readonly stored: boolean
  readonly evicted: readonly ProviderRecord[]
}

/** Who provides one key, and how many of them each IP group has; a record without a group is one of its own. */
interface KeyRecords {
  readonly byProvider: Map<string, ProviderRecord>
  readonly groups: Crowds
}

const groupOf = ({ group, provider }: ProviderRecord): string => group ?? `alone ${provider}`

const REFUSED: PutResult = Object.freeze({ stored: false, evicted: [] })

/**
 * Who provides what, as far as others told this node. Pure: time and randomness come in. Whoever floods it is
 * kept out or pushes out its own: an IP group has its share of a key, a full key loses one of its most crowded group, a
 * full table one of the provider that has most.
 */
export class RecordTable {
  readonly #limits: RecordLimits
  readonly #random: () => number
  readonly #keys = new Map<string, KeyRecords>()
  /** Keys of each provider, oldest record first. */
  readonly #providers = new Map<string, Set<string>>()
  /** How many each provider has: a full table asks it at every put. */
  readonly #crowds = new Crowds()
  #bytes = 0
  #records = 0

  /** `random` gives numbers in `[0, 1)`. */
  constructor(random: () => number, limits: RecordLimits = recordLimits) {
    this.#random = random
    this.#limits = limits
  }

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#records
  }

  get keys(): number {
    return this.#keys.size
  }

  put(record: ProviderRecord): PutResult {
    const old = this.#keys.get(record.key)?.byProvider.get(record.provider)
    if (old !== undefined) {
      this.#delete(old)
    } else if ((this.#providers.get(record.provider)?.size ?? 0) >= this.#limits.maxKeysPerProvider) {
      return REFUSED
    }
    const evicted = this.#makeRoomAtKey(record)
    if (evicted === undefined) {
      return REFUSED
    }
    this.#insert(record)
    while (this.#bytes > this.#limits.maxBytes) {
      const victim = this.#oldestOfLargest()
      if (victim === undefined) {
        break
      }
      this.#delete(victim)
      evicted.push(victim)
    }
    const stored = !evicted.includes(record)
    return { stored, evicted: evicted.filter((each) => each !== record) }
  }

  /** At most `count` that are valid at `now`, chosen at random when there are more. */
  get(key: string, now: number, count: number): ProviderRecord[] {
    const valid = [...(this.#keys.get(key)?.byProvider.values() ?? [])].filter(
      ({ receivedAt }) => now - receivedAt < RECORD_VALIDITY_MS
    )
    // a partial shuffle: as many draws as are wanted
    for (let at = 0; at < Math.min(count, valid.length); at++) {
      const other = at + Math.floor(this.#random() * (valid.length - at))
      const [a, b] = [valid[at], valid[other]]
      if (a !== undefined && b !== undefined) {
        valid[at] = b
        valid[other] = a
      }
    }
    return valid.slice(0, count)
  }

  /** What is no longer valid goes; the caller forgets it on disk. */
  expire(now: number): ProviderRecord[] {
    const expired = [...this.records()].filter(({ receivedAt }) => now - receivedAt >= RECORD_VALIDITY_MS)
    expired.forEach((record) => {
      this.#delete(record)
    })
    return expired
  }

  *records(): Generator<ProviderRecord, void, undefined> {
    for (const { byProvider } of this.#keys.values()) {
      yield* byProvider.values()
    }
  }

  #insert(record: ProviderRecord): void {
    const { key, provider } = record
    const records = this.#keys.get(key) ?? { byProvider: new Map<string, ProviderRecord>(), groups: new Crowds() }
    this.#keys.set(key, records)
    records.byProvider.set(provider, record)
    records.groups.change(groupOf(record), 1)
    const keys = this.#providers.get(provider) ?? new Set()
    this.#providers.set(provider, keys.add(key))
    this.#crowds.change(provider, 1)
    this.#bytes += recordBytes(record)
    this.#records++
  }

  #delete({ key, provider }: ProviderRecord): void {
    const records = this.#keys.get(key)
    const record = records?.byProvider.get(provider)
    if (records === undefined || record === undefined) {
      return
    }
    records.byProvider.delete(provider)
    records.groups.change(groupOf(record), -1)
    if (records.byProvider.size === 0) {
      this.#keys.delete(key)
    }
    const keys = this.#providers.get(provider)
    keys?.delete(key)
    if (keys?.size === 0) {
      this.#providers.delete(provider)
    }
    this.#crowds.change(provider, -1)
    this.#bytes -= recordBytes(record)
    this.#records--
  }

  /** `undefined`: there is no room for one of its group. */
  #makeRoomAtKey({ key, group }: ProviderRecord): ProviderRecord[] | undefined {
    const records = this.#keys.get(key)
    if (records === undefined) {
      return []
    }
    // first come: newcomers would push each other out, and in the end whoever was there honestly
    if (group !== undefined && records.groups.of(group) >= this.#limits.maxGroupPerKey) {
      return undefined
    }
    return records.byProvider.size < this.#limits.maxProvidersPerKey ? [] : this.#evictOneOf(largestGroups(records))
  }

  #evictOneOf(records: readonly ProviderRecord[]): ProviderRecord[] {
    const victim = records[Math.floor(this.#random() * records.length)]
    if (victim === undefined) {
      return []
    }
    this.#delete(victim)
    return [victim]
  }

  #oldestOfLargest(): ProviderRecord | undefined {
    const largest = this.#crowds.largest
    const [key] = (largest === undefined ? undefined : this.#providers.get(largest)) ?? []
    return key === undefined || largest === undefined ? undefined : this.#keys.get(key)?.byProvider.get(largest)
  }
}

/** Of the IP groups that have most at one key. When nobody crowds it those are all: everybody has the same chance to go. */
function largestGroups({ byProvider, groups }: KeyRecords): ProviderRecord[] {
  return [...byProvider.values()].filter((record) => groups.of(groupOf(record)) === groups.most)
}
