import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { MAX_SHARED_ADDRESSES } from '../src/defaults.ts'
import { pickTicketAddresses } from '../src/ticket-addresses.ts'

const RELAY = '/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit'

function pick(addresses: string[], listen = ['/ip4/0.0.0.0/tcp/0']): string[] {
  const parse = (texts: string[]): Array<ReturnType<typeof multiaddr>> => texts.map((text) => multiaddr(text))
  return pickTicketAddresses(parse(addresses), parse(listen)).map(String)
}

test('what works from far away comes first, and loopback not at all', () => {
  expect(
    pick([
      '/ip4/127.0.0.1/tcp/1',
      '/ip4/192.168.1.5/tcp/1',
      `/ip4/198.51.100.9/tcp/4001${RELAY}`,
      '/ip6/::1/tcp/1',
      '/dns4/seed.example.org/tcp/1',
      '/ip4/8.8.8.8/tcp/1'
    ])
  ).toEqual([
    '/dns4/seed.example.org/tcp/1',
    '/ip4/8.8.8.8/tcp/1',
    `/ip4/198.51.100.9/tcp/4001${RELAY}`,
    '/ip4/192.168.1.5/tcp/1'
  ])
})

test('loopback is given when there is nothing else', () => {
  expect(pick(['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1'])).toEqual(['/ip4/127.0.0.1/tcp/1', '/ip6/::1/tcp/1'])
})

test('loopback is given, last, when the node was told to listen there', () => {
  expect(pick(['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.2/tcp/1'], ['/ip4/127.0.0.1/tcp/0', '/ip4/0.0.0.0/tcp/0'])).toEqual(
    ['/ip4/10.0.0.2/tcp/1', '/ip4/127.0.0.1/tcp/1']
  )
})

test('link-local addresses are never given', () => {
  expect(pick(['/ip6/fe80::1/tcp/1', '/ip4/169.254.3.4/tcp/1', '/ip4/10.0.0.2/tcp/1'])).toEqual(['/ip4/10.0.0.2/tcp/1'])
})

test('the largest number is given, one more is not', () => {
  const addresses = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `/ip4/10.0.0.${index + 1}/tcp/1`)
  expect(pick(addresses(MAX_SHARED_ADDRESSES))).toHaveLength(MAX_SHARED_ADDRESSES)
  expect(pick(addresses(MAX_SHARED_ADDRESSES + 1))).toHaveLength(MAX_SHARED_ADDRESSES)
})

test('a node without addresses has none to give', () => {
  expect(pick([])).toEqual([])
})
