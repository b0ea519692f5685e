import { RECORD_VALIDITY_MS, recordBytes } from './record.ts'
import type { ProviderRecord } from './record.ts'

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

type ByProvider = Map<string, ProviderRecord>

const REFUSED: PutResult = Object.freeze({ stored: false, evicted: [] })

/**
 * Who provides what, as far as others told this node. Pure: time and randomness come in. Whoever floods it is
 * kept out or pushes out its own: an IP group has its share of a key, a full key loses one of its most crowded group, a
 * full table one of the provider that has most.
 */
export class RecordTable {
  readonly #limits: RecordLimits
  readonly #random: () => number
  readonly #keys = new Map<string, ByProvider>()
  /** Keys of each provider, oldest record first. */
  readonly #providers = new Map<string, Set<string>>()
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
    const old = this.#keys.get(record.key)?.get(record.provider)
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
    const valid = [...(this.#keys.get(key)?.values() ?? [])].filter(
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
    for (const providers of this.#keys.values()) {
      yield* providers.values()
    }
  }

  #insert(record: ProviderRecord): void {
    const providers: ByProvider = this.#keys.get(record.key) ?? new Map<string, ProviderRecord>()
    this.#keys.set(record.key, providers.set(record.provider, record))
    const keys = this.#providers.get(record.provider) ?? new Set()
    this.#providers.set(record.provider, keys.add(record.key))
    this.#bytes += recordBytes(record)
    this.#records++
  }

  #delete({ key, provider }: ProviderRecord): void {
    const providers = this.#keys.get(key)
    const record = providers?.get(provider)
    if (providers === undefined || record === undefined) {
      return
    }
    providers.delete(provider)
    if (providers.size === 0) {
      this.#keys.delete(key)
    }
    const keys = this.#providers.get(provider)
    keys?.delete(key)
    if (keys?.size === 0) {
      this.#providers.delete(provider)
    }
    this.#bytes -= recordBytes(record)
    this.#records--
  }

  /** `undefined`: there is no room for one of its group. */
  #makeRoomAtKey({ key, group }: ProviderRecord): ProviderRecord[] | undefined {
    const providers = this.#keys.get(key)
    if (providers === undefined) {
      return []
    }
    // first come: newcomers would push each other out, and in the end whoever was there honestly
    if (
      group !== undefined &&
      [...providers.values()].filter((each) => each.group === group).length >= this.#limits.maxGroupPerKey
    ) {
      return undefined
    }
    return providers.size < this.#limits.maxProvidersPerKey ? [] : this.#evictOneOf(largestGroup(providers))
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
    let largest: { provider: string; keys: Set<string> } | undefined
    for (const [provider, keys] of this.#providers) {
      if (largest === undefined || keys.size > largest.keys.size) {
        largest = { provider, keys }
      }
    }
    const [key] = largest?.keys ?? []
    return key === undefined || largest === undefined ? undefined : this.#keys.get(key)?.get(largest.provider)
  }
}

/** Records of the IP group that has most of them at one key; those without a group count as one each. */
function largestGroup(providers: ByProvider): ProviderRecord[] {
  const groups = new Map<string, ProviderRecord[]>()
  for (const record of providers.values()) {
    const name = record.group ?? `alone ${record.provider}`
    const list = groups.get(name)
    if (list === undefined) {
      groups.set(name, [record])
    } else {
      list.push(record)
    }
  }
  const most = Math.max(...[...groups.values()].map((list) => list.length))
  // nobody crowds: everybody has the same chance to go
  return [...groups.values()].filter((list) => list.length === most).flat()
}
