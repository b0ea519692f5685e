import type { Connection, Stream } from '@libp2p/interface'
import { byteStream, lpStream, streamPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { PING_BYTES } from '../../src/paths/constants.ts'
import { pingConnection } from '../../src/paths/ping.ts'
import { connectedNodes } from '../support/two-nodes.ts'

// the guard is that of the test: a time that began with the file would end while later tests still run
const { signal } = new AbortController()
const HEADER = '/multistream/1.0.0\n'

/** A connection that agrees on protocols as libp2p's do. */
function connectionOver(stream: Stream): Connection {
  const muxer = { createStream: async (_: object) => stream }
  return {
    muxer,
    newStream: async (protocol: string) => {
      const made = await muxer.createStream({ protocol })
      const messages = lpStream(made)
      await messages.writeV([Buffer.from(HEADER), Buffer.from(`${protocol}\n`)], { signal })
      await messages.read({ signal })
      await messages.read({ signal })
      messages.unwrap()
      return made
    }
  } as unknown as Connection
}

test('a probe is on its way before the other end has agreed to the protocol: one round trip', async () => {
  const [near, far] = await streamPair()
  const rtt = pingConnection(connectionOver(near), { signal })
  const messages = lpStream(far)
  const words = [await messages.read({ signal }), await messages.read({ signal })].map((line) => line.subarray())
  messages.unwrap()
  const bytes = byteStream(far)
  // it would never come from who waits for the answer
  const question = await bytes.read({ bytes: PING_BYTES, signal })
  bytes.unwrap()
  await lpStream(far).writeV(words, { signal })
  far.send(question.subarray())
  expect(await rtt).toBeGreaterThan(0)
})

test('a peer that does not know the protocol has answered by saying so', async () => {
  const connection = await connectedNodes()
  // of a muxer that has no ping of its own
  const streams = { newStream: connection.newStream.bind(connection) }
  expect(await pingConnection(streams, { signal })).toBeGreaterThan(0)
  expect(connection.status).toBe('open')
})
