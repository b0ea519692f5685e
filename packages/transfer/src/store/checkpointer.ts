import type { Journal } from './journal-file.ts'

/** Bytes written before what is dirty goes to the disk: what a power cut can make us hash again. */
export const CHECKPOINT_BYTES = 64 * 1024 * 1024

/** The same for a slow download, where 64 MiB take long. */
export const CHECKPOINT_AFTER_MS = 2_000

/** Files synced at a time while somebody waits for it: libuv's pool has four threads. */
const WORKERS_IN_A_HURRY = 4

/** The same in the background, where writes and reads need the threads. */
const WORKERS_AT_LEISURE = 1

/** One checkpoint on its way. */
interface Pass {
  /** Files that are not synced yet. */
  readonly left: Set<number>
  readonly next: Iterator<number>
  readonly workers: Array<Promise<void>>
  failure: { readonly error: unknown } | undefined
}

/** What a `Checkpointer` needs. */
export interface CheckpointerInit {
  readonly journal: Journal
  /** `fdatasync` of one file. */
  readonly sync: (file: number) => Promise<void>
  /** Make the names of the files that were synced last, too. */
  readonly syncNames: () => Promise<void>
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number
  /** @default CHECKPOINT_BYTES */
  readonly checkpointBytes?: number
  /** @default CHECKPOINT_AFTER_MS */
  readonly checkpointAfterMs?: number
}

/**
 * Brings written leaves to the disk in the background, and says so in the journal. Driven by writes, it needs no timer:
 * with no writes nothing gets dirtier.
 */
export class Checkpointer {
  readonly #init: CheckpointerInit
  readonly #bytesLimit: number
  readonly #afterMs: number
  #dirty = new Set<number>()
  #dirtyBytes = 0
  #dirtySince = 0
  /** Records of the journal that are known to be on the disk, or say themselves that others are. */
  #covered: number
  #running: Promise<void> | undefined
  #pass: Pass | undefined
  #failed = false
  #suspects = new Map<number, Error>()

  constructor(init: CheckpointerInit) {
    this.#init = init
    this.#covered = init.journal.records
    this.#bytesLimit = init.checkpointBytes ?? CHECKPOINT_BYTES
    this.#afterMs = init.checkpointAfterMs ?? CHECKPOINT_AFTER_MS
  }

  /**
   * `bytes` were written to `file`. Call it after the write and before the journal record: a checkpoint covers exactly
   * the records that are in the journal when it begins, and all files that were noted by then.
   */
  note(file: number, bytes: number): void {
    if (this.#dirty.size === 0) {
      this.#dirtySince = this.#init.now()
    }
    this.#dirty.add(file)
    this.#dirtyBytes += bytes
    if (this.#dirtyBytes >= this.#bytesLimit || this.#init.now() - this.#dirtySince >= this.#afterMs) {
      // the next write tries again; `run` of `complete` is the one that must succeed
      this.#start().catch(() => undefined)
    }
  }

  /**
   * Writing `file` back failed. The system may have thrown the pages away and may not say so a second time, so no
   * checkpoint of this session is to be believed: what is journaled since the last one gets hashed on the next open.
   */
  fail(file: number, error: Error): void {
    this.#failed = true
    this.#suspects.set(file, error)
    this.#dirty.add(file)
  }

  /**
   * Files given to `fail` since the last call, and what it was: their leaves have to be read back before they count. Until
   * then `run` rejects.
   */
  takeSuspects(): ReadonlyMap<number, Error> {
    const suspects = this.#suspects
    this.#suspects = new Map()
    return suspects
  }

  /** Sync all that was noted. Rejects with the first failure; the files stay noted, so it can be called again. */
  async run(): Promise<void> {
    // one that is under way may have begun before the last write
    this.#hire(WORKERS_IN_A_HURRY)
    await this.#running?.catch(() => undefined)
    const running = this.#start()
    this.#hire(WORKERS_IN_A_HURRY)
    await running
  }

  async #start(): Promise<void> {
    this.#running ??= this.#checkpoint().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #checkpoint(): Promise<void> {
    const { records } = this.#init.journal
    const left = this.#dirty
    this.#dirty = new Set()
    this.#dirtyBytes = 0
    // a file may have been synced before what was written to it was journaled: then only the note is missing
    if (left.size === 0 && records <= this.#covered) {
      return
    }
    const pass: Pass = { left, next: left.values(), workers: [], failure: undefined }
    this.#pass = pass
    this.#hire(WORKERS_AT_LEISURE)
    // more workers may join while these are waited for
    for (const worker of pass.workers) {
      await worker
    }
    this.#pass = undefined
    if (pass.failure !== undefined) {
      for (const file of left) {
        this.#dirty.add(file)
      }
      this.#dirtySince = this.#init.now()
      throw pass.failure.error
    }
    const [doubt] = this.#suspects.values()
    if (doubt !== undefined) {
      throw doubt
    }
    if (!this.#failed) {
      await this.#init.syncNames()
      await this.#init.journal.checkpoint(records)
      this.#covered = records + 1
    }
  }

  #hire(count: number): void {
    const pass = this.#pass
    while (pass !== undefined && pass.workers.length < count) {
      pass.workers.push(this.#work(pass))
    }
  }

  async #work(pass: Pass): Promise<void> {
    for (let next = pass.next.next(); next.done !== true; next = pass.next.next()) {
      if (pass.failure !== undefined) {
        return
      }
      try {
        await this.#init.sync(next.value)
        pass.left.delete(next.value)
      } catch (error) {
        pass.failure ??= { error }
      }
    }
  }
}
