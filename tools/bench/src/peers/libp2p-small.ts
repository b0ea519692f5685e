// Blobs of 4 KiB by plain js-libp2p (tcp + noise + yamux): one stream for all, and one for each. Nothing is verified.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { SmallJob } from './small-job.ts'
import { done, job, others, ready } from './stage.ts'
import { numbers, timeEach } from './timing.ts'

const PROTOCOL = '/bench-small/1.0.0'
/** About what a request for a hash takes. */
const REQUEST_BYTES = 36

const task = job() as SmallJob
const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()]
})
if (task.role === 'seed') {
  const blobs = numbers(0, task.files).map((index) => readFileSync(join(task.blobs, String(index))))
  await node.handle(PROTOCOL, (stream) => {
    stream.addEventListener('message', ({ data }) => {
      stream.send(blobs[Buffer.from(data.subarray()).readUInt32LE()] ?? Buffer.alloc(0))
    })
    stream.addEventListener('remoteCloseWrite', () => void stream.close())
  })
  ready(node.getMultiaddrs()[0]?.toString() ?? '')
} else {
  ready('')
  const connection = await node.dial(multiaddr((await others()).seeders[0] ?? ''))
  const open = await connection.newStream(PROTOCOL)
  const all = numbers(0, task.files)
  const overOpen = await timeEach(task, all, async (index) => ask(open, index))
  const overNew = await timeEach(task, all, async (index) => {
    const stream = await connection.newStream(PROTOCOL)
    const answer = await ask(stream, index)
    void stream.close()
    return answer
  })
  done({ 'open stream': overOpen.slice(1), 'new stream': overNew.slice(1) })
}

async function ask(stream: Stream, index: number): Promise<Uint8Array> {
  const request = Buffer.alloc(REQUEST_BYTES)
  request.writeUInt32LE(index)
  const parts: Uint8Array[] = []
  return new Promise((resolve) => {
    const onMessage = ({ data }: { data: { subarray(): Uint8Array } }): void => {
      parts.push(data.subarray())
      const answer = Buffer.concat(parts)
      if (answer.byteLength >= 4096) {
        stream.removeEventListener('message', onMessage)
        resolve(answer)
      }
    }
    stream.addEventListener('message', onMessage)
    stream.send(request)
  })
}
