// Blobs of 4 KiB from a connected Helia node, by `cat`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { done, job, others, ready } from '../../src/peers/stage.ts'
import { numbers, timeEach } from '../../src/peers/timing.ts'
import { startHelia } from './node.js'

const MOST = 200

const task = job()
const { helia, fs, address } = await startHelia(task.state)
const indices = numbers(0, Math.min(MOST, task.files))
if (task.role === 'seed') {
  const cids = []
  for (const index of indices) {
    cids.push(await fs.addBytes(readFileSync(join(task.blobs, String(index)))))
  }
  ready([address, ...cids].join(','))
} else {
  ready('')
  const [seeder, ...cids] = (await others()).seeders[0].split(',')
  await helia.libp2p.dial(multiaddr(seeder))
  const times = await timeEach(task, indices, async (index) => {
    const parts = []
    for await (const part of fs.cat(CID.parse(cids[index]))) {
      parts.push(part)
    }
    return Buffer.concat(parts)
  })
  done({ cat: times.slice(1) })
}
