import { Key } from 'interface-datastore'
import type { Datastore } from 'interface-datastore'
import { MAX_KNOWN_NAMES } from './constants.ts'
import { nameToText, parseName } from './name.ts'
import { openNameRecord, supersedes } from './name-record.ts'
import type { NameRecord } from './name-record.ts'
import { KnownName } from './wire/messages.ts'
import type { PeerId } from '@libp2p/interface'

/** The latest record this node has seen of a name. */
export interface Known {
  readonly name: PeerId
  readonly record: NameRecord
  /** Published here. */
  readonly own: boolean
  /** When a network said so last, in this run. */
  readonly seenAt?: number
}

/**
 * What this node published and looked up, remembered so that it never believes an older record again, nor publishes
 * one. The name that was not used longest is forgotten first; those published here are not.
 */
export class KnownNames {
  readonly #datastore: Datastore
  readonly #prefix: string
  readonly #names = new Map<string, Known>()

  constructor(datastore: Datastore, prefix: string) {
    this.#datastore = datastore
    this.#prefix = prefix
  }

  /** What the last run knew. An expired record still says which sequence was reached. */
  async load(): Promise<void> {
    for await (const { key, value } of this.#datastore.query({ prefix: `${this.#prefix}/` })) {
      try {
        const name = parseName(key.baseNamespace())
        const { record = new Uint8Array(), own } = KnownName.decode(value)
        this.#names.set(nameToText(name), { name, own, record: await openNameRecord(name, record, 'any time') })
      } catch {
        await this.#datastore.delete(key)
      }
    }
  }

  get(name: PeerId): Known | undefined {
    return this.#names.get(nameToText(name))
  }

  own(): Known[] {
    return [...this.#names.values()].filter(({ own }) => own)
  }

  /** Remembers the newer one, on the disk first; returns it. */
  async learn(known: Known): Promise<Known> {
    const text = nameToText(known.name)
    const before = this.#names.get(text)
    const isNews = before === undefined || supersedes(known.record, before.record)
    const next: Known = {
      ...known,
      record: isNews ? known.record : before.record,
      own: known.own || before?.own === true
    }
    if (isNews || next.own !== before.own) {
      const value = KnownName.encode({ record: Uint8Array.from(next.record.bytes), own: next.own })
      await this.#datastore.put(this.#keyOf(text), value)
    }
    this.#names.delete(text)
    this.#names.set(text, next)
    await this.#forgetOldest()
    return next
  }

  async #forgetOldest(): Promise<void> {
    const oldest = this.#names.size > MAX_KNOWN_NAMES ? [...this.#names].find(([, { own }]) => !own) : undefined
    if (oldest !== undefined) {
      this.#names.delete(oldest[0])
      await this.#datastore.delete(this.#keyOf(oldest[0]))
    }
  }

  #keyOf(text: string): Key {
    return new Key(`${this.#prefix}/${text}`)
  }
}
