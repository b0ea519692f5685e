import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { parsePeer } from '../src/commands/peers-why.ts'
import { pathSentence, unreachableReason, whyEvent, whyLines } from '../src/why-view.ts'
import type { WhyReport } from '../src/why-view.ts'

const PEER = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const circuit = multiaddr(`/ip4/5.5.0.10/tcp/4001/p2p/${PEER}/p2p-circuit/p2p/${PEER}`)
const empty: WhyReport = { peer: PEER, path: { kind: 'none' }, connections: [], attempts: [], dials: [], changes: [] }
/** As two nodes behind symmetric NATs have them: every way, none of which there is. */
const nothing: WhyReport['attempts'] = [
  ['lan', 'no address of the peer is in a network of this node'],
  ['ipv6', 'this node has no IPv6 address'],
  ['public', 'the peer has no public address'],
  ['mapped', 'no router forwards a port to the peer'],
  ['reversal', 'the one who asked cannot be dialled'],
  ['udp-punch', 'both routers choose a new port for each destination'],
  ['birthday', 'both routers choose a new port for each destination'],
  ['port-pool', 'the router here chooses among more than 1024 ports'],
  ['tcp-simultaneous-open', 'the peer knows no outside TCP port of its own'],
  ['webrtc', 'one side has no WebRTC transport']
].map(([strategy = '', reason = '']) => ({ strategy, startedAt: 0, tookMs: 0, outcome: 'not-applicable', reason }))

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
  ['nothing known', {}, 'not connected: no address of it is known here'],
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
    { path: { kind: 'relay' }, attempts: nothing },
    'through a relay: nothing could be tried for a direct connection (both routers choose a new port for each destination)'
  ],
  [
    'a relay where TCP alone could be tried',
    {
      path: { kind: 'relay' },
      attempts: [
        ...nothing.slice(0, 8),
        ...relayed.attempts.slice(1).map((each) => ({ ...each, strategy: 'tcp-simultaneous-open' }))
      ]
    },
    'through a relay: no direct connection came up (both routers choose a new port for each destination)'
  ],
  [
    'a relay where what is left out says nothing of it',
    { path: { kind: 'relay' }, attempts: nothing.filter(({ strategy }) => ['lan', 'webrtc'].includes(strategy)) },
    'through a relay: nothing could be tried for a direct connection'
  ],
  [
    'a relay while an attempt runs, after one that failed',
    { path: { kind: 'relay' }, attempts: relayed.attempts, attemptUnderWayMs: 1200 },
    'through a relay: a direct connection is being tried'
  ],
  [
    'a relay after a direct connection',
    { path: { kind: 'relay' }, attempts: [{ strategy: 'lan', startedAt: 0, tookMs: 1, outcome: 'connected' }] },
    'through a relay: the direct connection that there was is gone'
  ],
  [
    'a relay, and a peer that refused',
    { path: { kind: 'relay' }, refused: 'the peer has no time to punch now' },
    'through a relay: no direct connection came up (the peer has no time to punch now)'
  ]
])('%s: one sentence says why', (_, over, sentence) => {
  expect(pathSentence({ ...empty, ...over })).toBe(sentence)
})

test('an attempt that is under way is shown under what was tried', () => {
  const report = { ...empty, path: { kind: 'relay' }, attemptUnderWayMs: 1200 } as const
  expect(whyLines(report).slice(-2)).toEqual(['tried for a direct connection', '  under way for 1.2 s'])
  expect(whyEvent(report)).toMatchObject({ attemptUnderWayMs: 1200 })
})

test('a dial that was called off at the end is not why a peer cannot be reached', () => {
  const [failed] = relayed.dials
  const off = { ...failed!, outcome: 'cancelled', reason: 'nobody wanted it any more' }
  expect(unreachableReason([failed!, off])).toBe('nothing listens there, or a firewall refuses')
  expect(unreachableReason([off])).toBe('no answer in time')
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
