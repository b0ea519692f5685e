import { digestOf, writeJobSync } from './leaf-job.ts'
import type { DigestJob, WriteJob, WriteOutcome } from './leaf-job.ts'

/** What a worker is asked. Buffers are shared; only their descriptions travel. */
export type WorkerTask =
  | { readonly id: number; readonly type: 'digest'; readonly job: DigestJob }
  | { readonly id: number; readonly type: 'write'; readonly job: WriteJob }

export type WorkerAnswer =
  | { readonly id: number; readonly type: 'digest'; readonly digest: Uint8Array }
  | { readonly id: number; readonly type: 'write'; readonly outcome: WriteOutcome }

/** Do a task, on whichever thread this is. */
export function doTask(task: WorkerTask): WorkerAnswer {
  const { id } = task
  return task.type === 'digest'
    ? { id, type: 'digest', digest: digestOf(task.job.bytes, task.job.envelope) }
    : { id, type: 'write', outcome: writeJobSync(task.job) }
}
