/**
 * A process that has most of a large file when it is killed. Nothing is really written: the leaves are the holes of a
 * sparse file, noted as a download notes them.
 *
 *   node resume-life.ts <directory> <leaves>
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { openDownloadStore, partialPath, verifyLeaf } from '@p2pshare/transfer/store'
import { largeMap } from './large-map.ts'

const WRITERS = 64

const [directory = '', leaves = ''] = process.argv.slice(2)
const map = largeMap(Number(leaves))
const target = join(directory, 'target')
const store = await openDownloadStore(map, {
  target,
  partial: partialPath(target),
  verify: (index, bytes) => verifyLeaf(map, index, bytes)
})
let next = 0
const writer = async (): Promise<void> => {
  for (let index = next++; index < map.leafCount - WRITERS; index = next++) {
    const place = await store.place?.(index)
    await place?.done()
  }
}
await Promise.all(Array.from({ length: WRITERS }, writer))
writeSync(1, `${store.haveCount}\n`)
setInterval(() => undefined, 1_000)
