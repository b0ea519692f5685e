import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import type { KadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { createTestnet } from '@p2pshare/testkit'
import type { Testnet } from '@p2pshare/testkit'
import { afterEach, expect, test } from 'vitest'
import { PROTOCOL, dht } from '../../src/index.ts'
import type { Dht } from '../../src/index.ts'
import { collect, until } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

// a type and not an interface: service maps have an index signature
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions
type Services = { ping: Ping; dht: Dht | KadDHT }

let net: Testnet<Services>

afterEach(async () => {
  for (const node of net.nodes) {
    await node.stop()
  }
})

const stock = kadDHT({
  protocol: PROTOCOL,
  clientMode: false,
  allowQueryWithZeroPeers: true,
  peerInfoMapper: passthroughMapper
})

/** The first two are ours, the others stock. */
async function mixed(count: number): Promise<{ provider: Dht; finder: Dht }> {
  net = await createTestnet<Services>({
    nodes: count,
    seed: 'stock',
    topology: 'full',
    services: ({ index }) => ({ ping: ping(), dht: index < 2 ? dht({ clientMode: true }) : stock })
  })
  const [provider, finder] = net.nodes.map((node) => node.services.dht) as [Dht, Dht]
  await until(() => provider.tableSize() >= count - 2 && finder.tableSize() >= count - 2)
  return { provider, finder }
}

test('records are put at stock holders, confirmed by them, and found there', async () => {
  const { provider, finder } = await mixed(6)
  for (let at = 0; at < 5; at++) {
    await provider.provide(rootOf(at))
    expect(await collect(finder.findProviders(rootOf(at)))).toHaveLength(1)
  }
  expect(provider.announcements().map(({ state, holders }) => `${state} ${holders}`)).toEqual(
    Array.from({ length: 5 }, () => 'announced 4')
  )
})
