import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { memoryFs } from '../disk/memory-fs.ts'
import { Volume } from '../disk/volume.ts'
import { nothingPromised, TortureDownload } from '../download.ts'
import { must, ViolationError } from '../errors.ts'
import type { MadeShare } from '../share.ts'

/** The power fails after at most so many calls; a download takes a few dozen to a few hundred. */
const MAX_CALLS_OF_A_LIFE = 220

/** Cuts of one run, before it may end. */
const MAX_CUTS = 4

/** What one seed came to. */
export interface PowerLossResult {
  readonly seed: number
  readonly share: string
  readonly cuts: number
  readonly calls: number
  /** What must never happen, and happened. */
  readonly violation?: string
}

/** One download on a disk that loses power now and then, to its end. The same seed gives the same run. */
export async function runPowerLoss(seed: number, shares: readonly MadeShare[]): Promise<PowerLossResult> {
  const random = seededRandom(`powerloss/${seed}`)
  const share = random.pick(shares)
  const run = new Run(seed, share, random)
  try {
    await run.toTheEnd()
    return { seed, share: share.name, cuts: run.cuts, calls: run.calls }
  } catch (error) {
    const violation = error instanceof ViolationError ? error.message : `it threw ${String(error)}`
    return { seed, share: share.name, cuts: run.cuts, calls: run.calls, violation }
  }
}

class Run {
  readonly #share: MadeShare
  readonly #random: Random
  readonly #volume: Volume
  /** Of its own: locks are remembered by their path. */
  readonly #base: string
  readonly #promised = nothingPromised()
  readonly #checkpointBytes: number
  readonly #maxOpenFiles: number
  #clock = 0
  calls = 0

  constructor(seed: number, share: MadeShare, random: Random) {
    this.#share = share
    this.#random = random
    this.#base = `/run-${seed}`
    this.#volume = new Volume(random.pick(['journalled', 'loose']))
    this.#checkpointBytes = random.pick([1, 4_000, 10_000, 1_000_000])
    this.#maxOpenFiles = random.pick([1, 2, 8])
  }

  get cuts(): number {
    return this.#volume.cuts
  }

  async toTheEnd(): Promise<void> {
    this.#format()
    for (let life = 0; life < MAX_CUTS; life++) {
      await this.#live(this.#random.int(MAX_CALLS_OF_A_LIFE))
      this.#volume.cut(this.#random)
    }
    await this.#live(Infinity)
    // all of it was said to be safe
    this.#volume.cut(this.#random)
    await this.#live(Infinity)
  }

  /** The user's directory was there long before. */
  #format(): void {
    const base = this.#volume.make(this.#base, 'directory', 'mkdir')
    const home = this.#volume.make(`${this.#base}/home`, 'directory', 'mkdir')
    for (const inode of [this.#volume.get('/', 'sync'), base, home]) {
      this.#volume.sync(inode)
    }
  }

  /** From the start of a process to its end, or to the call at which the power fails. */
  async #live(cutAfter: number): Promise<void> {
    const power = { left: cutAfter, on: true }
    const { fs } = memoryFs(this.#volume, () => {
      this.calls++
      power.on &&= power.left-- > 0
      return power.on ? undefined : 'EIO'
    })
    const download = new TortureDownload(
      {
        share: this.#share,
        fs,
        target: `${this.#base}/target`,
        home: `${this.#base}/home`,
        now: () => (this.#clock += this.#random.int(8)),
        checkpointBytes: this.#checkpointBytes,
        maxOpenFiles: this.#maxOpenFiles
      },
      this.#promised
    )
    try {
      await this.#steps(download)
    } catch (error) {
      // without power every answer is no, and nothing that it leads to is judged
      if (power.on) {
        throw error
      }
    } finally {
      await download.close().catch(() => undefined)
    }
  }

  async #steps(download: TortureDownload): Promise<void> {
    if (await download.isDone()) {
      await download.judge(true)
    } else {
      await this.#fetch(download)
    }
    await download.remember()
    await download.discard()
    await download.checkFinal()
  }

  async #fetch(download: TortureDownload): Promise<void> {
    await download.open()
    await download.judge(false)
    await download.readHeld()
    await download.keepNodes()
    const missing = this.#share.leaves.flatMap((_, index) => (download.store?.has(index) === true ? [] : [index]))
    const queue = this.#random.shuffle(missing)
    const writers = Array.from({ length: 1 + this.#random.int(4) }, async () => this.#writeAll(download, queue))
    const results = await Promise.allSettled(writers)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) {
      throw failed.reason
    }
    must(download.store?.haveCount === this.#share.leaves.length, 'leaves that were written are not held')
    await download.complete()
    await download.readHeld()
    await download.close()
  }

  async #writeAll(download: TortureDownload, queue: number[]): Promise<void> {
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      await download.write(index)
      if (this.#random.int(6) === 0) {
        await download.checkpoint()
      }
    }
  }
}
