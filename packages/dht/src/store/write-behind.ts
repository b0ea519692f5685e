import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from '@libp2p/interface'
import { Key } from 'interface-datastore'
import type { Batch, Datastore } from 'interface-datastore'

/** Changes are written together: a flood of them is a few large batches. */
export const WRITE_INTERVAL_MS = 1_000

/** Changes written at a time: encoding them takes a few milliseconds, in which nobody is answered. */
const BATCH_CHANGES = 200

/** Name and value to write, or `undefined` to delete. */
type Change = readonly [name: string, value: (() => Uint8Array) | undefined]

/** What a `WriteBehind` works with. */
export interface WriteBehindInit {
  readonly datastore: Datastore
  readonly log: Logger
}

/** Writes changes to the datastore a little later, together; what could not be written is written next time. */
export class WriteBehind {
  readonly #init: WriteBehindInit
  /** Values to write, or `undefined` to delete, by their name. */
  readonly #dirty = new Map<string, (() => Uint8Array) | undefined>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> = Promise.resolve()
  #started = false

  constructor(init: WriteBehindInit) {
    this.#init = init
  }

  start(): void {
    this.#started = true
    this.#schedule()
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#started = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#writing
    await this.#write()
  }

  /** `value` is asked for when it is written. */
  put(name: string, value: () => Uint8Array): void {
    this.#dirty.set(name, value)
    this.#schedule()
  }

  delete(name: string): void {
    this.#dirty.set(name, undefined)
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

  /** Never rejects. */
  async #write(): Promise<void> {
    const changes = [...this.#dirty]
    if (changes.length === 0) {
      return
    }
    this.#dirty.clear()
    for (let at = 0; at < changes.length; at += BATCH_CHANGES) {
      if (at > 0) {
        await nextTurn()
      }
      await this.#writeSome(changes.slice(at, at + BATCH_CHANGES))
    }
    this.#schedule()
  }

  async #writeSome(changes: readonly Change[]): Promise<void> {
    const { datastore, log } = this.#init
    const batch: Batch = datastore.batch()
    for (const [name, value] of changes) {
      if (value === undefined) {
        batch.delete(new Key(name))
      } else {
        batch.put(new Key(name), value())
      }
    }
    try {
      await batch.commit()
    } catch (err) {
      log.error('could not write %d changes - %e', changes.length, err)
      changes.forEach(([name, value]) => {
        if (!this.#dirty.has(name)) {
          this.#dirty.set(name, value)
        }
      })
    }
  }
}
