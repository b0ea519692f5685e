// A WebTorrent client that listens.
import WebTorrent from 'webtorrent'

const client = new WebTorrent({ dht: false, tracker: false, lsd: false, utp: false, natUpnp: false, natPmp: false })
await new Promise((resolve) => (client.listening ? resolve() : client.once('listening', resolve)))
process.once('SIGTERM', () => client.destroy(() => process.exit(0)))
console.log(`READY ${client.torrentPort}`)
