import { createTestnet } from '@p2pshare/testkit'
import { checkLeaks } from '@p2pshare/testkit/vitest'
import { expect, test } from 'vitest'
import { natServices } from '../../src/index.ts'

checkLeaks()

test('nodes identify each other, see a direct path, and leave nothing open', async () => {
  const net = await createTestnet({ nodes: 2, seed: 'nat', topology: 'full', services: () => natServices() })
  const [a, b] = [net.node(0), net.node(1)]
  expect(a.services.nat.path(b.peerId).kind).toBe('direct')
  expect(b.services.nat.path(a.peerId).kind).toBe('direct')
  expect(a.services.nat.reachability().map(({ reachability }) => reachability)).toEqual(['local'])
  await a.stop()
  await b.stop()
  expect(a.services.nat.path(b.peerId)).toEqual({ kind: 'none' })
})
