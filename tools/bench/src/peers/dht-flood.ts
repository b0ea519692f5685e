// One side of the DHT flood bench: `victim` answers with dht(); `flooder` floods it from many identities.
import { randomBytes } from 'node:crypto'
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { dht } from '@p2pshare/dht'
import type { Dht } from '@p2pshare/dht'
import { createLibp2p } from 'libp2p'
import { addProvider } from '../dht/kad-bytes.ts'

/** What the flooder is told to do. */
export interface FloodOrder {
  readonly type: 'flood'
  readonly address: string
  readonly protocol: string
  readonly identities: number
  readonly each: number
  /** Keys of honest records, in hex: every second message is about one of them. */
  readonly keys: readonly string[]
}

const common = {
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  connectionMonitor: { enabled: false }
}

/** Messages between two looks at whether the other end keeps up. */
const BATCH = 200

/** Identities that write at the same time. */
const AT_ONCE = 10

const victim = process.argv[2] === 'victim' ? await startVictim() : undefined
process.on('message', (order: FloodOrder | { readonly type: 'status' }) => {
  void obey(order).then((value) => process.send?.({ value }))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ value: victim?.getMultiaddrs()[0]?.toString() })

async function startVictim(): Promise<Libp2p<{ ping: ReturnType<ReturnType<typeof ping>>; dht: Dht }>> {
  return createLibp2p({
    ...common,
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    connectionManager: { inboundConnectionThreshold: 1e6, maxConnections: 1_000, maxIncomingPendingConnections: 1_000 },
    services: { identify: identify(), ping: ping(), dht: dht() }
  })
}

async function obey(order: FloodOrder | { readonly type: 'status' }): Promise<unknown> {
  if (order.type === 'status') {
    return { ...victim?.services.dht.status().networks[0]?.records, rssMiB: process.memoryUsage.rss() / 2 ** 20 }
  }
  let sent = 0
  for (let n = 0; n < order.identities; n += AT_ONCE) {
    const count = Math.min(AT_ONCE, order.identities - n)
    const written = await Promise.all(Array.from({ length: count }, async () => floodFrom(order)))
    sent += written.reduce((sum, each) => sum + each, 0)
  }
  return sent
}

/** One identity says its share, over one stream after the other while they are taken. */
async function floodFrom({ address, protocol, each, keys }: FloodOrder): Promise<number> {
  const node = await createLibp2p({ ...common, services: { identify: identify() } })
  const id = node.peerId.toMultihash().bytes
  const own = multiaddr('/ip4/192.0.2.1/tcp/4001').bytes
  let sent = 0
  try {
    while (sent < each) {
      const stream = await node.dialProtocol(multiaddr(address), protocol)
      sent += await write(stream, Math.min(each - sent, 9_000), () => {
        const key = Math.random() < 0.5 ? keys[Math.floor(Math.random() * keys.length)] : undefined
        const bytes = key === undefined ? randomBytes(34) : Buffer.from(key, 'hex')
        return addProvider(bytes, id, own)
      })
      const taken = new Promise((resolve) => {
        stream.addEventListener('remoteCloseWrite', resolve, { once: true })
        stream.addEventListener('close', resolve, { once: true })
      })
      await stream.close()
      // the victim closes its side when it has read the end of ours
      await taken
    }
  } catch {
    // the victim has had enough of this one
  }
  await node.stop()
  return sent
}

async function write(stream: Stream, count: number, next: () => Uint8Array): Promise<number> {
  for (let n = 0; n < count; n += BATCH) {
    const bytes = Buffer.concat(Array.from({ length: Math.min(BATCH, count - n) }, next))
    if (!stream.send(bytes)) {
      await new Promise((resolve, reject) => {
        stream.addEventListener('drain', resolve, { once: true })
        stream.addEventListener('close', () => reject(new Error('closed')), { once: true })
      })
    }
  }
  return count
}
