import type { BlobStore } from '@p2pshare/interface'
import { leafCheck, verifyLeaf } from '../leaf-block.ts'
import type { LeafCheck } from '../leaf-block.ts'
import type { LeafWorkers } from '../worker/leaf-workers.ts'
import { systemErrorOf } from '../worker/write-refused.ts'
import type { Content } from './content.ts'
import { MIN_SHARED_BYTES } from './receive-buffers.ts'

export interface IntakeInit {
  readonly workers: Pick<LeafWorkers, 'digest' | 'verifyAndWrite'>
  /** Verified bytes were written: a leaf, or one of the many places of one. */
  alive(): void
}

/** A leaf that has arrived. */
export interface Arrival {
  readonly leaf: number
  /** Not verified. */
  readonly bytes: Uint8Array
  /** The hash is right; the leaf is on its way to the disk. */
  right(): void
  /** Nobody looks at the bytes any more. Called once, whatever happens. */
  release(): void
}

/**
 * Checks leaves that arrived, and writes the right ones into the store: in a worker when they are worth it and the store
 * can name a place for them. What is under way is bounded by the buffers that leaves arrive in.
 */
export class Intake {
  readonly #init: IntakeInit
  #pending = 0

  constructor(init: IntakeInit) {
    this.#init = init
  }

  /** Leaves under way. */
  get pending(): number {
    return this.#pending
  }

  /**
   * Resolves when the leaf is held, with how many of its places were written, or with `undefined` when its bytes are
   * wrong. Rejects when the store does.
   */
  async take(content: Content, arrival: Arrival): Promise<number | undefined> {
    this.#pending++
    let released = false
    const release = (): void => {
      if (!released) {
        released = true
        arrival.release()
      }
    }
    try {
      return await this.#take(content, { ...arrival, release })
    } finally {
      this.#pending--
      release()
    }
  }

  async #take(content: Content, arrival: Arrival): Promise<number | undefined> {
    const { map, store } = content
    const { leaf, bytes } = arrival
    const places = content.places(leaf)
    const [first, ...others] = places
    const check = leafCheck(map, leaf)
    if (first === undefined || check === undefined || bytes.byteLength < MIN_SHARED_BYTES) {
      return verifyLeaf(map, leaf, bytes) ? this.#writeAll(store, places, arrival) : undefined
    }
    if (store.place === undefined) {
      return (await this.#isRight(bytes, check)) ? this.#writeAll(store, places, arrival) : undefined
    }
    return this.#placeFirst(store, { first, others, check }, arrival)
  }

  async #placeFirst(
    store: BlobStore,
    { first, others, check }: { first: number; others: readonly number[]; check: LeafCheck },
    arrival: Arrival
  ): Promise<number | undefined> {
    const { bytes } = arrival
    const place = await store.place?.(first)
    if (place === undefined) {
      return (await this.#isRight(bytes, check)) ? this.#writeAll(store, [first, ...others], arrival) : undefined
    }
    const { fd, position } = place
    const result = await this.#init.workers.verifyAndWrite({ ...check, bytes, fd, position })
    switch (result.outcome) {
      case 'wrong':
        await place.failed()
        return undefined
      case 'refused':
        arrival.right()
        await place.failed(systemErrorOf(result.refusal))
        return undefined // never: it rejects
      case 'written':
        if (others.length === 0) {
          arrival.right()
          arrival.release() // before the journal is waited for: the network can go on
          await place.done()
          this.#init.alive()
          return 1
        }
        await place.done()
        this.#init.alive()
        return 1 + (await this.#writeAll(store, others, arrival))
    }
  }

  async #isRight(bytes: Uint8Array, { expected, envelopes }: LeafCheck): Promise<boolean> {
    for (const envelope of envelopes) {
      const [digest] = await this.#init.workers.digest([{ bytes, ...(envelope && { envelope }) }])
      if (digest !== undefined && Buffer.compare(digest, expected) === 0) {
        return true
      }
    }
    return false
  }

  async #writeAll(store: BlobStore, places: readonly number[], arrival: Arrival): Promise<number> {
    arrival.right()
    for (const place of places) {
      await store.write(place, arrival.bytes)
      this.#init.alive()
    }
    return places.length
  }
}
