import { Worker } from 'node:worker_threads'
import type { FuzzResult } from './run.ts'

/** What a thread is to do, and where it says how far it is. */
export interface FuzzJob {
  readonly codec: string
  readonly seed: string
  readonly from: number
  readonly count: number
  readonly progress: Int32Array
}

/** No input takes so long, even on a machine that has other things to do. */
const HANG_MS = 60_000

/** Run the fuzzer on a thread, and end it when one input takes for ever: that is a finding, too. */
export async function fuzzWatched(job: Omit<FuzzJob, 'progress'>): Promise<FuzzResult> {
  const progress = new Int32Array(new SharedArrayBuffer(4)).fill(job.from)
  const worker = new Worker(new URL('../fuzz-worker.ts', import.meta.url), { workerData: { ...job, progress } })
  let seen = -1
  const { promise, resolve, reject } = Promise.withResolvers<FuzzResult>()
  const watch = setInterval(() => {
    const index = Atomics.load(progress, 0)
    if (index === seen) {
      const verdict = { type: 'slow', ms: HANG_MS } as const
      const findings = [{ index, input: 'does not come back: made again by its index', verdict }]
      resolve({ codec: job.codec, inputs: index - job.from, accepted: 0, findings, kinds: new Map() })
    }
    seen = index
  }, HANG_MS)
  worker.once('message', resolve)
  worker.once('error', reject)
  try {
    return await promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}
