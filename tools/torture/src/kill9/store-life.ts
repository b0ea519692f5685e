/**
 * A process that keeps leaves until it is killed: says the index of each on a line of its own once `write` has resolved,
 * and `done` when the content has its final name.
 *
 *   node store-life.ts <directory> <seed>
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { compareTarget, discardPartial, openDownloadStore, partialPath } from '@p2pshare/transfer/store'
import { makeKill9Share } from './kill9-share.ts'

const WRITERS = 4

const [directory = '', seed = ''] = process.argv.slice(2)
const share = await makeKill9Share(join(directory, `source-${process.pid}`), seed)
const target = join(directory, 'target')
const partial = partialPath(target)
const { map, verify } = share
writeSync(1, 'ready\n')
if ((await compareTarget(map, target, verify)) === 'absent') {
  const [first] = share.leaves
  const store = await openDownloadStore(map, { target, partial, verify, checkpointBytes: 9 * (first?.byteLength ?? 0) })
  const held = share.leaves.flatMap((_, index) => (store.has(index) ? [index] : []))
  writeSync(1, `held ${held.join(' ')}\n`)
  const queue = seededRandom(`${seed}/${process.pid}`).shuffle(
    share.leaves.flatMap((_, index) => (store.has(index) ? [] : [index]))
  )
  const writer = async (): Promise<void> => {
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      await store.write(index, share.leaves[index] ?? new Uint8Array())
      writeSync(1, `${index}\n`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  await store.complete()
  await store.close()
}
await discardPartial(partial)
writeSync(1, 'done\n')
