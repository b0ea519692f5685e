import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { MAX_TARGETS } from '../../src/port-map/constants.ts'
import { doubleNatOf } from '../../src/port-map/double-nat.ts'
import { mapTargets } from '../../src/port-map/targets.ts'

const RELAY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

test('TCP and UDP listeners on private addresses are mapped, each port once', () => {
  const addresses = [
    '/ip4/192.168.1.7/tcp/4001',
    '/ip4/192.168.1.7/tcp/4001/ws',
    '/ip4/192.168.1.7/udp/4001/utp',
    '/ip4/127.0.0.1/tcp/4001',
    '/ip4/5.5.1.1/tcp/4001',
    '/ip6/fd00::1/tcp/4001',
    '/memory/x',
    `/ip4/192.168.1.1/tcp/4001/p2p/${RELAY}/p2p-circuit`
  ].map((text) => multiaddr(text))
  expect(mapTargets(addresses)).toEqual([
    { internalIp: '192.168.1.7', internalPort: 4001, protocol: 'tcp' },
    { internalIp: '192.168.1.7', internalPort: 4001, protocol: 'udp' }
  ])
  expect(mapTargets(addresses, { withLoopback: true })).toHaveLength(3)
})

test(`at most ${MAX_TARGETS} listeners are mapped`, () => {
  const listeners = (count: number) =>
    Array.from({ length: count }, (_, index) => multiaddr(`/ip4/192.168.1.7/tcp/${4001 + index}`))
  expect(mapTargets(listeners(MAX_TARGETS))).toHaveLength(MAX_TARGETS)
  expect(mapTargets(listeners(MAX_TARGETS + 1))).toHaveLength(MAX_TARGETS)
})

test.each([
  ['a gateway with a private address is behind another', '10.0.0.2', [], 'private'],
  ['so is one with a shared address of a carrier', '100.64.1.1', ['5.5.1.1'], 'private'],
  ['so is one that others do not see', '5.5.1.1', ['6.6.1.1'], 'differs'],
  ['one that others see is not', '5.5.1.1', ['6.6.1.1', '5.5.1.1'], undefined],
  ['nor one that nobody said anything of', '5.5.1.1', ['192.168.1.7'], undefined]
])('%s', (_, externalIp, observed, expected) => {
  expect(doubleNatOf(externalIp, observed)).toBe(expected)
})
