// One end of a plain TCP connection: `line-peer.ts serve HOST PORT BYTES`, which gives so many to whoever connects, or
// `line-peer.ts take HOST PORT`, which says how long they took.
import { connect, createServer } from 'node:net'

const CHUNK_BYTES = 256 * 1024
const [role, host = '', port = '0', bytes = '0'] = process.argv.slice(2)

if (role === 'serve') {
  const server = createServer((socket) => {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let left = Number(bytes)
    const write = (): void => {
      while (left > 0) {
        const piece = chunk.subarray(0, left)
        left -= piece.byteLength
        if (!socket.write(piece)) {
          socket.once('drain', write)
          return
        }
      }
      socket.end()
    }
    socket.on('error', () => undefined)
    write()
  })
  server.listen(Number(port), host, () => say({ type: 'ready' }))
} else {
  let taken = 0
  let firstMs: number | undefined
  const socket = connect(Number(port), host)
  socket.on('data', (data: Buffer) => {
    firstMs ??= performance.now()
    taken += data.byteLength
  })
  socket.on('end', () => say({ type: 'taken', bytes: taken, ms: performance.now() - (firstMs ?? 0) }))
}

function say(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
