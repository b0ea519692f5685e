import { NotStartedError } from '@p2pshare/interface'
import { SealedLeafError, SourceChangedError } from '../errors.ts'
import { verifyLeaf } from '../leaf-block.ts'
import { heldIndex } from '../share/content.ts'
import type { Entry } from '../share/entry.ts'
import type { View } from '../view.ts'
import type { Waiters } from '../waiters.ts'
import { INTERRUPTED } from './joining.ts'

export interface LeafReaderInit {
  readonly entry: Entry
  readonly view: View
  /** Woken with each leaf that is stored; `undefined` where all that is needed is here. */
  readonly leaves?: Waiters
}

/** Reads leaves of a share that is here or on its way, and hashes each before it is handed out. */
export class LeafReader {
  readonly #init: LeafReaderInit

  constructor(init: LeafReaderInit) {
    this.#init = init
  }

  isHeld(leaf: number): boolean {
    const { content } = this.#init.entry
    return content !== undefined && heldIndex(content, leaf) !== undefined
  }

  /**
   * The bytes of the leaf in its file, as soon as it is here. Rejects with the signal's reason.
   *
   * @throws SourceChangedError when the file is not what it was: a share is not served any more then
   */
  async leaf(leaf: number, signal: AbortSignal): Promise<Uint8Array> {
    const { entry, view, leaves } = this.#init
    for (;;) {
      const turn = leaves?.turn ?? 0
      const bytes = await this.#readIfHeld(leaf, signal)
      if (bytes !== undefined) {
        const plain = view.plain(leaf, bytes)
        if (plain === undefined) {
          throw new SealedLeafError(entry.root)
        }
        return plain
      }
      if (leaves === undefined || entry.abort.signal.aborted) {
        throw INTERRUPTED
      }
      await leaves.after(turn, signal)
    }
  }

  /** `undefined` when it is not here now. */
  async #readIfHeld(leaf: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const { entry, leaves } = this.#init
    const { content } = entry
    const held = content && heldIndex(content, leaf)
    if (content === undefined || held === undefined) {
      return undefined
    }
    signal.throwIfAborted()
    try {
      const bytes = await content.store.read(held, { signal })
      if (!verifyLeaf(content.map, held, bytes)) {
        throw new SourceChangedError(entry.info.path, 'does not match its hash any more')
      }
      return bytes
    } catch (error) {
      if (entry.abort.signal.aborted || entry.asleep) {
        throw INTERRUPTED // it was closed between two leaves
      }
      if (error instanceof NotStartedError) {
        return undefined // the disk refused, and the store will be opened again
      }
      if (error instanceof SourceChangedError && leaves === undefined) {
        entry.events.failed(error) // a download looks after its own files
      }
      throw error
    }
  }
}
