import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { expect, test } from 'vitest'
import { gossip } from '../../src/index.ts'
import { until } from '../support/network.ts'

test('in plain libp2p nodes over TCP, a goodbye arrives before the connection is gone', async () => {
  const create = async () =>
    createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), gossip: gossip() }
    })
  const [one, other] = [await create(), await create()]
  await one.dial(other.getMultiaddrs())
  await until(() => other.services.gossip.member(one.peerId)?.state === 'alive')
  await until(() => one.services.gossip.member(other.peerId)?.state === 'alive')
  await one.stop()
  expect(other.services.gossip.member(one.peerId)?.state).toBe('left')
  await other.stop()
})
