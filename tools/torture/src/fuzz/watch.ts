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

/** No input takes so much of a processor. What a clock shows says nothing on a machine that has other things to do. */
const HANG_CPU_MS = 20_000

/** How often the thread is looked at. */
const LOOK_MS = 5_000

/** Run the fuzzer on a thread, and end it when one input takes for ever: that is a finding, too. */
export async function fuzzWatched(job: Omit<FuzzJob, 'progress'>): Promise<FuzzResult> {
  const progress = new Int32Array(new SharedArrayBuffer(4)).fill(job.from)
  const worker = new Worker(new URL('../fuzz-worker.ts', import.meta.url), { workerData: { ...job, progress } })
  let seen = { index: -1, cpuMs: 0 }
  const { promise, resolve, reject } = Promise.withResolvers<FuzzResult>()
  const look = async (): Promise<void> => {
    const { user, system } = await worker.cpuUsage()
    const [index, cpuMs] = [Atomics.load(progress, 0), (user + system) / 1000]
    if (index !== seen.index) {
      seen = { index, cpuMs }
    } else if (cpuMs - seen.cpuMs > HANG_CPU_MS) {
      const verdict = { type: 'slow', ms: cpuMs - seen.cpuMs } as const
      const findings = [{ index, input: 'does not come back: made again by its index', verdict }]
      resolve({ codec: job.codec, inputs: index - job.from, accepted: 0, findings, kinds: new Map() })
    }
  }
  const watch = setInterval(() => void look().catch(reject), LOOK_MS)
  worker.once('message', resolve)
  worker.once('error', reject)
  try {
    return await promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}
