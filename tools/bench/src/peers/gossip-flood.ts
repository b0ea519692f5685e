// One node of the flood bench: `honest` listens and speaks, `victim` also says how it is, `flooder` writes what it can.
import { identify } from '@libp2p/identify'
import type { Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { gossip } from '@p2pshare/gossip'
import type { Gossip } from '@p2pshare/gossip'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const ROOT = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
const FRAME_BYTES = 64 * 1024
const MIB = 1024 * 1024

const [role = 'honest', bytesPerSecond = '0'] = process.argv.slice(2)
const delays = monitorEventLoopDelay({ resolution: 5 })
const heard = new Set<string>()
let peakRss = 0

const node = (await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  // eleven nodes on one address are not an attack here
  connectionManager: { inboundConnectionThreshold: 100 },
  services: { identify: identify(), ...(role === 'flooder' ? {} : { gossip: gossip({ network: 'flood' }) }) }
})) as unknown as Libp2p<{ gossip: Gossip }>
setInterval(() => {
  peakRss = Math.max(peakRss, process.memoryUsage().rss)
}, 50)

process.on('message', (order: { type: string; address?: string; name?: string; seconds?: number }) => {
  void obey(order).then((value) => process.send?.({ value }))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ value: node.getMultiaddrs()[0]?.toString() })
if (role !== 'flooder') {
  void listen()
}

async function obey(order: { type: string; address?: string; name?: string; seconds?: number }): Promise<unknown> {
  switch (order.type) {
    case 'dial':
      await node.dial(multiaddr(order.address ?? ''))
      return true
    case 'say':
      await node.services.gossip.announce(ROOT, { name: order.name ?? '' })
      return true
    case 'mark':
      delays.reset()
      delays.enable()
      peakRss = process.memoryUsage().rss
      return { rssMiB: peakRss / MIB, cpu: process.cpuUsage() }
    case 'state':
      return { peakRssMiB: peakRss / MIB, lagP99Ms: delays.percentile(99) / 1e6, cpu: process.cpuUsage() }
    case 'heard':
      return [...heard]
    case 'flood':
      return flood(order.address ?? '', Number(bytesPerSecond), order.seconds ?? 1)
    default:
      throw new RangeError(order.type)
  }
}

async function listen(): Promise<void> {
  for await (const { name } of node.services.gossip.announcements()) {
    heard.add(name ?? '')
  }
}

/** Gossip frames full of messages that look real and are not signed right, as fast as asked for. */
async function flood(address: string, rate: number, seconds: number): Promise<{ offered: number; taken: number }> {
  const frame = frameOf()
  let stream: Stream | undefined
  let [offered, sent] = [0, 0]
  const startedAt = performance.now()
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - startedAt) {
    stream =
      stream?.writeStatus === 'writable'
        ? stream
        : await node.dialProtocol(multiaddr(address), '/meshsub/1.2.0').catch(() => undefined)
    while (offered < (rate * elapsed) / 1000) {
      offered += frame.byteLength
      // what waits here already is offered too: the bench need not keep it
      if (stream?.writeStatus === 'writable' && stream.writeBufferLength < 4 * MIB) {
        stream.send(frame)
        sent += frame.byteLength
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return { offered, taken: sent - (stream?.writeBufferLength ?? 0) }
}

function frameOf(): Uint8Array {
  const { bytes } = node.peerId.toMultihash()
  const message = (n: number): Buffer => {
    const topic = Buffer.from('/p2pshare/network/1')
    const seqno = Buffer.alloc(8)
    seqno.writeUInt32BE(n, 4)
    return Buffer.concat([
      field(1, bytes),
      field(2, Buffer.alloc(100, n)),
      field(3, seqno),
      field(4, topic),
      field(5, Buffer.alloc(64, n))
    ])
  }
  const parts: Buffer[] = []
  for (let n = 0, size = 0; size < FRAME_BYTES - 400 && n < 400; n++) {
    const part = field(2, message(n))
    size += part.byteLength
    parts.push(part)
  }
  const rpc = Buffer.concat(parts)
  return Buffer.concat([varint(rpc.byteLength), rpc])
}

function field(tag: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((tag << 3) | 2), varint(bytes.byteLength), bytes])
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Buffer.from([...out, rest])
}
