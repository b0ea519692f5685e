// WebTorrent as a peer of the benchmarks (src/peers/README.md): plaintext BitTorrent over TCP, no DHT, no tracker, no uTP.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import WebTorrent from 'webtorrent'
import { done, go, job, others, ready } from '../../src/peers/stage.ts'

const { role, path, torrent: file, uploadBytesPerSecond = -1 } = job()
const client = new WebTorrent({
  dht: false,
  tracker: false,
  lsd: false,
  utp: false,
  natUpnp: false,
  natPmp: false,
  uploadLimit: uploadBytesPerSecond
})
client.on('error', (error) => {
  throw error
})
const seeds = role === 'seed'
const torrent = client.add(readFileSync(file), { path: dirname(path), announce: [], skipVerify: seeds })
const finished = new Promise((resolve) => torrent.once('done', resolve))
await Promise.all([
  new Promise((resolve) => torrent.once('ready', resolve)),
  new Promise((resolve) => (client.listening ? resolve() : client.once('listening', resolve)))
])
if (seeds) {
  await finished
}
ready(`127.0.0.1:${client.torrentPort}`)
if (!seeds) {
  const { seeders, leechers } = await others()
  go()
  for (const address of [...seeders, ...leechers]) {
    torrent.addPeer(address)
  }
  await finished
  done({ bytesReceived: torrent.received })
}
