import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { alive, createNet, createStar, stopNet } from '../support/network.ts'

checkLeaks()

test('a network that formed and stopped leaves no timer and no stream open', async () => {
  const net = await createStar(4)
  expect(alive(net.node(0))).toHaveLength(3)
  await stopNet(net)
})

test('nor does one of which some are gone without a word', async () => {
  const net = await createStar(3, { leaveTimeoutMs: 0 })
  await stopNet(net)
})

test('nor a node that stops right after it started, and starts again', async () => {
  const net = await createNet([{}])
  await net.node(0).stop()
  await net.node(0).start()
  await stopNet(net)
})
