import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { eagerStreams } from '../src/eager-streams.ts'

const EAGER = '/test/eager/1.0.0'
const OTHER = '/test/other/1.0.0'

async function start(): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [eagerStreams(yamux(), [EAGER])]
  })
  onTestFinished(async () => node.stop())
  return node
}

async function connected(): Promise<{ readonly far: Libp2p; readonly connection: Connection }> {
  const [near, far] = await Promise.all([start(), start()])
  return { far, connection: await near.dial(far.getMultiaddrs()) }
}

function echo(stream: Stream): void {
  stream.addEventListener('message', ({ data }) => {
    stream.send(data)
  })
}

/** The next so many bytes that come. */
async function read(stream: Stream, bytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  await new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      parts.push(data.subarray())
      if (parts.reduce((sum, part) => sum + part.byteLength, 0) >= bytes) {
        resolve()
      }
    })
  })
  return Buffer.concat(parts).toString()
}

async function closed(stream: Stream): Promise<Error | undefined> {
  return new Promise((resolve) => {
    stream.addEventListener('close', (event) => {
      resolve((event as Event & { error?: Error }).error)
    })
  })
}

test('a stream is there before the peer has answered, and what is sent at once arrives', async () => {
  const { far, connection } = await connected()
  await far.handle(EAGER, echo)
  const stream = await connection.newStream(EAGER)
  expect(stream.protocol).toBe(EAGER)
  const heard = read(stream, 5)
  stream.send(Buffer.from('hello'))
  expect(await heard).toBe('hello')
  stream.send(Buffer.from('again'))
  expect(await read(stream, 5)).toBe('again')
})

test('a peer that does not speak the protocol ends the stream, and the connection stays', async () => {
  const { far, connection } = await connected()
  const stream = await connection.newStream(EAGER)
  stream.send(Buffer.from('hello'))
  expect(await closed(stream)).toMatchObject({ name: 'UnsupportedProtocolError' })
  await far.handle(OTHER, echo)
  const other = await connection.newStream(OTHER)
  const heard = read(other, 2)
  other.send(Buffer.from('ok'))
  expect(await heard).toBe('ok')
})

test('other protocols, and choices of several, are agreed on first', async () => {
  const { far, connection } = await connected()
  await expect(connection.newStream(OTHER)).rejects.toThrow('could not negotiate')
  await far.handle(OTHER, echo)
  expect((await connection.newStream([EAGER, OTHER])).protocol).toBe(OTHER)
})
