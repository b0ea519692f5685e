import { detectLeaks } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { createNet, participate, stopNet, until } from '../support/network.ts'
import { rootOf } from '../support/peers.ts'

checkLeaks()

test('a network that exchanged a share leaves no timer and no stream open', async () => {
  const net = await createNet([{}, {}, {}], 'star')
  const participants = net.nodes.map((node) => participate(node, rootOf(1)))
  await until(() => participants.every(({ ids }) => ids.length === 2))
  await Promise.all(participants.map(async (each) => each.stop()))
  await stopNet(net)
  expect(participants.map(({ ids }) => ids.length)).toEqual([2, 2, 2])
})

test('no heartbeat is left to run after the stop, not even the one that is due next', async () => {
  const leaks = detectLeaks()
  const net = await createNet([{}], 'star')
  await stopNet(net)
  await expect(leaks.assertNone({ settleMs: 50 })).resolves.toBeUndefined()
})
