// Plain js-libp2p as most of its users run it (tcp + noise + yamux), one stream, plus SHA-256 of each MiB, plus the disk.
import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const PROTOCOL = '/bench/1.0.0'
const CHUNK_BYTES = 256 * 1024
const LEAF_BYTES = 1024 * 1024

const [role, path = '', bytes = '0', address = ''] = process.argv.slice(2)
const node = await createLibp2p({
  addresses: { listen: role === 'seed' ? ['/ip4/127.0.0.1/tcp/0'] : [] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})

if (role === 'seed') {
  await node.handle(PROTOCOL, send)
  console.log('READY', node.getMultiaddrs()[0]?.toString())
} else {
  const connection = await node.dial(multiaddr(address))
  console.log('GO')
  await receive(await connection.newStream(PROTOCOL), Number(bytes))
  console.log('DONE')
}

async function send(stream: Stream): Promise<void> {
  const file = await open(path)
  const { size } = await file.stat()
  for (let at = 0; at < size;) {
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

async function receive(stream: Stream, size: number): Promise<void> {
  const file = await open(path, 'w')
  const writes: Promise<unknown>[] = []
  let leaf = Buffer.allocUnsafe(LEAF_BYTES)
  let fill = 0
  let at = 0
  const finishLeaf = (): void => {
    hash('sha256', leaf.subarray(0, fill), 'buffer')
    writes.push(file.write(leaf, 0, fill, at))
    at += fill
    fill = 0
    leaf = Buffer.allocUnsafe(LEAF_BYTES)
  }
  await new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (let offset = 0; offset < piece.byteLength;) {
          const part = piece.subarray(offset, offset + LEAF_BYTES - fill)
          leaf.set(part, fill)
          fill += part.byteLength
          offset += part.byteLength
          if (fill === LEAF_BYTES || at + fill === size) {
            finishLeaf()
          }
        }
      }
      if (at === size) {
        resolve()
      }
    })
  })
  await Promise.all(writes)
  await file.close()
}
