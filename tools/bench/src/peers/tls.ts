// The machine's own limit without libp2p: one Node TLS connection, plus SHA-256 of each MiB, plus the disk.
import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { connect, createServer } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { selfSigned } from './self-signed.ts'

const CHUNK_BYTES = 256 * 1024
const LEAF_BYTES = 1024 * 1024

const [role, path = '', bytes = '0', port = ''] = process.argv.slice(2)

if (role === 'seed') {
  const { key, cert } = await selfSigned()
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, (socket) => {
    void (async () => {
      const file = await open(path)
      for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES })) {
        if (!socket.write(chunk as Buffer)) {
          await new Promise((resolve) => socket.once('drain', resolve))
        }
      }
      socket.end()
    })()
  })
  server.listen(0, '127.0.0.1', () => {
    console.log('READY', (server.address() as AddressInfo).port)
  })
} else {
  const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false })
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  console.log('GO')
  const file = await open(path, 'w')
  const writes: Promise<unknown>[] = []
  let leaf = Buffer.allocUnsafe(LEAF_BYTES)
  let fill = 0
  let at = 0
  for await (const piece of socket as AsyncIterable<Buffer>) {
    for (let offset = 0; offset < piece.byteLength;) {
      const part = piece.subarray(offset, offset + LEAF_BYTES - fill)
      leaf.set(part, fill)
      fill += part.byteLength
      offset += part.byteLength
      if (fill === LEAF_BYTES || at + fill === Number(bytes)) {
        hash('sha256', leaf.subarray(0, fill), 'buffer')
        writes.push(file.write(leaf, 0, fill, at))
        at += fill
        fill = 0
        leaf = Buffer.allocUnsafe(LEAF_BYTES)
      }
    }
  }
  await Promise.all(writes)
  await file.close()
  console.log('DONE')
}
