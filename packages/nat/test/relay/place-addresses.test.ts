import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { withoutSource } from '../../src/relay/place-addresses.ts'

const SOURCE = '/ip4/5.5.1.7/tcp/40400/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'

const left = (source: string, ...named: string[]): string[] =>
  withoutSource(
    [source, ...named].map((address) => multiaddr(address)),
    multiaddr(source)
  ).map(String)

test.each([
  [['/ip4/5.5.1.7/tcp/4001']],
  [['/dns4/relay.example.org/tcp/4001', '/ip4/5.5.1.7/udp/4001/utp']],
  [['/ip4/5.5.1.7/tcp/4001', '/ip4/5.5.1.7/tcp/40400/ws']]
])('where a relay connected from is no address of one at %j', (named) => {
  expect(left(SOURCE, ...named)).toEqual(named)
})

test.each([[[]], [['/ip4/5.5.1.7/udp/4001/utp']], [['/ip4/10.0.0.2/tcp/40400']], [['/ip4/5.5.1.7/tcp/443/wss']]])(
  'it is all there is, or where the relay listens, of one at %j',
  (named) => {
    expect(left(SOURCE, ...named)).toEqual([SOURCE, ...named])
  }
)

test('over UDP a node listens where it dials from', () => {
  const named = ['/ip4/5.5.1.7/tcp/4001']
  expect(left('/ip4/5.5.1.7/udp/4001/utp', ...named)).toEqual(['/ip4/5.5.1.7/udp/4001/utp', ...named])
})
