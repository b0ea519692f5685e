import { DiskError, mayPass, retryDelayMs } from '@p2pshare/transfer/store'
import { memoryFs } from '../disk/memory-fs.ts'
import type { FsCall, MemoryFs } from '../disk/memory-fs.ts'
import { Volume } from '../disk/volume.ts'
import { nothingPromised, TortureDownload } from '../download.ts'
import { must, ViolationError } from '../errors.ts'
import type { MadeShare } from '../share.ts'
import { GOAL_MS, SPELL_MS } from './errnos.ts'
import type { Way } from './errnos.ts'

/** Tries of one step: a spell of 45 s takes seven. */
const MAX_TRIES = 12

/** Which call fails, with what, and for how long. */
export interface Fault {
  readonly nth: number
  readonly errno: string
  readonly way: Way
}

/** What one round came to. */
export interface FaultResult extends Fault {
  readonly share: string
  readonly call: string
  /** From the end of the fault to the next step that succeeded, by the virtual clock. */
  readonly resumedAfterMs: number
  readonly violation?: string
}

/** Calls of a download without faults. */
export async function countCalls(share: MadeShare): Promise<number> {
  const round = new Round(share, undefined)
  await round.toTheEnd()
  return round.calls
}

/** One download from its first call to its last, with one fault. The same fault gives the same round. */
export async function runFault(share: MadeShare, fault: Fault): Promise<FaultResult> {
  const round = new Round(share, fault)
  let violation: string | undefined
  try {
    await round.toTheEnd()
    must(round.resumedAfterMs <= GOAL_MS, `it went on ${round.resumedAfterMs} ms after the fault was over`)
  } catch (error) {
    violation = error instanceof ViolationError ? error.message : `it threw ${String(error)}`
  }
  const { failed, resumedAfterMs } = round
  const call = failed === undefined ? 'none' : `${failed.name} ${failed.path}`
  return { ...fault, share: share.name, call, resumedAfterMs, ...(violation === undefined ? {} : { violation }) }
}

let rounds = 0

class Round {
  readonly #share: MadeShare
  readonly #fault: Fault | undefined
  readonly #volume = new Volume('journalled')
  /** Of its own: locks are remembered by their path. */
  readonly #base = `/round-${++rounds}`
  readonly #disk: MemoryFs
  readonly #download: TortureDownload
  #clock = 0
  /** Nothing fails any more. */
  #isWell = false
  #failedAt = NaN
  calls = 0
  failed: FsCall | undefined
  resumedAfterMs = 0

  constructor(share: MadeShare, fault: Fault | undefined) {
    this.#share = share
    this.#fault = fault
    this.#volume.make(this.#base, 'directory', 'mkdir')
    this.#volume.make(`${this.#base}/home`, 'directory', 'mkdir')
    this.#disk = memoryFs(this.#volume, (call) => this.#answer(call))
    this.#download = new TortureDownload(
      {
        share,
        fs: this.#disk.fs,
        target: `${this.#base}/target`,
        home: `${this.#base}/home`,
        // so that no leaf waits for others
        now: () => (this.#clock += 11),
        checkpointBytes: 4_000,
        maxOpenFiles: 1
      },
      nothingPromised()
    )
  }

  async toTheEnd(): Promise<void> {
    const download = this.#download
    await this.#step(async () => download.isDone())
    await this.#step(async () => download.open())
    await this.#step(async () => download.keepNodes())
    for (const index of this.#share.leaves.keys()) {
      await this.#step(async () => download.write(index))
      if (index === 1) {
        // the process ends well, and another goes on
        await this.#step(async () => download.close())
        await this.#step(async () => download.open())
      }
    }
    await this.#step(async () => download.readHeld())
    await this.#step(async () => this.#complete())
    await this.#step(async () => download.remember())
    await this.#step(async () => download.close())
    await this.#step(async () => download.discard())
    await this.#step(async () => download.checkFinal())
    this.#isWell = true
    await this.#judge()
  }

  /** What turned out to be damaged is fetched again. */
  async #complete(): Promise<void> {
    for (const index of this.#share.leaves.keys()) {
      await this.#download.write(index)
    }
    await this.#download.complete()
  }

  async #judge(): Promise<void> {
    must(await this.#download.isDone(), 'the content is not there')
    await this.#download.judge(true)
    must(this.#disk.open.size === 0, `${this.#disk.open.size} descriptors are left open`)
    const left = [...this.#volume.names.of(this.#volume.get(this.#base, 'readdir').id).keys()].sort()
    must(left.join() === 'home,target', `there is more than the content: ${left.join(', ')}`)
  }

  /** Again and again, as a share that is paused does it. */
  async #step(action: () => Promise<unknown>): Promise<void> {
    for (let refusals = 1; ; refusals++) {
      try {
        await action()
        this.#noteResumed()
        return
      } catch (error) {
        if (error instanceof ViolationError) {
          throw error
        }
        must(error instanceof DiskError || isDamage(error), `it is not the disk that is blamed: ${String(error)}`)
        must(!(error instanceof DiskError) || mayPass(error), `${String(error)} counts as final`)
        must(refusals < MAX_TRIES, `stuck: ${String(error)}`)
        this.#clock += retryDelayMs(refusals)
      }
    }
  }

  #noteResumed(): void {
    const over = this.#failedAt + (this.#fault?.way === 'once' ? 0 : SPELL_MS)
    if (this.#clock >= over && this.resumedAfterMs === 0) {
      this.resumedAfterMs = this.#clock - over
    }
  }

  #answer(call: FsCall): string | undefined {
    this.calls++
    const fault = this.#fault
    if (fault === undefined || this.#isWell || call.nth < fault.nth) {
      return undefined
    }
    this.failed ??= call
    if (Number.isNaN(this.#failedAt)) {
      this.#failedAt = this.#clock
    }
    if (fault.way === 'once') {
      return call.nth === fault.nth ? fault.errno : undefined
    }
    if (this.#clock >= this.#failedAt + SPELL_MS) {
      return undefined
    }
    if (fault.way === 'spell') {
      return fault.errno
    }
    // what the system says about itself is not on the disk
    const isElsewhere = call.path.startsWith('/proc/')
    return isElsewhere ? undefined : call.name.startsWith('handle.') ? 'EIO' : 'ENOENT'
  }
}

/** Leaves that had not reached the disk after all, and are fetched again. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && error.name === 'LeafNotFoundError'
}
