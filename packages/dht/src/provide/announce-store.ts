import type { AbortOptions, Logger } from '@libp2p/interface'
import type { Datastore } from 'interface-datastore'
import { WriteBehind } from '../store/write-behind.ts'
import { AnnouncedRoot } from './announced-root.ts'

/** What an `AnnounceStore` works with. */
export interface AnnounceStoreInit {
  readonly datastore: Datastore
  /** Name of the announcements in the datastore. */
  readonly prefix: string
  readonly log: Logger
}

/** Announced roots on disk, so that a restart knows what is wanted, what was told to whom, and what is due. */
export class AnnounceStore {
  readonly #init: AnnounceStoreInit
  readonly #disk: WriteBehind

  constructor(init: AnnounceStoreInit) {
    this.#init = init
    this.#disk = new WriteBehind(init)
  }

  /** What an earlier run kept, at most `count`; what cannot be read, or is too much, is removed. */
  async start(count: number, options: AbortOptions = {}): Promise<AnnouncedRoot[]> {
    const { datastore, prefix, log } = this.#init
    const roots: AnnouncedRoot[] = []
    for await (const { key, value } of datastore.query({ prefix }, options)) {
      try {
        const root = AnnouncedRoot.fromBytes(value, Date.now())
        if (roots.length < count && this.#nameOf(root) === key.toString()) {
          roots.push(root)
        } else {
          this.#disk.delete(key.toString())
        }
      } catch (err) {
        log('announcement %s is not readable - %e', key, err)
        this.#disk.delete(key.toString())
      }
    }
    this.#disk.start()
    return roots
  }

  async stop(): Promise<void> {
    await this.#disk.stop()
  }

  put(root: AnnouncedRoot): void {
    this.#disk.put(this.#nameOf(root), () => root.toBytes())
  }

  delete(root: AnnouncedRoot): void {
    this.#disk.delete(this.#nameOf(root))
  }

  #nameOf({ name }: AnnouncedRoot): string {
    return `${this.#init.prefix}/${name}`
  }
}
