import type { AbortOptions, Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { WriteBehind } from '../store/write-behind.ts'
import { StoredRecord } from '../wire/stored.ts'
import { MAX_RECORD_ADDRESSES, RECORD_VALIDITY_MS } from './record.ts'
import type { ProviderRecord } from './record.ts'
import type { RecordTable } from './record-table.ts'

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
  readonly #disk: WriteBehind
  #expiry: ReturnType<typeof setInterval> | undefined

  constructor(init: RecordStoreInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#disk = new WriteBehind(init)
  }

  /** Reads what an earlier run kept. A record that cannot be read is removed. */
  async start(options: AbortOptions = {}): Promise<void> {
    const { datastore, prefix, table, log } = this.#init
    for await (const { key, value } of datastore.query({ prefix }, options)) {
      const name = key.toString()
      try {
        const record = toRecord(name.slice(prefix.length + 1), value)
        if (this.#now() - record.receivedAt >= RECORD_VALIDITY_MS || !table.put(record).stored) {
          this.#disk.delete(name)
        }
      } catch (err) {
        log('record %s is not readable - %e', name, err)
        this.#disk.delete(name)
      }
    }
    this.#disk.start()
    this.#expiry = setInterval(() => {
      this.#forget(table.expire(this.#now()))
    }, EXPIRE_INTERVAL_MS)
    this.#expiry.unref()
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearInterval(this.#expiry)
    await this.#disk.stop()
  }

  /** False when a limit keeps it out. */
  put(record: ProviderRecord): boolean {
    const { stored, evicted } = this.#init.table.put(record)
    if (stored) {
      this.#disk.put(this.#nameOf(record), () => toBytes(record))
    }
    this.#forget(evicted)
    return stored
  }

  get(key: string, count: number): ProviderRecord[] {
    return this.#init.table.get(key, this.#now(), count)
  }

  #forget(records: readonly ProviderRecord[]): void {
    for (const record of records) {
      this.#disk.delete(this.#nameOf(record))
    }
  }

  #nameOf({ key, provider }: ProviderRecord): string {
    return `${this.#init.prefix}/${key}/${provider}`
  }
}

function toBytes({ addresses, receivedAt, group }: ProviderRecord): Uint8Array {
  return StoredRecord.encode({ addresses: [...addresses], receivedAt, ...(group === undefined ? {} : { group }) })
}

function toRecord(name: string, value: Uint8Array): ProviderRecord {
  const [key = '', provider = ''] = name.split('/')
  const { addresses, receivedAt, group } = StoredRecord.decode(value, { limits: { addresses: MAX_RECORD_ADDRESSES } })
  return { key, provider, addresses, receivedAt, ...(group === undefined ? {} : { group }) }
}
