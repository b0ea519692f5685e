/* eslint-disable @nx/enforce-module-boundaries -- another encryption than noise is a real transport's, which only tests may import here */
import type { ConnectionEncrypter } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { tls } from '@p2pshare/transport-tcp'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from 'libp2p'
import { afterEach, expect, test } from 'vitest'
import { ahead } from '../../src/ahead/index.ts'

const stops: Array<() => unknown> = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

type Encrypters = Array<(components: Parameters<ReturnType<typeof noise>>[0]) => ConnectionEncrypter>

async function start(connectionEncrypters: Encrypters): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [ahead(tcp())],
    connectionEncrypters,
    streamMuxers: [yamux()]
  })
  stops.push(async () => node.stop())
  return node
}

test('a peer that speaks the first encryption is connected to', async () => {
  const [near, far] = await Promise.all([start([noise()]), start([noise()])])
  const connection = await near.dial(far.getMultiaddrs())
  expect(connection.remotePeer.equals(far.peerId)).toBe(true)
})

test('a peer that has only another encryption is dialled once more, and waited for from then on', async () => {
  const [near, far] = await Promise.all([start([tls(), noise()]), start([noise()])])
  const first = await near.dial(far.getMultiaddrs())
  expect(first.encryption).toBe('/noise')
  await first.close()
  await expect(near.dial(far.getMultiaddrs())).resolves.toMatchObject({ encryption: '/noise', status: 'open' })
})
