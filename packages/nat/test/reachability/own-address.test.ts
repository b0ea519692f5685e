import type { NodeAddress } from '@libp2p/interface-internal'
import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { describeAddress, mergeAddresses, NO_VERDICT, toOwnAddress } from '../../src/reachability/index.ts'

const PUBLIC = '/ip4/5.5.1.1/tcp/4001'

function address(over: Partial<NodeAddress> = {}): NodeAddress {
  return { multiaddr: multiaddr(PUBLIC), verified: true, lastVerified: 7, expires: 0, type: 'ip-mapping', ...over }
}

test('a mapped address that libp2p flags is assumed: the flag is set for all ports of it at once', () => {
  expect(toOwnAddress(address()).reachability).toBe('assumed')
  expect(toOwnAddress(address({ verified: false })).reachability).toBe('unverified')
})

test('a dial-back counts for more than the flag, either way', () => {
  const verified = describeAddress(address({ verified: false }), { ...NO_VERDICT, status: 'verified', at: 9 })
  expect(verified).toMatchObject({ reachability: 'verified', verifiedAt: 9 })
  const unreachable = describeAddress(address(), { ...NO_VERDICT, status: 'unreachable', at: 9 })
  expect(unreachable).toMatchObject({ reachability: 'unreachable', unreachableAt: 9 })
  expect(describeAddress(address({ type: 'announce' }), NO_VERDICT).reachability).toBe('assumed')
})

test('an address that is known in several ways is there once, with what is proven', () => {
  const all = [address({ verified: false }), address(), address({ type: 'transport' })].map(toOwnAddress)
  expect(mergeAddresses(all).map(({ kind, reachability }) => [kind, reachability])).toEqual([['transport', 'verified']])
})
