import { randomUUID } from 'node:crypto'

// the memory transport keeps one table of addresses for its copy in the process; copies of this module must not clash
const prefix = randomUUID()
let count = 0

/** A listen address of the memory transport that nothing else in this process has. */
export function nextMemoryAddress(): string {
  return `/memory/${prefix}-${count++}`
}
