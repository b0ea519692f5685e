import { NodeLimits } from '../../../src/rate/rate-limits.ts'
import { ReadPool } from '../../../src/share/read-pool.ts'
import { Uplink } from '../../../src/share/uplink.ts'
import type { UplinkSession } from '../../../src/share/uplink.ts'
import { UploadQueue } from '../../../src/swarm/upload-queue.ts'
import type { Upload } from '../../../src/swarm/upload-queue.ts'
import type { Message, Run } from '../../../src/wire/codec.ts'
import type { FrameHeader } from '../../../src/wire/frame.ts'

export const LEAF_BYTES = 10 * 16_384 + 5

/** A session in memory: what it was given, and a lane that the test opens and closes. */
export class FakeSession implements UplinkSession {
  readonly key: string
  isOpen = true
  readonly frames: FrameHeader[] = []
  readonly bodies: Uint8Array[] = []
  readonly said: Message[] = []
  failure: Error | undefined
  /** Frames stay on the lane until `take`. */
  isStalled = false
  #busy = false
  #taken: Array<() => void> = []
  #ready: Array<() => void> = []
  readonly #log: string[]

  constructor(key: string, log: string[]) {
    this.key = key
    this.#log = log
  }

  get canTake(): boolean {
    return this.isOpen && !this.#busy
  }

  async ready(): Promise<void> {
    while (this.isOpen && this.#busy) {
      await new Promise<void>((resolve) => this.#ready.push(resolve))
    }
  }

  send(message: Message): void {
    this.said.push(message)
  }

  async sendFrame(header: FrameHeader, body: Uint8Array, options: Parameters<UplinkSession['sendFrame']>[2]) {
    if (this.#busy) {
      throw new TypeError('two frames at once')
    }
    this.#busy = true
    this.frames.push(header)
    this.bodies.push(body.slice())
    this.#log.push(header.kind === 'data' ? `${this.key} ${header.leaf}/${header.firstBlock}` : `${this.key} node`)
    options.onSlice?.(body.byteLength)
    if (this.isStalled) {
      await new Promise<void>((resolve) => this.#taken.push(resolve))
    }
    this.#busy = false
    options.release(this.isOpen)
    this.#ready.splice(0).forEach((resolve) => {
      resolve()
    })
  }

  /** The lane goes on. */
  take(): void {
    this.isStalled = false
    this.#taken.splice(0).forEach((resolve) => {
      resolve()
    })
  }

  fail(error: Error): void {
    this.failure = error
    this.isOpen = false
    this.take()
  }
}

export interface UplinkOptions {
  readonly fails?: Error
  readonly pool?: ReadPool
  readonly limits?: NodeLimits
}

/** An uplink over leaves whose bytes are their number, with peers in memory. */
export function openUplink({ fails, pool = new ReadPool(), limits = new NodeLimits() }: UplinkOptions = {}) {
  const log: string[] = []
  const reads: number[] = []
  const failures: Error[] = []
  const sent = new Map<string, number>()
  const unsent: Upload[] = []
  const queue = new UploadQueue({ leafBytes: () => LEAF_BYTES })
  const uplink = new Uplink({
    share: 'share',
    order: {
      next: (canTake, maxBlocks) => queue.next(canTake, maxBlocks),
      sent: (peer, bytes) => sent.set(peer, (sent.get(peer) ?? 0) + bytes),
      unsent: (peer, run) => unsent.push({ peer, run })
    },
    pool,
    limiter: limits.limiter,
    source: {
      leafBytes: () => LEAF_BYTES,
      read: async (leaf, into, start, bytes) => {
        reads.push(leaf)
        await Promise.resolve()
        if (fails !== undefined) {
          throw fails
        }
        into.subarray(0, bytes).fill(leaf)
      },
      node: () => Promise.resolve(Uint8Array.of(1, 2, 3)),
      failed: (error) => failures.push(error)
    }
  })
  const join = (key: string): FakeSession => {
    const session = new FakeSession(key, log)
    uplink.join(session)
    return session
  }
  const ask = (session: FakeSession, ...runs: readonly Run[]): void => {
    queue.add(session.key, runs, performance.now())
    uplink.wake()
  }
  return { uplink, queue, join, ask, log, reads, failures, sent, unsent, pool, limits }
}

export function whole(leaf: number): Run {
  return { leaf, first: 0, count: 11 }
}
