import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'
import { defaultLogger } from '@libp2p/logger'
import { createTestnet } from '@p2pshare/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DIRECT_PROTOCOL, MAX_DIRECT_STREAMS, MAX_OUTBOXES, MAX_OUTBOX_MESSAGES } from '../../src/topics/constants.ts'
import { DirectLink } from '../../src/topics/direct-link.ts'
import { Pacer } from '../../src/topics/paced-registrar.ts'
import type { Direct } from '../../src/wire/direct-codec.ts'
import { numberedPeers } from '../support/peers.ts'
import { createNet, stopNet, until } from './network.ts'

const message: Direct = { type: 'exchange', topic: 't', presence: new Uint8Array(), messages: [] }
const peers = numberedPeers(MAX_OUTBOXES + 1)

describe('what waits to be sent', () => {
  let link: DirectLink

  beforeEach(async () => {
    // every peer is a neighbour, and to none a stream opens in time
    const connection = { status: 'open', newStream: async () => new Promise<Stream>(() => undefined) }
    link = new DirectLink({
      registrar: {
        handle: async () => Promise.resolve(),
        unhandle: async () => Promise.resolve()
      } as unknown as Registrar,
      connectionManager: { getConnections: () => [connection as unknown as Connection] },
      pacer: new Pacer(),
      log: defaultLogger().forComponent('test:direct'),
      onMessage: async () => Promise.resolve(),
      onFault: () => undefined
    })
    await link.start()
  })
  afterEach(async () => link.stop())

  function sendTo(peer: PeerId | undefined): boolean {
    return peer !== undefined && link.send(peer, message)
  }

  test('for one neighbour is the most messages and not one more', () => {
    const [peer, other] = peers
    expect(Array.from({ length: MAX_OUTBOX_MESSAGES }, () => sendTo(peer))).not.toContain(false)
    expect(sendTo(peer)).toBe(false)
    expect(sendTo(other)).toBe(true)
  })

  test('is for the most neighbours and not one more', () => {
    expect(peers.slice(0, MAX_OUTBOXES).map(sendTo)).not.toContain(false)
    expect(sendTo(peers[MAX_OUTBOXES])).toBe(false)
    expect(sendTo(peers[0])).toBe(true)
  })
})

test('a peer may have the most streams open to us and not one more', async () => {
  const net = await createNet([{}])
  const strangers = await createTestnet({ nodes: 1, seed: 'streams' })
  const [node, stranger] = [net.node(0), strangers.node(0)]
  const open = async (): Promise<Stream | undefined> =>
    stranger.dialProtocol(node.getMultiaddrs(), DIRECT_PROTOCOL).catch(() => undefined)
  const isOpen = (stream: Stream | undefined): boolean => stream?.status === 'open'
  const streams: (Stream | undefined)[] = []
  for (let opened = 0; opened < MAX_DIRECT_STREAMS; opened++) {
    streams.push(await open())
  }
  const oneMore = await open()
  await until(() => !isOpen(oneMore))
  expect(streams.map(isOpen)).toEqual(streams.map(() => true))
  await stranger.stop()
  await stopNet(net)
})
