import { BLOCK_BYTES } from '../constants.ts'
import { MAX_LEAF_BLOCKS } from '../wire/limits.ts'

/** How long a frame should take to go out: what was chosen longer ago than this cannot be cancelled or changed. */
const FRAME_MS = 50

/** Frames are not made smaller for a slow lane. */
const MIN_FRAME_BLOCKS = 4

/** Below this a peer is slow: what is read for it is what its frame holds, so that it does not keep a whole leaf. */
const SLOW_FRAME_BLOCKS = 16

/** A lane nobody knows yet: the first frame is `SLOW_FRAME_BLOCKS` long, and the third may be a whole leaf. */
const FIRST_BYTES = SLOW_FRAME_BLOCKS * BLOCK_BYTES

/** Older bytes count half after so many. */
const MEMORY_BYTES = 2 * 1024 * 1024

/** How fast one lane takes frames, and so how long they should be. Pure. */
export class LanePace {
  #bytes = FIRST_BYTES
  #ms = FRAME_MS

  /** The lane took a frame, and was busy with it for so long. */
  took(bytes: number, ms: number): void {
    this.#bytes += bytes
    this.#ms += ms
    if (this.#bytes > MEMORY_BYTES) {
      this.#bytes /= 2
      this.#ms /= 2
    }
  }

  /** Blocks of the next frame. */
  get blocks(): number {
    const blocks = Math.floor((this.#bytes / this.#ms) * (FRAME_MS / BLOCK_BYTES))
    return Math.min(MAX_LEAF_BLOCKS, Math.max(MIN_FRAME_BLOCKS, blocks))
  }

  get isSlow(): boolean {
    return this.blocks < SLOW_FRAME_BLOCKS
  }
}
