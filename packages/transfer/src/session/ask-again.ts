import type { Message, Run } from '../wire/codec.ts'
import { MAX_RUNS } from '../wire/limits.ts'

/**
 * A channel was lost: what has not arrived is cancelled, `told` says so, and it is asked for once more. In this order
 * nothing is sent twice.
 */
export function askAgain(runs: readonly Run[], send: (message: Message) => void, told: () => void): void {
  const batches = Array.from({ length: Math.ceil(runs.length / MAX_RUNS) }, (_, at) =>
    runs.slice(at * MAX_RUNS, (at + 1) * MAX_RUNS)
  )
  for (const batch of batches) {
    send({ type: 'cancel', runs: batch })
  }
  told()
  for (const batch of batches) {
    send({ type: 'request', runs: batch })
  }
}
