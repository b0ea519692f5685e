// The machine's own limit: one Node TLS connection read straight into pooled buffers, SHA-256 and disk in one worker.
// No protocol, no resume, no second peer: what is left when everything that makes a program useful is taken away.
import { openSync, closeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { selfSigned } from './self-signed.ts'
import type { Job } from '../harness/job.ts'
import { done, go, job, others, ready } from './stage.ts'

export interface WorkerSetup {
  readonly pool: SharedArrayBuffer
  readonly leafBytes: number
  readonly fd: number
}

/** A filled slot of the pool. */
export interface Leaf {
  readonly slot: number
  readonly bytes: number
  readonly position: number
}

const SLOTS = 16
/** The system gives no more at once than it has buffered; a larger piece only means fewer calls. */
const READ_BYTES = 64 * 1024
const SEND_BYTES = 256 * 1024
const SEND_BUFFERS = 4

const { role, path, bytes, leafBytes } = job() as Job
await (role === 'seed' ? seed() : leech())

async function seed(): Promise<void> {
  const { key, cert } = await selfSigned()
  const server = createServer({ key, cert, minVersion: 'TLSv1.3', noDelay: true }, (socket) => void send(socket))
  server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port))
}

/** A buffer is read into again when the socket is through with it; the next one is read meanwhile. */
async function send(socket: TLSSocket): Promise<void> {
  const file = await open(path)
  const free = Array.from({ length: SEND_BUFFERS }, () => Buffer.allocUnsafeSlow(SEND_BYTES))
  let onFree: (() => void) | undefined
  for (let at = 0; at < bytes;) {
    const buffer = free.pop()
    if (buffer === undefined) {
      await new Promise<void>((resolve) => (onFree = resolve))
      continue
    }
    const { bytesRead } = await file.read(buffer, 0, SEND_BYTES, at)
    at += bytesRead
    socket.write(buffer.subarray(0, bytesRead), () => {
      free.push(buffer)
      onFree?.()
    })
  }
  socket.end()
}

async function leech(): Promise<void> {
  ready('')
  const { seeders } = await others()
  const fd = openSync(path, 'w')
  const pool = new SharedArrayBuffer(SLOTS * leafBytes)
  const setup: WorkerSetup = { pool, leafBytes, fd }
  const worker = new Worker(new URL('limit-worker.ts', import.meta.url), { workerData: setup })
  await new Promise((resolve) => worker.once('online', resolve))
  await receive(Number(seeders[0]), Buffer.from(pool), worker)
  closeSync(fd)
  done({ bytesReceived: bytes })
}

async function receive(port: number, buffers: Buffer, worker: Worker): Promise<void> {
  const free = Array.from({ length: SLOTS }, (_, slot) => slot)
  let slot = free.pop() ?? 0
  let [fill, received, written] = [0, 0, 0]
  const all = Promise.withResolvers<undefined>()

  const onread = {
    // asked right after each piece: what it returns then is where the next piece goes
    buffer: () => buffers.subarray(slot * leafBytes + fill, slot * leafBytes + Math.min(leafBytes, fill + READ_BYTES)),
    callback: (count: number) => {
      fill += count
      received += count
      if (fill === leafBytes || received === bytes) {
        worker.postMessage({ slot, bytes: fill, position: received - fill } satisfies Leaf)
        fill = 0
        slot = free.pop() ?? fail('more arrived than was asked for')
      }
      // one slot is kept back for what TLS has decrypted already
      return free.length > 0
    }
  }
  // @types/node knows onread for plain sockets only
  const options: ConnectionOptions & { onread: unknown } = {
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    onread
  }
  const socket = connect(options)
  worker.on('message', (freed: number) => {
    written += 1
    free.push(freed)
    if (free.length === 1) {
      socket.resume()
    }
    if (written === Math.ceil(bytes / leafBytes)) {
      all.resolve(undefined)
    }
  })
  socket.on('error', all.reject)
  socket.once('secureConnect', go)
  await all.promise
  socket.destroy()
}

function fail(why: string): never {
  throw new Error(why)
}
