import { providerRoutingCompliance } from '@p2pshare/testkit/vitest'
import { createStar, stopNet } from '../support/network.ts'
import type { Net } from '../support/network.ts'

const running: Net[] = []

providerRoutingCompliance({
  setup: async () => {
    const net = await createStar(4)
    running.push(net)
    return { participants: net.nodes.map(({ peerId, services }) => ({ id: peerId, routing: services.dht })) }
  },
  teardown: async () => {
    await Promise.all(running.splice(0).map(stopNet))
  }
})
