import type { MessageStream, Stream, StreamMuxer } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { expect, test } from 'vitest'
import { MAX_UNTOLD_BYTES, thriftyYamux } from '../src/thrifty-yamux.ts'

const KIB = 1024
const WINDOW_UPDATE = 1

interface End {
  readonly connection: MessageStream
  readonly muxer: StreamMuxer
  /** Window updates without a flag that this end sent. */
  readonly updates: number[]
  /** Bytes that this end told of in those with a flag: they open and accept the stream. */
  toldAtOpening: number
}

function endOf(connection: MessageStream, create: typeof thriftyYamux): End {
  const send = connection.send.bind(connection)
  const told = { updates: new Array<number>(), toldAtOpening: 0 }
  connection.send = (data) => {
    const frame = Buffer.from(data.subarray())
    if (frame[1] === WINDOW_UPDATE) {
      const bytes = frame.readUInt32BE(8)
      if (frame.readUInt16BE(2) === 0) {
        told.updates.push(bytes)
      } else {
        told.toldAtOpening += bytes
      }
    }
    return send(data)
  }
  return Object.assign(told, { connection, muxer: create()().createStreamMuxer(connection) })
}

/** A stream from one end to the other, which is thrifty. */
async function pair(create = thriftyYamux): Promise<{ near: End; far: End; stream: Stream; remote: Stream }> {
  const [outbound, inbound] = multiaddrConnectionPair()
  const [near, far] = [endOf(outbound, create), endOf(inbound, thriftyYamux)]
  const opened = new Promise<Stream>((resolve) => {
    far.muxer.addEventListener('stream', ({ detail }) => resolve(detail))
  })
  const stream = await near.muxer.createStream()
  return { near, far, stream, remote: await opened }
}

/** Resolves when so many bytes have come. */
async function received(stream: Stream, bytes: number): Promise<void> {
  let left = bytes
  await new Promise<void>((resolve) => {
    stream.addEventListener('message', ({ data }) => {
      left -= data.byteLength
      if (left <= 0) {
        resolve()
      }
    })
  })
}

test('small messages are not answered by window updates until half a window has come', async () => {
  const { far, stream, remote } = await pair()
  const first = received(remote, KIB)
  stream.send(new Uint8Array(KIB))
  await first
  // the answer to the opening tells of the first message, or was there before it
  const most = MAX_UNTOLD_BYTES - 2 * KIB + far.toldAtOpening
  const mostCame = received(remote, most)
  for (let sent = 0; sent < most; sent += KIB) {
    stream.send(new Uint8Array(KIB))
  }
  await mostCame
  expect(far.updates).toEqual([])
  const rest = received(remote, KIB)
  stream.send(new Uint8Array(KIB))
  await rest
  expect(far.updates).toHaveLength(1)
  expect(far.updates[0]).toBeGreaterThanOrEqual(MAX_UNTOLD_BYTES)
})

test.each([
  ['a thrifty one', thriftyYamux],
  ['one of libp2p', yamux]
])('many windows go through from %s, in messages of any size', async (_name, create) => {
  const { stream, remote } = await pair(create)
  const sizes = [1, 100 * KIB, 256 * KIB, 300 * KIB, 7, 64 * KIB, 1024 * KIB]
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const all = received(remote, total)
  for (const size of sizes) {
    stream.send(new Uint8Array(size))
  }
  await all
})

test('a stream that was paused goes on when it is resumed', async () => {
  const { stream, remote } = await pair()
  const all = received(remote, 1024 * KIB)
  remote.pause()
  for (let sent = 0; sent < 1024; sent += 64) {
    stream.send(new Uint8Array(64 * KIB))
  }
  await new Promise((resolve) => setImmediate(resolve))
  remote.resume()
  await all
})

test('a stream that is opened as its connection ends ends with it, and nothing is thrown', async () => {
  const [outbound] = multiaddrConnectionPair()
  const { connection, muxer } = endOf(outbound, thriftyYamux)
  const opening = muxer.createStream()
  connection.abort(new TypeError('cut'))
  const stream = await opening
  // yamux says in a microtask that the stream is open; what that throws would fail the run
  await new Promise((resolve) => setImmediate(resolve))
  expect(stream.status).not.toBe('open')
  expect(connection.send(Uint8Array.of(1))).toBe(true)
})
