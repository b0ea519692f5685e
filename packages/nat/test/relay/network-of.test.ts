import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { networkOf, quotaKey } from '../../src/relay/network-of.ts'

test.each([
  ['/ip4/5.5.1.7/tcp/4001', '5.5', '5.5.1.7'],
  ['/ip4/5.5.200.1/udp/4001', '5.5', '5.5.200.1'],
  ['/ip6/2001:0db8:0:1::7/tcp/4001', '2001:db8', '2001:db8:0:1'],
  ['/ip6/2001:db8::7/tcp/4001', '2001:db8', '2001:db8:0:0'],
  ['/ip6/::1/tcp/1', '0:0', '0:0:0:0'],
  ['/dns4/relay.example.org/tcp/4001', undefined, undefined]
])('%s is in network %s and shares a quota as %s', (address, network, quota) => {
  expect(networkOf(multiaddr(address))).toBe(network)
  expect(quotaKey(multiaddr(address))).toBe(quota)
})
