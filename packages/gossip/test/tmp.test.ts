import { test } from 'vitest'
import { createNet, until, alive, stopNet, participate } from './support/network.ts'
import { rootOf } from './support/peers.ts'
test('x', async () => {
  const n = 30
  const net = await createNet(Array.from({ length: n }, () => ({})), 'star')
  const t0 = performance.now()
  await until(() => net.nodes.every((x) => alive(x).length === n - 1))
  console.log('all know all', performance.now() - t0)
  const t1 = performance.now()
  const parts = net.nodes.slice(0, 15).map((x) => participate(x, rootOf(1)))
  await until(() => parts.every((p) => p.ids.length === 14))
  console.log('exchange', performance.now() - t1)
  const t2 = performance.now()
  await net.node(5).stop()
  await until(() => net.nodes.every((x) => x === net.node(5) || x.services.gossip.member(net.node(5).peerId)?.state === 'left'))
  console.log('left known', performance.now() - t2)
  await Promise.all(parts.map((p) => p.stop()))
  await stopNet(net)
}, 60000)
