import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { collect, createStar, stopNet } from '../support/network.ts'
import { rootOf } from '../support/roots.ts'

checkLeaks()

test('a network that provided and searched leaves no timer and no stream open', async () => {
  const net = await createStar(3)
  await net.node(1).services.dht.provide(rootOf(1))
  expect(await collect(net.node(2).services.dht.findProviders(rootOf(1)))).toHaveLength(1)
  await stopNet(net)
})
