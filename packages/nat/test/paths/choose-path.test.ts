import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { choosePath } from '../../src/paths/choose-path.ts'
import type { PathCandidate } from '../../src/paths/choose-path.ts'

const RELAY = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const near = multiaddr('/ip4/192.168.1.7/tcp/4001')
const far = multiaddr('/ip4/203.0.113.7/tcp/4001')
const circuit = multiaddr(`/ip4/198.51.100.1/tcp/4001/p2p/${RELAY}/p2p-circuit`)
const limits = { bytes: 1_000n }

function connection(over: Partial<PathCandidate>): PathCandidate {
  return { remoteAddr: near, status: 'open', timeline: { open: 0 }, ...over }
}

test.each<[string, PathCandidate[], object]>([
  ['no connection is no path', [], { kind: 'none' }],
  ['a connection that is closing is no path', [connection({ status: 'closing' })], { kind: 'none' }],
  ['an open connection is a direct path', [connection({})], { kind: 'direct', address: near }],
  [
    'the round trip is told when it was measured',
    [connection({ rtt: 12 })],
    { kind: 'direct', address: near, rttMs: 12 }
  ],
  ['a circuit in the address is a relay', [connection({ remoteAddr: circuit })], { kind: 'relay', address: circuit }],
  ['limits are a relay, whatever the address says', [connection({ limits })], { kind: 'relay', address: near }],
  [
    'direct comes before relayed, also when it is slower',
    [connection({ remoteAddr: circuit, limits, rtt: 1 }), connection({ rtt: 99 })],
    { kind: 'direct', address: near, rttMs: 99 }
  ],
  [
    'of two the shorter round trip comes first',
    [connection({ remoteAddr: far, rtt: 80 }), connection({ rtt: 2 })],
    { kind: 'direct', address: near, rttMs: 2 }
  ],
  [
    'a measured round trip comes before none',
    [connection({ remoteAddr: far }), connection({ rtt: 80 })],
    { kind: 'direct', address: near, rttMs: 80 }
  ],
  [
    'of two alike the newer comes first',
    [connection({ remoteAddr: far, timeline: { open: 1 } }), connection({ timeline: { open: 2 } })],
    { kind: 'direct', address: near }
  ]
])('%s', (_, connections, expected) => {
  expect(choosePath(connections)).toEqual(expected)
})
