// Blobs of 4 KiB as torrents of their own: WebTorrent has no smaller thing to ask a peer for.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import WebTorrent from 'webtorrent'
import { done, job, others, ready } from '../../src/peers/stage.ts'
import { numbers, timeEach } from '../../src/peers/timing.ts'

const MOST = 20

const task = job()
const client = new WebTorrent({ dht: false, tracker: false, lsd: false, utp: false, natUpnp: false, natPmp: false })
await new Promise((resolve) => (client.listening ? resolve() : client.once('listening', resolve)))
const indices = numbers(0, Math.min(MOST, task.files))
const add = (index, path) =>
  client.add(readFileSync(join(task.torrents, `${index}.torrent`)), {
    path,
    announce: [],
    skipVerify: task.role === 'seed'
  })
if (task.role === 'seed') {
  for (const index of indices) {
    const torrent = add(index, task.blobs)
    await new Promise((resolve) => (torrent.done ? resolve() : torrent.once('done', resolve)))
  }
  ready(`127.0.0.1:${client.torrentPort}`)
} else {
  ready('')
  const seeder = (await others()).seeders[0]
  const times = await timeEach(task, indices, async (index) => {
    const torrent = add(index, task.state)
    await new Promise((resolve) => torrent.once('ready', resolve))
    torrent.addPeer(seeder)
    await new Promise((resolve) => (torrent.done ? resolve() : torrent.once('done', resolve)))
    return readFileSync(join(task.state, String(index)))
  })
  done({ 'torrent, to a file': times.slice(1) })
}
