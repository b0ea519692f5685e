// The same by ipfs-unixfs-importer, which Helia and most others use, with the parameters of the same profile.
import { createReadStream } from 'node:fs'
import { importer } from 'ipfs-unixfs-importer'
import type { WritableStorage } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { PROFILES } from '@p2pshare/transfer'
import type { ImportJob } from './import-job.ts'
import { done, go, job } from './stage.ts'

const { path } = job() as ImportJob
const { chunkBytes, maxLinks } = PROFILES['unixfs-v1-2025']
// nothing is kept, as on our side
const nowhere: WritableStorage = { put: async (cid) => cid }
go()
const content = createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>
let root = ''
for await (const { cid } of importer([{ content }], nowhere, {
  cidVersion: 1,
  rawLeaves: true,
  chunker: fixedSize({ chunkSize: chunkBytes }),
  layout: balanced({ maxChildrenPerNode: maxLinks })
})) {
  root = cid.toString()
}
done({ root })
