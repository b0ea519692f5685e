// Plain js-libp2p as most of its users run it (tcp + noise + yamux), one stream, plus SHA-256 of each MiB, plus the disk.
import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { Job } from '../harness/job.ts'
import { done, go, job, others, ready } from './stage.ts'

const PROTOCOL = '/bench/1.0.0'
const CHUNK_BYTES = 256 * 1024

const { role, path, bytes, leafBytes } = job() as Job
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

if (role === 'seed') {
  await node.handle(PROTOCOL, send)
  ready(node.getMultiaddrs()[0]?.toString() ?? '')
} else {
  ready('')
  const connection = await node.dial(multiaddr((await others()).seeders[0] ?? ''))
  go()
  await receive(await connection.newStream(PROTOCOL))
  done({ bytesReceived: bytes })
}

async function send(stream: Stream): Promise<void> {
  const file = await open(path)
  for (let at = 0; at < bytes;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at)
    at += bytesRead
    if (!stream.send(buffer.subarray(0, bytesRead))) {
      await new Promise((resolve) => {
        stream.addEventListener('drain', resolve, { once: true })
      })
    }
  }
  await stream.close()
}

async function receive(stream: Stream): Promise<void> {
  const file = await open(path, 'w')
  const writes: Promise<unknown>[] = []
  let leaf = Buffer.allocUnsafe(leafBytes)
  let fill = 0
  let at = 0
  const finishLeaf = (): void => {
    hash('sha256', leaf.subarray(0, fill), 'buffer')
    writes.push(file.write(leaf, 0, fill, at))
    at += fill
    fill = 0
    leaf = Buffer.allocUnsafe(leafBytes)
  }
  await new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (let offset = 0; offset < piece.byteLength;) {
          const part = piece.subarray(offset, offset + leafBytes - fill)
          leaf.set(part, fill)
          fill += part.byteLength
          offset += part.byteLength
          if (fill === leafBytes || at + fill === bytes) {
            finishLeaf()
          }
        }
      }
      if (at === bytes) {
        resolve()
      }
    })
  })
  await Promise.all(writes)
  await file.close()
}
