// SHA-256 of as many bytes on one core: 1 MiB in memory, again and again. No import that verifies can need less.
import { hash, randomFillSync } from 'node:crypto'
import type { ImportJob } from './import-job.ts'
import { done, go, job } from './stage.ts'

const BLOCK_BYTES = 1024 * 1024

const { bytes } = job() as ImportJob
const block = randomFillSync(Buffer.allocUnsafe(BLOCK_BYTES))
go()
for (let at = 0; at < bytes; at += BLOCK_BYTES) {
  hash('sha256', block, 'buffer')
}
done()
