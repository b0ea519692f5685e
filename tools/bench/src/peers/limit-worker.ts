// Hashes a slot of the shared buffers and writes it to the file; the other half of limit.ts.
import { hash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { Leaf, WorkerSetup } from './limit.ts'

const { pool, leafBytes, fd } = workerData as WorkerSetup
const buffers = Buffer.from(pool)

parentPort?.on('message', ({ slot, bytes, position }: Leaf) => {
  const start = slot * leafBytes
  hash('sha256', buffers.subarray(start, start + bytes), 'buffer')
  writeSync(fd, buffers, start, bytes, position)
  parentPort?.postMessage(slot)
})
