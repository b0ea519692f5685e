import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { dht } from '../../src/index.ts'
import { collect } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

test('in plain libp2p nodes over TCP, one finds what the other provides', async () => {
  const create = async () =>
    createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), ping: ping(), dht: dht() }
    })
  const [provider, finder] = [await create(), await create()]
  await finder.dial(provider.getMultiaddrs())
  await provider.services.dht.provide(rootOf(1))
  const [found] = await collect(finder.services.dht.findProviders(rootOf(1)))
  expect(found?.id.equals(provider.peerId)).toBe(true)
  await finder.stop()
  await provider.stop()
})
