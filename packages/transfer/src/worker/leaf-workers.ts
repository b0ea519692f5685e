import { write } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Logger } from '@libp2p/interface'
import { asError } from '../as-error.ts'
import { digestOf, isRight, toRefusal } from './leaf-job.ts'
import type { DigestJob, WriteJob, WriteOutcome } from './leaf-job.ts'
import type { WorkerAnswer, WorkerTask } from './worker-message.ts'
import { spawnLeafWorker, WorkerThread } from './worker-thread.ts'
import type { SpawnWorker } from './worker-thread.ts'

/** Threads by default: more than this gain little, since the network and the disk are behind them. */
const MAX_DEFAULT_WORKERS = 4

/** Bytes done on the main thread before a thread is started: starting it takes as long as hashing this. */
export const WORKER_WORTH_BYTES = 8 * 1024 * 1024

/** Smaller jobs are done on the main thread: handing them over costs as much. */
const MIN_JOB_BYTES = 32 * 1024

/** A thread with nothing to do for this long ends: it holds some 20 MiB. */
export const WORKER_IDLE_MS = 10_000

/** Deaths after which no new thread is started: something about this machine kills them. */
const MAX_DEATHS = 3

export interface LeafWorkersInit {
  /**
   * Threads that hash and write. `0`: all of it on the main thread.
   *
   * @default 1 on two cores; on more, one less than there are, and no more than 4
   */
  readonly workers?: number | undefined
  /** Told when threads cannot be had. */
  readonly log?: Logger
  /** For tests. @default the worker of this package */
  readonly spawn?: SpawnWorker
}

/**
 * Hashes and writes leaves beside the main thread. Nothing is copied: buffers are views of `SharedArrayBuffer`s, and
 * not to be changed before the job is done. Threads start when enough was done to make it worth it; whatever a thread
 * that dies had not finished is done again on the main thread.
 */
export class LeafWorkers {
  /** Threads that there may be. */
  readonly max: number
  readonly #log: Logger | undefined
  readonly #spawn: SpawnWorker
  readonly #threads = new Set<WorkerThread>()
  readonly #waiting = new Map<number, (answer: WorkerAnswer) => void>()
  #nextId = 0
  #seenBytes = 0
  #deaths = 0
  #closed = false
  #idleTimer: NodeJS.Timeout | undefined
  #wasBusy = false

  constructor(init: LeafWorkersInit = {}) {
    this.max = init.workers ?? defaultWorkers()
    this.#log = init.log
    this.#spawn = init.spawn ?? spawnLeafWorker
  }

  /** Threads that take jobs now. */
  get threads(): number {
    return [...this.#threads].filter((thread) => thread.isOnline).length
  }

  /** SHA-256 of each job's block, in order. */
  async digest(jobs: readonly DigestJob[]): Promise<Uint8Array[]> {
    return Promise.all(jobs.map(async (job) => this.#digestOne(job)))
  }

  /** Never rejects: what the system refuses is an outcome. */
  async verifyAndWrite(job: WriteJob): Promise<WriteOutcome> {
    const thread = this.#threadFor(job.bytes)
    if (thread === undefined) {
      return isRight(job) ? writeHere(job) : { outcome: 'wrong' }
    }
    const id = this.#nextId++
    const answer = await this.#ask(thread, { id, type: 'write', job })
    // a worker answers what it was asked
    return answer.type === 'write' ? answer.outcome : { outcome: 'wrong' }
  }

  /** Ends the threads. What they have not finished is done on the main thread, as is all that comes later. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#endThreads()
  }

  async #digestOne(job: DigestJob): Promise<Uint8Array> {
    const thread = this.#threadFor(job.bytes)
    if (thread === undefined) {
      return digestOf(job.bytes, job.envelope)
    }
    const answer = await this.#ask(thread, { id: this.#nextId++, type: 'digest', job })
    return answer.type === 'digest' ? answer.digest : digestOf(job.bytes, job.envelope)
  }

  async #ask(thread: WorkerThread, task: WorkerTask): Promise<WorkerAnswer> {
    const { promise, resolve } = Promise.withResolvers<WorkerAnswer>()
    this.#waiting.set(task.id, resolve)
    this.#wasBusy = true
    thread.give(task)
    return promise
  }

  /** The thread with the least to do; `undefined`: this one. */
  #threadFor(bytes: Uint8Array): WorkerThread | undefined {
    if (this.#closed || this.max === 0) {
      return undefined
    }
    this.#seenBytes += bytes.byteLength
    if (this.#seenBytes >= WORKER_WORTH_BYTES) {
      this.#start()
    }
    if (bytes.byteLength < MIN_JOB_BYTES || !(bytes.buffer instanceof SharedArrayBuffer)) {
      return undefined
    }
    let least: WorkerThread | undefined
    for (const thread of this.#threads) {
      if (thread.isOnline && (least === undefined || thread.pendingBytes < least.pendingBytes)) {
        least = thread
      }
    }
    return least
  }

  /** A second thread starts only when the others are online and have something to do. */
  #start(): void {
    const isEnough = [...this.#threads].some((thread) => !thread.isOnline || thread.pendingBytes === 0)
    if (isEnough || this.#threads.size >= this.max || this.#deaths >= MAX_DEATHS) {
      return
    }
    try {
      const thread: WorkerThread = new WorkerThread(this.#spawn, {
        answered: (answer) => {
          this.#answer(answer)
        },
        ended: (unfinished, error) => {
          this.#onEnded(thread, unfinished, error)
        }
      })
      this.#threads.add(thread)
      this.#idleTimer ??= setInterval(() => {
        this.#endIfIdle()
      }, WORKER_IDLE_MS).unref()
    } catch (error) {
      this.#onDeath(asError(error))
    }
  }

  /** Looks once in a while: what is done for each job would cost more than the memory is worth. */
  #endIfIdle(): void {
    if (!this.#wasBusy && this.#waiting.size === 0) {
      this.#seenBytes = 0
      this.#endThreads().catch((error: unknown) => {
        this.#log?.error('an idle worker thread could not be ended - %e', error)
      })
    }
    this.#wasBusy = false
  }

  async #endThreads(): Promise<void> {
    clearInterval(this.#idleTimer)
    this.#idleTimer = undefined
    const threads = [...this.#threads]
    this.#threads.clear()
    await Promise.all(threads.map(async (thread) => thread.terminate()))
  }

  #onEnded(thread: WorkerThread, unfinished: readonly WorkerTask[], error: Error | undefined): void {
    if (this.#threads.delete(thread)) {
      this.#onDeath(error) // nobody ended it
    }
    for (const task of unfinished) {
      this.#redo(task).catch((failure: unknown) => {
        this.#log?.error('a job could not be done again - %e', failure)
      })
    }
  }

  #onDeath(error: Error | undefined): void {
    this.#deaths++
    this.#log?.error('a worker thread ended, its work goes on without it - %e', error ?? 'no reason given')
  }

  async #redo(task: WorkerTask): Promise<void> {
    const { id } = task
    if (task.type === 'digest') {
      this.#answer({ id, type: 'digest', digest: digestOf(task.job.bytes, task.job.envelope) })
    } else {
      const outcome: WriteOutcome = isRight(task.job) ? await writeHere(task.job) : { outcome: 'wrong' }
      this.#answer({ id, type: 'write', outcome })
    }
  }

  #answer(answer: WorkerAnswer): void {
    const resolve = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    resolve?.(answer)
  }
}

/** Write without holding up the main thread. */
async function writeHere({ fd, bytes, position }: WriteJob): Promise<WriteOutcome> {
  for (let done = 0; done < bytes.byteLength;) {
    const result = await new Promise<number | Error>((resolve) => {
      write(fd, bytes, done, bytes.byteLength - done, position + done, (error, written) => {
        resolve(error ?? written)
      })
    })
    if (typeof result !== 'number') {
      return { outcome: 'refused', refusal: toRefusal(result) }
    }
    done += result
  }
  return { outcome: 'written' }
}

function defaultWorkers(): number {
  return Math.min(Math.max(1, availableParallelism() - 1), MAX_DEFAULT_WORKERS)
}
