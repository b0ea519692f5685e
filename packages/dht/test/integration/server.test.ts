import { lpStream } from '@libp2p/utils'
import type { Stream } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAX_STREAM_MESSAGES } from '../../src/server/kad-handler.ts'
import { MAX_INBOUND_STREAMS } from '../../src/server/record-server.ts'
import { decodeKadMessage, encodeKadMessage } from '../../src/wire/codec.ts'
import { MessageType } from '../../src/wire/messages.ts'
import type { KadMessage } from '../../src/wire/messages.ts'
import { createNet, stopNet } from '../support/network.ts'
import type { Net } from '../support/network.ts'

const key = new Uint8Array(34).fill(3)

let net: Net

beforeEach(async () => {
  net = await createNet([{}, { clientMode: true }], 'star')
})

afterEach(async () => {
  await stopNet(net)
})

/** A stream of the client to the server. */
async function open(): Promise<Stream> {
  const [server, client] = net.nodes
  const connection = client?.getConnections(server?.peerId)[0]
  if (connection === undefined || server === undefined) {
    throw new TypeError('not connected')
  }
  return connection.newStream(server.services.dht.protocol, { maxOutboundStreams: 2 * MAX_INBOUND_STREAMS })
}

function addOf(at: number): Uint8Array {
  const of = Uint8Array.from(key)
  new DataView(of.buffer).setUint32(0, at)
  const id = net.nodes[1]?.peerId.toMultihash().bytes ?? new Uint8Array()
  return encodeKadMessage({ type: MessageType.ADD_PROVIDER, key: of, closer: [], providers: [{ id, multiaddrs: [] }] })
}

async function closed(stream: Stream): Promise<'ended' | 'reset'> {
  return new Promise((resolve) => {
    const look = (): void => {
      resolve(stream.status === 'reset' || stream.status === 'aborted' ? 'reset' : 'ended')
    }
    if (stream.status === 'open' || stream.status === 'closing') {
      stream.addEventListener('close', look, { once: true })
    } else {
      look()
    }
  })
}

test('records of one stream are taken one after the other, and its end says that all were', async () => {
  const stream = await open()
  const messages = lpStream(stream)
  for (let at = 0; at < 20; at++) {
    await messages.write(addOf(at))
  }
  await stream.close()
  expect(await closed(stream)).toBe('ended')
  const asking = lpStream(await open())
  const of = decodeKadMessage(addOf(19)).key
  const request: KadMessage = { type: MessageType.GET_PROVIDERS, closer: [], providers: [], ...(of && { key: of }) }
  await asking.write(encodeKadMessage(request))
  const { providers } = decodeKadMessage((await asking.read()).subarray())
  expect(providers.map(({ id }) => id)).toEqual([net.nodes[1]?.peerId.toMultihash().bytes])
})

test.each([
  { count: MAX_STREAM_MESSAGES, end: 'ended' },
  { count: MAX_STREAM_MESSAGES + 1, end: 'reset' }
])('a stream of $count messages is $end', async ({ count, end }) => {
  const stream = await open()
  const ping = encodeKadMessage({ type: MessageType.ADD_PROVIDER, key, closer: [], providers: providerOf() })
  const messages = lpStream(stream)
  try {
    for (let at = 0; at < count; at++) {
      await messages.write(ping)
    }
    await stream.close()
  } catch {
    // reset while writing
  }
  expect(await closed(stream)).toBe(end)
})

test('a message that is none resets its stream and nothing else', async () => {
  const stream = await open()
  const messages = lpStream(stream)
  await messages.write(new Uint8Array([0xff, 0xff, 0xff]))
  expect(await closed(stream)).toBe('reset')
  expect(net.nodes[1]?.getConnections()).toHaveLength(1)
})

test('one peer asks on 32 streams at a time and not on one more', async () => {
  const held = await Promise.all(Array.from({ length: MAX_INBOUND_STREAMS }, async () => open()))
  await expect(
    (async () => {
      const more = lpStream(await open())
      await more.write(encodeKadMessage({ type: MessageType.PING, closer: [], providers: [] }))
      await more.read({ signal: AbortSignal.timeout(5_000) })
    })()
  ).rejects.toThrow()
  held.forEach((stream) => {
    stream.abort(new RangeError('enough'))
  })
})

function providerOf(): KadMessage['providers'] {
  return [{ id: net.nodes[1]?.peerId.toMultihash().bytes ?? new Uint8Array(), multiaddrs: [] }]
}
