import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, and then never gets round to accepting anybody. */
const LISTENER = `
const { createServer } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')
const server = createServer()
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  Atomics.wait(new Int32Array(workerData), 0, 0)
  process.exit()
})`

/** What Linux still takes up for a listener with a backlog of one. */
const QUEUE = 2

/**
 * A port of loopback that does not answer: its listener's queue is full, so Linux throws further attempts to connect away,
 * as a firewall does.
 */
export async function blackHole(): Promise<AsyncDisposable & { readonly port: number }> {
  const wake = new SharedArrayBuffer(4)
  const worker = new Worker(LISTENER, { eval: true, workerData: wake })
  const [port] = (await once(worker, 'message')) as [number]
  const queued: Socket[] = []
  for (let count = 0; count < QUEUE; count++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    queued.push(socket)
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      const ended = once(worker, 'exit')
      Atomics.store(new Int32Array(wake), 0, 1)
      Atomics.notify(new Int32Array(wake), 0)
      await ended
      for (const socket of queued) {
        socket.destroy()
      }
    }
  }
}
