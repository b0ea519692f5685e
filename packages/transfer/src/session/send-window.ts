import { BLOCK_BYTES } from '../constants.ts'
import { FRAME_HEADER_BYTES } from '../wire/frame.ts'
import type { FrameHeader } from '../wire/frame.ts'
import type { Hoard, SendBudget } from './send-budget.ts'

/**
 * Bytes sent on the data lane and not yet acknowledged (SPEC.md#ack): the bound on send memory for one peer, beside that of
 * all peers together (`MAX_SENT_BYTES`). Eight full leaves of the default profile; at 100 ms round trip it allows 80 MiB/s
 * to one peer.
 */
export const SEND_WINDOW_BYTES = 8 * 1024 * 1024

/**
 * Called once, when a body is not referred to any more. `reusable` is false when a lane that ended may still hold it:
 * what another peer reads next must not be written into it.
 */
export type Release = (reusable: boolean) => void

/** A frame, or what of it did not arrive. */
export interface Frame {
  readonly header: FrameHeader
  readonly body: Uint8Array
}

/** A frame that has to be sent again. */
export interface LostFrame extends Frame {
  readonly release: Release
}

interface Held {
  readonly release: Release
  /** Lane offset behind the last byte of the frame. */
  readonly end: number
  readonly frame: Frame | undefined
}

/**
 * Counts what the peer acknowledged of the stream lane, and keeps bodies until it did: lanes keep references to what
 * they are given, and only the receiver knows when the bytes have left.
 */
export class SendWindow implements Hoard {
  readonly #budget: SendBudget | undefined
  readonly #giveWay: () => void
  readonly #held: Held[] = []
  #since = 0
  #sent = 0
  #acked = 0
  #closed = false

  /** @param giveWay - called when nothing was acknowledged for long, and `budget` has nothing left for others */
  constructor(budget?: SendBudget, giveWay: () => void = () => undefined) {
    this.#budget = budget
    this.#giveWay = giveWay
  }

  get unackedBytes(): number {
    return this.#sent - this.#acked
  }

  get since(): number {
    return this.#since
  }

  giveWay(): void {
    this.#giveWay()
  }

  /** All that was sent by the lane so far. */
  get sentBytes(): number {
    return this.#sent
  }

  get hasRoom(): boolean {
    return this.unackedBytes < SEND_WINDOW_BYTES && this.#budget?.allows(this, performance.now()) !== false
  }

  sent(bytes: number): void {
    if (this.#closed) {
      return
    }
    if (this.unackedBytes === 0) {
      this.#since = performance.now()
    }
    this.#sent += bytes
    this.#budget?.change(this, bytes)
  }

  /**
   * A body whose last byte is the last one that was sent, or `unsentBytes` behind it when the lane was left before its
   * end. With `frame` what does not arrive can be had back by `lost`.
   */
  hold(release: Release, frame?: Frame, unsentBytes = 0): void {
    if (this.#closed) {
      release(false)
    } else {
      this.#held.push({ release, end: this.#sent + unsentBytes, frame })
    }
  }

  /** Returns false for an acknowledgement of bytes never sent. */
  acked(total: number): boolean {
    if (total > this.#sent) {
      return false
    }
    if (total > this.#acked) {
      this.#settle(total)
    }
    while (this.#held[0] !== undefined && this.#held[0].end <= this.#acked) {
      this.#held.shift()?.release(true)
    }
    return true
  }

  /** After the last acknowledgement: the frames that did not arrive, without the blocks that did. They are the caller's. */
  lost(): LostFrame[] {
    const lost = this.#held.splice(0)
    const unacked = this.unackedBytes
    this.#sent = this.#acked
    this.#budget?.change(this, -unacked)
    return lost.flatMap(({ release, end, frame }) => {
      if (frame === undefined) {
        release(false)
        return []
      }
      const start = end - FRAME_HEADER_BYTES - frame.body.byteLength
      const lost = rest(frame, this.#acked - start - FRAME_HEADER_BYTES)
      // the lane that was left may hold the body for a while: nothing is written into it when it is released
      const releaseAsUsed = (): void => {
        release(false)
      }
      return [{ ...lost, release: releaseAsUsed }]
    })
  }

  /** Nothing will be acknowledged any more. */
  close(): void {
    this.#closed = true
    this.#settle(this.#sent)
    for (const { release } of this.#held.splice(0)) {
      release(false)
    }
  }

  /** All up to `total` is on its way no more. */
  #settle(total: number): void {
    const bytes = total - this.#acked
    this.#acked = total
    this.#since = performance.now()
    this.#budget?.change(this, -bytes)
  }
}

/** What is to be sent again of a frame of which so many bytes of the body arrived. Nodes go whole. */
function rest({ header, body }: Frame, arrived: number): Frame {
  const blocks = header.kind === 'data' ? Math.floor(Math.max(0, arrived) / BLOCK_BYTES) : 0
  if (header.kind !== 'data' || blocks === 0) {
    return { header, body }
  }
  const left = body.subarray(blocks * BLOCK_BYTES)
  return { header: { ...header, firstBlock: header.firstBlock + blocks, bytes: left.byteLength }, body: left }
}
