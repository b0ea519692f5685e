// A worker that does what it is asked until it has seen `lives` messages, and then dies: by a throw, or without a word.
import { parentPort, workerData } from 'node:worker_threads'
import { doTask } from '../../../src/worker/worker-message.ts'

let { lives, how } = workerData

if (how === 'at start') {
  throw new TypeError('it does not start')
}
parentPort.on('message', (tasks) => {
  if (lives-- > 0) {
    parentPort.postMessage(tasks.map(doTask))
  } else if (how === 'throw') {
    throw new TypeError('it fell over')
  } else {
    // half of the work is done and nobody is told
    tasks.slice(0, 1).map(doTask)
    process.exit()
  }
})
