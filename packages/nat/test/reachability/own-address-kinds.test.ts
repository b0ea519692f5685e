import type { NodeAddress } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { mergeAddresses, toOwnAddress } from '../../src/reachability/index.ts'

const RELAY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const PUBLIC = '/ip4/5.5.1.1/tcp/4001'

function address(text: string, over: Partial<NodeAddress> = {}): NodeAddress {
  return { multiaddr: multiaddr(text), verified: true, lastVerified: 7, expires: 0, type: 'transport', ...over }
}

test.each<[string, NodeAddress, string]>([
  ['a public address that was dialled back is verified', address(PUBLIC), 'verified'],
  ['a public address that was not is unverified', address(PUBLIC, { verified: false }), 'unverified'],
  ['an observed address that was dialled back is verified', address(PUBLIC, { type: 'observed' }), 'verified'],
  ['a flag without a time is no proof', { ...withoutTime(address(PUBLIC)) }, 'unverified'],
  ['a configured address is assumed, though libp2p flags it', address(PUBLIC, { type: 'announce' }), 'assumed'],
  ['an address of this network is local, though libp2p flags it', address('/ip4/192.168.1.7/tcp/4001'), 'local'],
  ['a loopback address is local', address('/ip6/::1/tcp/4001'), 'local'],
  ['an address of this process is local', address('/memory/7'), 'local'],
  ['an address behind a relay is relayed', address(`/ip4/5.5.0.10/tcp/4001/p2p/${RELAY}/p2p-circuit`), 'relayed']
])('%s', (_, input, expected) => {
  expect(toOwnAddress(input)).toEqual({
    address: input.multiaddr,
    kind: input.type,
    reachability: expected,
    ...(expected === 'verified' ? { verifiedAt: 7 } : {})
  })
})

test('an address that is known in two ways is there once, with what is proven', () => {
  const all = [
    address(PUBLIC, { verified: false }),
    address(PUBLIC, { type: 'observed' }),
    address(PUBLIC, { verified: false })
  ]
  expect(mergeAddresses(all.map(toOwnAddress)).map(({ kind, reachability }) => [kind, reachability])).toEqual([
    ['observed', 'verified']
  ])
})

function withoutTime({ lastVerified: _, ...rest }: NodeAddress): NodeAddress {
  return rest
}
