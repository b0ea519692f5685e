import { BLOCK_BYTES } from '../constants.ts'
import type { Run } from '../wire/codec.ts'
import type { Upload, UploadQueue } from './upload-queue.ts'
import { DueQueue } from './due-queue.ts'
import type { PeerKey } from './effects.ts'
import { UploadRate } from './upload-rate.ts'

/**
 * What waits for a peer that takes nothing for so long is not work that can be done now, and the time is none in which the
 * uplink was at work: otherwise three peers that stall leave nothing to promise to others, at a rate that falls to nothing.
 */
export const STUCK_MS = 1000

/**
 * How long the uplink is at work on what it sends as one. Longer, and a slow uplink cannot turn to somebody else when a
 * peer takes no more, nor heed a CANCEL; shorter, and frames cost more than what they carry (docs/adr/0013).
 */
export const FRAME_MS = 32
/** Frames of 64 KiB until something is known of the uplink, in bytes a millisecond. */
const START_PER_MS = (4 * BLOCK_BYTES) / FRAME_MS

/** Something that was granted or offered and not yet asked for. */
export interface Promised {
  readonly bytes: number
  readonly at: number
  /** Whether it counts as work: not any more when it was answered, or when the answer is late. */
  counts: boolean
}

export interface UploadLoadInit {
  readonly queue: UploadQueue
  /** Bytes of a run. */
  readonly bytesOf: (run: Run) => number
  /** Bytes that the peer was granted or offered and has not been sent. More than that is sent when nobody else waits. */
  readonly creditOf: (peer: PeerKey) => number
}

interface Taken {
  readonly leaf: number
  bytes: number
}

/** What was taken from the queue for one peer and is not with its lane yet. */
interface Outgoing {
  /** The oldest first, as they go out. */
  readonly parts: Taken[]
  bytes: number
  /** When the lane last took something of it. */
  movedAt: number
}

/**
 * What an uplink has before it: what was promised, what was asked for, and what the sender took from the queue and has
 * not put on a lane yet. Late answers do not count, nor do peers that take nothing: they must not keep an uplink idle.
 * Pure.
 */
export class UploadLoad {
  readonly #init: UploadLoadInit
  readonly #rate = new UploadRate()
  readonly #late = new DueQueue<Promised>()
  /** Those whose requests wait, and since when nothing was taken for them. */
  readonly #waiting = new Map<PeerKey, number>()
  readonly #taken = new Map<PeerKey, Outgoing>()
  #promisedBytes = 0
  #cap: number | undefined

  constructor(init: UploadLoadInit) {
    this.#init = init
  }

  /** When a promise becomes late. */
  get nextAt(): number {
    return this.#late.nextAt
  }

  /** Bytes a millisecond: the cap, or what was measured if that is less. */
  get perMs(): number | undefined {
    const measured = this.#rate.perMs
    return this.#cap === undefined ? measured : Math.min(this.#cap, measured ?? Infinity)
  }

  /** `undefined`: no cap. */
  setCap(bytesPerSecond: number | undefined): void {
    this.#cap = bytesPerSecond === undefined || bytesPerSecond === Infinity ? undefined : bytesPerSecond / 1000
  }

  /** Work ahead that can be done now and was promised. */
  committedBytes(now: number): number {
    let bytes = this.waitingBytes(now)
    for (const outgoing of this.#taken.values()) {
      bytes += now - outgoing.movedAt < STUCK_MS ? outgoing.bytes : 0
    }
    return bytes
  }

  /** Of that, what was not taken yet. */
  waitingBytes(now: number): number {
    const { queue, creditOf } = this.#init
    let bytes = this.#promisedBytes
    for (const [peer, since] of this.#waiting) {
      if (now - since < STUCK_MS) {
        bytes += Math.min(queue.queuedBytesOf(peer), creditOf(peer))
      }
    }
    return bytes
  }

  /** It counts until it is settled, or until `lateAt`. */
  promise(bytes: number, now: number, lateAt: number): Promised {
    const promised = { bytes, at: now, counts: true }
    this.#promisedBytes += bytes
    this.#late.push(lateAt, promised)
    return promised
  }

  settle(promised: Promised): void {
    if (promised.counts) {
      promised.counts = false
      this.#promisedBytes -= promised.bytes
    }
  }

  /** Returns the runs that found no room. */
  ask(peer: PeerKey, runs: readonly Run[], now: number): Run[] {
    const refused = this.#init.queue.add(peer, runs, now)
    this.#note(peer, now)
    return refused
  }

  cancel(peer: PeerKey, runs: readonly Run[], now: number): void {
    this.#init.queue.cancel(peer, runs)
    this.#note(peer, now)
  }

  /** What is sent next, for `FRAME_MS` at most: the oldest request of those who have credit, then of the others. */
  take(canTake: (peer: PeerKey) => boolean, maxBlocks: BlockLimit, now: number): Upload | undefined {
    const { queue, creditOf, bytesOf } = this.#init
    const frame = Math.max(1, Math.floor(((this.perMs ?? START_PER_MS) * FRAME_MS) / BLOCK_BYTES))
    const blocks = (peer: PeerKey): number => Math.min(frame, maxBlocks(peer))
    const mayTake = new Map<PeerKey, boolean>()
    const ask = (peer: PeerKey): boolean => {
      const known = mayTake.get(peer) ?? canTake(peer)
      mayTake.set(peer, known)
      return known
    }
    const upload = queue.next((peer) => creditOf(peer) > 0 && ask(peer), blocks) ?? queue.next(ask, blocks)
    if (upload !== undefined) {
      const { peer, run } = upload
      const outgoing = this.#taken.get(peer) ?? { parts: [], bytes: 0, movedAt: now }
      outgoing.parts.push({ leaf: run.leaf, bytes: bytesOf(run) })
      outgoing.bytes += bytesOf(run)
      this.#taken.set(peer, outgoing)
      this.#waiting.delete(peer)
      this.#note(peer, now)
    }
    return upload
  }

  /** The oldest bytes taken for the peer went out. Returns how many of each leaf. */
  sent(peer: PeerKey, bytes: number, now: number): Array<{ readonly leaf: number; readonly bytes: number }> {
    const outgoing = this.#taken.get(peer)
    const out: Array<{ leaf: number; bytes: number }> = []
    if (outgoing !== undefined) {
      outgoing.movedAt = now
      let left = bytes
      for (let [first] = outgoing.parts; first !== undefined && left > 0; [first] = outgoing.parts) {
        const part = Math.min(left, first.bytes)
        out.push({ leaf: first.leaf, bytes: part })
        left -= part
        first.bytes -= part
        if (first.bytes === 0) {
          outgoing.parts.shift()
        }
      }
      outgoing.bytes -= bytes - left
    }
    this.#rate.sent(bytes, now)
    this.#note(peer, now)
    return out
  }

  /** Taken, and not to be sent after all: the oldest of the leaf. */
  unsent(peer: PeerKey, { leaf }: Run, now: number): void {
    const outgoing = this.#taken.get(peer)
    const at = outgoing?.parts.findIndex((part) => part.leaf === leaf) ?? -1
    if (outgoing !== undefined && at >= 0) {
      const [part] = outgoing.parts.splice(at, 1)
      outgoing.bytes -= part?.bytes ?? 0
    }
    this.#note(peer, now)
  }

  removePeer(peer: PeerKey, now: number): void {
    this.#init.queue.removePeer(peer)
    this.#taken.delete(peer)
    this.#note(peer, now)
  }

  expire(now: number): void {
    for (let late = this.#late.popDue(now); late !== undefined; late = this.#late.popDue(now)) {
      this.settle(late)
    }
  }

  #note(peer: PeerKey, now: number): void {
    const { queue } = this.#init
    if (queue.queuedBytesOf(peer) === 0) {
      this.#waiting.delete(peer)
    } else if (!this.#waiting.has(peer)) {
      this.#waiting.set(peer, now)
    }
    if (this.#taken.get(peer)?.parts.length === 0) {
      this.#taken.delete(peer)
    }
    this.#rate.setBusy(this.#busyUntil(), now)
  }

  /** Until when somebody can be said to take what there is, if nothing more happens; -Infinity when nothing waits. */
  #busyUntil(): number {
    let since = -Infinity
    for (const at of this.#waiting.values()) {
      since = Math.max(since, at)
    }
    for (const { movedAt } of this.#taken.values()) {
      since = Math.max(since, movedAt)
    }
    return since + STUCK_MS
  }
}

/** Most blocks that are sent as one, by peer. */
export type BlockLimit = (peer: PeerKey) => number
