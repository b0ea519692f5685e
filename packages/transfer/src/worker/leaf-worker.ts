import { parentPort } from 'node:worker_threads'
import { doTask } from './worker-message.ts'
import type { WorkerTask } from './worker-message.ts'

// The thread of `LeafWorkers`. It imports nothing but what it needs: it has to start fast and stay small.

/** Answers are collected for as long as the tasks are small, so that many cost few messages. */
const ANSWER_BYTES = 256 * 1024

parentPort?.on('message', (tasks: readonly WorkerTask[]) => {
  let answers = []
  let bytes = 0
  for (const [at, task] of tasks.entries()) {
    answers.push(doTask(task))
    bytes += task.job.bytes.byteLength
    if (bytes >= ANSWER_BYTES || at === tasks.length - 1) {
      parentPort?.postMessage(answers)
      answers = []
      bytes = 0
    }
  }
})
