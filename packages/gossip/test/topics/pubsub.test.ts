import type { Stream } from '@libp2p/interface'
import { createTestnet } from '@p2pshare/testkit'
import { afterEach, expect, test } from 'vitest'
import { MAX_GOSSIP_STREAMS, MAX_SEND_BUFFER_BYTES } from '../../src/topics/constants.ts'
import { createNet, stopNet, until } from './network.ts'
import type { Net } from './network.ts'

const GOSSIP_PROTOCOL = '/meshsub/1.2.0'

let net: Net
afterEach(async () => stopNet(net))

test('a peer may have the most gossip streams open to us and not one more', async () => {
  net = await createNet([{}])
  const strangers = await createTestnet({ nodes: 1, seed: 'gossip streams' })
  const [node, stranger] = [net.node(0), strangers.node(0)]
  const open = async (): Promise<Stream | undefined> =>
    stranger.dialProtocol(node.getMultiaddrs(), GOSSIP_PROTOCOL).catch(() => undefined)
  const ended = (stream: Stream | undefined): boolean =>
    stream === undefined || stream.status === 'reset' || stream.status === 'aborted'
  const streams: (Stream | undefined)[] = []
  for (let opened = 0; opened < MAX_GOSSIP_STREAMS; opened++) {
    streams.push(await open())
  }
  const oneMore = await open()
  await until(() => ended(oneMore))
  expect(streams.map(ended)).toEqual(streams.map(() => false))
  await stranger.stop()
})

test('a gossip stream may hold the most bytes unsent, and ends by one more', async () => {
  net = await createNet([{}, {}], 'full')
  const streams = (): Stream[] =>
    net
      .node(0)
      .getConnections()
      .flatMap((connection) => connection.streams)
      .filter(({ protocol, direction }) => protocol.startsWith('/meshsub/') && direction === 'outbound')
  await until(() => streams().some(({ maxWriteBufferLength }) => maxWriteBufferLength !== undefined))
  const stream = streams().find(({ maxWriteBufferLength }) => maxWriteBufferLength !== undefined)
  if (stream === undefined) {
    expect.unreachable()
  }
  expect(stream.maxWriteBufferLength).toBe(MAX_SEND_BUFFER_BYTES)
  // what is sent waits, as for a peer that does not read
  stream.writableNeedsDrain = true
  stream.send(new Uint8Array(MAX_SEND_BUFFER_BYTES - stream.writeBufferLength))
  expect([stream.status, stream.writeBufferLength]).toEqual(['open', MAX_SEND_BUFFER_BYTES])
  try {
    stream.send(new Uint8Array(1))
  } catch {
    // it may say so to whoever sends, or only end
  }
  expect(stream.status).toBe('aborted')
})
