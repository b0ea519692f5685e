// Helia as a peer of the benchmarks (src/peers/README.md): `cat` of a file over Bitswap, written to a file.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'
import { done, go, job, others, ready } from '../../src/peers/stage.ts'
import { startHelia } from './node.js'

const READ_BYTES = 1024 * 1024

const { role, path, state } = job()
const { helia, fs, address } = await startHelia(state)
if (role === 'seed') {
  const cid = await fs.addByteStream(createReadStream(path, { highWaterMark: READ_BYTES }))
  ready(`${address},${cid}`)
} else {
  ready('')
  const [seeder, cid] = (await others()).seeders[0].split(',')
  await helia.libp2p.dial(multiaddr(seeder))
  go()
  const file = await open(path, 'w')
  for await (const block of fs.cat(CID.parse(cid))) {
    await file.write(block)
  }
  await file.close()
  done()
}
