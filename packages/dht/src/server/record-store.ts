import type { AbortOptions, Logger } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import type { Batch, Datastore } from 'interface-datastore'
import { StoredRecord } from '../wire/messages.ts'
import { MAX_RECORD_ADDRESSES, RECORD_VALIDITY_MS } from './record.ts'
import type { ProviderRecord } from './record.ts'
import type { RecordTable } from './record-table.ts'

/** Changes are written together: a flood of records is a few large batches. */
export const WRITE_INTERVAL_MS = 1_000

/** Expired records are served by nobody; this only gives their room back. */
export const EXPIRE_INTERVAL_MS = 30 * 60 * 1000

/** What a `RecordStore` works with. */
export interface RecordStoreInit {
  readonly table: RecordTable
  readonly datastore: Datastore
  /** Name of the records in the datastore. */
  readonly prefix: string
  readonly log: Logger
  /** @default Date.now */
  readonly now?: () => number
}

/** The record table, kept on disk so that a restart loses nothing that others were told. */
export class RecordStore {
  readonly #init: RecordStoreInit
  readonly #now: () => number
  /** Records to write, or to delete, by their name. */
  readonly #dirty = new Map<string, ProviderRecord | undefined>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #expiry: ReturnType<typeof setInterval> | undefined
  #writing: Promise<void> = Promise.resolve()
  #started = false

  constructor(init: RecordStoreInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
  }

  /** Reads what an earlier run kept. A record that cannot be read is removed. */
  async start(options: AbortOptions = {}): Promise<void> {
    const { datastore, prefix, table, log } = this.#init
    this.#started = true
    for await (const { key, value } of datastore.query({ prefix }, options)) {
      const name = key.toString()
      try {
        const record = toRecord(name.slice(prefix.length + 1), value)
        if (this.#now() - record.receivedAt >= RECORD_VALIDITY_MS || !table.put(record).stored) {
          this.#dirty.set(name, undefined)
        }
      } catch (err) {
        log('record %s is not readable - %e', name, err)
        this.#dirty.set(name, undefined)
      }
    }
    this.#schedule()
    this.#expiry = setInterval(() => {
      this.#forget(table.expire(this.#now()))
    }, EXPIRE_INTERVAL_MS)
    this.#expiry.unref()
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#started = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    clearInterval(this.#expiry)
    await this.#writing
    await this.#write()
  }

  /** False when a limit keeps it out. */
  put(record: ProviderRecord): boolean {
    const { stored, evicted } = this.#init.table.put(record)
    if (stored) {
      this.#dirty.set(this.#nameOf(record), record)
    }
    this.#forget(evicted)
    return stored
  }

  get(key: string, count: number): ProviderRecord[] {
    return this.#init.table.get(key, this.#now(), count)
  }

  #forget(records: readonly ProviderRecord[]): void {
    for (const record of records) {
      this.#dirty.set(this.#nameOf(record), undefined)
    }
    this.#schedule()
  }

  #schedule(): void {
    if (this.#started && this.#timer === undefined && this.#dirty.size > 0) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        this.#writing = this.#write()
      }, WRITE_INTERVAL_MS)
    }
  }

  /** Never rejects: what could not be written is written next time. */
  async #write(): Promise<void> {
    const { datastore, log } = this.#init
    const changes = [...this.#dirty]
    if (changes.length === 0) {
      return
    }
    this.#dirty.clear()
    const batch: Batch = datastore.batch()
    for (const [name, record] of changes) {
      if (record === undefined) {
        batch.delete(new Key(name))
      } else {
        const { addresses, receivedAt, group } = record
        const value = StoredRecord.encode({
          addresses: [...addresses],
          receivedAt,
          ...(group === undefined ? {} : { group })
        })
        batch.put(new Key(name), value)
      }
    }
    try {
      await batch.commit()
    } catch (err) {
      log.error('could not write %d provider records - %e', changes.length, err)
      changes.forEach(([name, record]) => {
        if (!this.#dirty.has(name)) {
          this.#dirty.set(name, record)
        }
      })
    }
    this.#schedule()
  }

  #nameOf({ key, provider }: ProviderRecord): string {
    return `${this.#init.prefix}/${key}/${provider}`
  }
}

function toRecord(name: string, value: Uint8Array): ProviderRecord {
  const [key = '', provider = ''] = name.split('/')
  const { addresses, receivedAt, group } = StoredRecord.decode(value, { limits: { addresses: MAX_RECORD_ADDRESSES } })
  return { key, provider, addresses, receivedAt, ...(group === undefined ? {} : { group }) }
}
