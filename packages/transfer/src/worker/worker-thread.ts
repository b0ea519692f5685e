import { Worker } from 'node:worker_threads'
import type { WorkerAnswer, WorkerTask } from './worker-message.ts'

/** Makes the thread; tests put one in that dies. */
export type SpawnWorker = () => Worker

export interface WorkerThreadEvents {
  answered(answer: WorkerAnswer): void
  /** The thread is gone, or never came; `unfinished` was not done, or not said to be. */
  ended(unfinished: readonly WorkerTask[], error: Error | undefined): void
}

/** One thread, and the tasks it has. Tasks of one turn of the event loop go to it in one message. */
export class WorkerThread {
  readonly #worker: Worker
  readonly #events: WorkerThreadEvents
  readonly #tasks = new Map<number, WorkerTask>()
  #outbox: WorkerTask[] = []
  #pendingBytes = 0
  #isOnline = false
  #error: Error | undefined

  /** Throws what the system throws when it has no thread to give. */
  constructor(spawn: SpawnWorker, events: WorkerThreadEvents) {
    this.#events = events
    this.#worker = spawn()
    this.#worker.unref()
    this.#worker.on('online', () => {
      this.#isOnline = true
    })
    this.#worker.on('message', (answers: readonly WorkerAnswer[]) => {
      for (const answer of answers) {
        this.#settle(answer)
      }
    })
    this.#worker.on('error', (error: Error) => {
      this.#error = error
    })
    // only now is it certain that it writes no more
    this.#worker.on('exit', () => {
      const unfinished = [...this.#tasks.values()]
      this.#tasks.clear()
      events.ended(unfinished, this.#error)
    })
  }

  /** Whether it takes tasks: what it is given before would wait for it to start. */
  get isOnline(): boolean {
    return this.#isOnline
  }

  /** Bytes it still has to do. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  give(task: WorkerTask): void {
    if (this.#tasks.size === 0) {
      this.#worker.ref() // the process must not end while somebody waits
    }
    this.#tasks.set(task.id, task)
    this.#pendingBytes += task.job.bytes.byteLength
    this.#outbox.push(task)
    if (this.#outbox.length === 1) {
      queueMicrotask(() => {
        this.#worker.postMessage(this.#outbox)
        this.#outbox = []
      })
    }
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(answer: WorkerAnswer): void {
    const task = this.#tasks.get(answer.id)
    if (task === undefined) {
      return
    }
    this.#tasks.delete(answer.id)
    this.#pendingBytes -= task.job.bytes.byteLength
    if (this.#tasks.size === 0) {
      this.#worker.unref()
    }
    this.#events.answered(answer)
  }
}

/** The thread beside this file: TypeScript in the source, JavaScript when built. */
export function spawnLeafWorker(): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new Worker(new URL(`./leaf-worker.${extension}`, import.meta.url), {
    name: 'p2pshare leaves',
    // it holds no data of its own
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 }
  })
}
