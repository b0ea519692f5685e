import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { parsePeer } from '../src/commands/peers-why.ts'
import { pathSentence, whyEvent, whyLines } from '../src/why-view.ts'
import type { WhyReport } from '../src/why-view.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const circuit = multiaddr(`/ip4/5.5.0.10/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${PEER}`)
const empty: WhyReport = { peer: PEER, path: { kind: 'none' }, connections: [], attempts: [], dials: [], changes: [] }
const relayed: WhyReport = {
  ...empty,
  path: { kind: 'relay', address: circuit, rttMs: 101.2, relayedBytes: 3 * 1024 * 1024 },
  connections: [
    {
      kind: 'relay',
      address: circuit,
      direction: 'outbound',
      best: true,
      health: 'well',
      rttMs: 101.2,
      limitBytes: 1024 * 1024,
      limitSeconds: 90
    }
  ],
  attempts: [
    { strategy: 'lan', startedAt: 0, tookMs: 0, outcome: 'not-applicable', reason: 'not the same network' },
    { strategy: 'udp-punch', startedAt: 0, tookMs: 3_000, outcome: 'failed', reason: 'no probe came\u001b[2J through' }
  ],
  dials: [
    {
      address: multiaddr('/ip4/5.5.1.7/tcp/4001'),
      startedAt: 0,
      tookMs: 12.4,
      outcome: 'failed',
      reason: 'nothing listens there, or a firewall refuses'
    }
  ],
  changes: [{ at: 3_600_000, from: { kind: 'none' }, to: { kind: 'relay' }, reason: 'better' }]
}

test('a relayed path is explained in plain words, and what a peer said is escaped', () => {
  expect(whyLines(relayed)).toEqual([
    PEER,
    '  through a relay, round trip 101.2 ms, 3.0 MiB so far: no direct connection came up (no probe came\\x1b[2J through)',
    'connections',
    `  relay  outbound  101.2 ms  ${circuit.toString()}  in use  the relay lets 1.0 MiB or 1 min 30 s through`,
    'tried for a direct connection',
    '  over the local network  not tried: not the same network',
    '  UDP hole punch  failed after 3.0 s: no probe came\\x1b[2J through',
    'addresses dialled',
    '  /ip4/5.5.1.7/tcp/4001  failed after 12 ms: nothing listens there, or a firewall refuses',
    'how the path changed',
    '  01:00:00 UTC  none -> relay  a better connection came up'
  ])
})

test.each<[string, Partial<WhyReport>, string]>([
  ['nothing known', {}, 'not connected: no address of this peer is known here'],
  ['a dead peer', { dials: relayed.dials }, 'not connected: nothing listens there, or a firewall refuses'],
  ['a direct path', { path: { kind: 'direct', rttMs: 2 } }, 'direct, round trip 2.0 ms'],
  [
    'a punched path',
    { path: { kind: 'direct' }, attempts: [{ strategy: 'birthday', startedAt: 0, tookMs: 1, outcome: 'connected' }] },
    'direct: UDP hole punch with many sockets'
  ],
  ['a relay alone', { path: { kind: 'relay' } }, 'through a relay: a direct connection was not tried yet'],
  [
    'a relay where nothing applies',
    { path: { kind: 'relay' }, attempts: relayed.attempts.slice(0, 1) },
    'through a relay: nothing could be tried for a direct connection (not the same network)'
  ]
])('%s: one sentence says why', (_, over, sentence) => {
  expect(pathSentence({ ...empty, ...over })).toBe(sentence)
})

test('a program gets the same as one event', () => {
  const event = whyEvent(relayed)
  expect(event).toMatchObject({
    type: 'peer.why',
    peer: PEER,
    path: { kind: 'relay', address: circuit.toString(), rttMs: 101.2, relayedBytes: 3 * 1024 * 1024 },
    attempts: [
      { strategy: 'lan', outcome: 'not-applicable' },
      { strategy: 'udp-punch', tookMs: 3_000 }
    ],
    dials: [{ address: '/ip4/5.5.1.7/tcp/4001', tookMs: 12 }],
    changes: [{ from: { kind: 'none' }, to: { kind: 'relay' }, reason: 'better' }]
  })
  expect(() => JSON.stringify(event)).not.toThrow()
})

test('a peer is named by its id or by an address that ends in it', () => {
  expect(parsePeer(PEER).peer.toString()).toBe(PEER)
  expect(parsePeer(circuit.toString()).address?.toString()).toBe(circuit.toString())
  expect(() => parsePeer('ann')).toThrow(/neither a peer id nor a multiaddr/u)
  expect(() => parsePeer('/ip4/1.2.3.4/tcp/1')).toThrow(/has no peer id/u)
  expect(() => parsePeer('/nonsense')).toThrow(/neither a peer id nor a multiaddr/u)
})
