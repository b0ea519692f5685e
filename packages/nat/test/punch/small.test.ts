import type { PeerId } from '@libp2p/interface'
import { seededRandom, seededPeerId } from '@p2pshare/testkit'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { AttemptLog } from '../../src/punch/attempt-log.ts'
import { afterFailure, longest, remaining } from '../../src/punch/back-off.ts'
import type { BackOff } from '../../src/punch/back-off.ts'
import { Budget } from '../../src/punch/budget.ts'
import {
  BACK_OFF_MS,
  MAX_COUNTED_PEERS,
  MAX_LOGGED_PEERS,
  MAX_LOGGED_TRIES,
  MAX_PEER_PROBES_PER_MINUTE,
  MAX_PROBES_PER_MINUTE
} from '../../src/punch/constants.ts'
import { classifyHost } from '../../src/punch/host-class.ts'
import { strategyOf } from '../../src/punch/label.ts'
import { isDirect } from '../../src/punch/opened.ts'
import { MAX_PATHS, OpenPaths } from '../../src/punch/paths.ts'
import { isNarrow, sprayPorts, widenPool } from '../../src/punch/ports.ts'
import { outcomes } from '../../src/punch/race.ts'
import type { DatagramSocket } from '@p2pshare/interface'
import { webrtcAddress } from '../../src/punch/run/dial.ts'

describe('back-off', () => {
  test('waits longer after each failure, and then always as long', () => {
    const waits: number[] = []
    let backOff: BackOff | undefined
    for (let n = 0; n < 6; n++) {
      backOff = afterFailure(backOff, 1_000)
      waits.push(backOff.until - 1_000)
    }
    expect(waits).toEqual([5_000, 30_000, 120_000, 600_000, 600_000, 600_000])
  })

  test('is over at its time and not a millisecond before', () => {
    const backOff = afterFailure(undefined, 0)
    expect(remaining(backOff, 4_999)).toBe(1)
    expect(remaining(backOff, 5_000)).toBe(0)
    expect(remaining(undefined, 0)).toBe(0)
  })

  test('of a peer that cannot punch is the longest', () => {
    expect(longest(0).until).toBe(BACK_OFF_MS.at(-1))
  })
})

describe('budget', () => {
  const limits = { perPeer: 3, total: 5, peers: 2 }

  test('a peer gets its share of each minute, and not one more', () => {
    const budget = new Budget(limits)
    expect([1, 2, 3, 4].map(() => budget.take('a', 0))).toEqual([true, true, true, false])
    expect(budget.take('a', 59_999)).toBe(false)
    expect(budget.take('a', 60_000)).toBe(true)
  })

  test('all peers together get theirs, also when some are forgotten', () => {
    const budget = new Budget(limits)
    const taken = ['a', 'b', 'c', 'd', 'e', 'f'].map((peer) => budget.take(peer, 0))
    expect(taken).toEqual([true, true, true, true, true, false])
  })
})

describe('budget of probes', () => {
  test('a peer gets its probes of a minute, and not one more', () => {
    const budget = new Budget()
    const taken = Array.from({ length: MAX_PEER_PROBES_PER_MINUTE + 1 }, () => budget.take('a', 0))
    expect(taken.indexOf(false)).toBe(MAX_PEER_PROBES_PER_MINUTE)
  })

  test('all peers together get theirs, and not one more', () => {
    const budget = new Budget()
    const taken = Array.from({ length: MAX_PROBES_PER_MINUTE + 1 }, (_, n) => budget.take(`peer ${n % 8}`, 0))
    expect(taken.indexOf(false)).toBe(MAX_PROBES_PER_MINUTE)
  })

  test('as many peers are counted as the bound; one more has the first forgotten', () => {
    const budget = new Budget({ perPeer: 1, total: 10_000, peers: MAX_COUNTED_PEERS })
    for (let n = 0; n < MAX_COUNTED_PEERS; n++) {
      budget.take(`peer ${n}`, 0)
    }
    expect(budget.take('peer 0', 0)).toBe(false)
    budget.take('one more', 0)
    expect(budget.take('peer 0', 0)).toBe(true)
  })
})

describe('ports', () => {
  const random = seededRandom(7)
  const next = (): number => random.float()

  test('a spray tries the pool first and no port twice', () => {
    const pool = { low: 40_000, high: 40_009 }
    const ports = [...sprayPorts(pool, next)]
    expect(new Set(ports.slice(0, 10))).toEqual(new Set(Array.from({ length: 10 }, (_, index) => 40_000 + index)))
    expect(new Set(ports).size).toBe(65_536 - 1_024)
    expect(ports).toHaveLength(65_536 - 1_024)
  })

  test('a pool of 1024 ports is narrow, one of 1025 is not', () => {
    expect(isNarrow({ low: 2_000, high: 3_023 })).toBe(true)
    expect(isNarrow({ low: 2_000, high: 3_024 })).toBe(false)
    expect(isNarrow(undefined)).toBe(false)
  })

  test('a pool is widened within the ports that there are', () => {
    expect(widenPool({ low: 1_030, high: 65_530 })).toEqual({ low: 1_024, high: 65_535 })
    expect(widenPool({ low: 600, high: 700 })).toEqual({ low: 600, high: 732 })
  })
})

test.each([
  ['8.8.8.8', 'public'],
  ['2a00:1450::1', 'public'],
  ['10.0.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', 'public'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['100.128.0.0', 'public'],
  ['fd00::1', 'private'],
  ['127.0.0.1', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['169.254.1.1', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['239.255.255.250', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['240.0.0.1', 'forbidden'],
  ['::', 'forbidden'],
  ['::1', 'forbidden'],
  ['ff02::1', 'forbidden'],
  ['fe80::1', 'forbidden'],
  ['64:ff9b::7f00:1', 'forbidden'],
  ['2002:7f00:1::', 'forbidden']
])('%s is %s', (host, expected) => {
  expect(classifyHost(host)).toBe(expected)
})

describe('the log of tries', () => {
  const tryOf = (peer: PeerId, startedAt: number) =>
    ({ peer, strategy: 'lan', startedAt, tookMs: 1, outcome: 'failed' }) as const

  test('keeps the last tries of a peer', async () => {
    const peer = await seededPeerId(seededRandom(1))
    const log = new AttemptLog()
    log.add(Array.from({ length: MAX_LOGGED_TRIES + 1 }, (_, index) => tryOf(peer, index)))
    expect(log.of(peer)).toHaveLength(MAX_LOGGED_TRIES)
    expect(log.of(peer)[0]?.startedAt).toBe(1)
  })

  test('forgets the peer that was tried longest ago', () => {
    const peers = Array.from(
      { length: MAX_LOGGED_PEERS + 1 },
      (_, index) => ({ toString: () => `peer ${index}` }) as PeerId
    )
    const log = new AttemptLog()
    peers.forEach((peer) => log.add([tryOf(peer, 0)]))
    expect(peers.map((peer) => log.of(peer).length)).toEqual([0, ...peers.slice(1).map(() => 1)])
  })
})

test('paths are tried in turn, proven ones first, and are bounded', () => {
  const paths = new OpenPaths()
  const socket = {} as DatagramSocket
  const added = Array.from({ length: MAX_PATHS + 1 }, (_, index) =>
    paths.add(socket, { host: '5.5.1.1', port: index + 1 }, index === 3)
  )
  expect(added.at(-1)).toBeUndefined()
  expect(paths.best()?.remote.port).toBe(4)
  paths.best()!.tries++
  expect(paths.best()?.remote.port).toBe(1)
})

describe('a connection is told from others', () => {
  const at = (address: string, direction: 'inbound' | 'outbound' = 'inbound') => ({
    remoteAddr: multiaddr(address),
    direction
  })

  test('by its address and the plan', () => {
    const plan = [
      { strategy: 'reversal', step: { type: 'wait' }, delayMs: 0 },
      { strategy: 'udp-punch', step: { type: 'probe', targets: [{ host: '5.5.1.1', port: 9 }] }, delayMs: 0 },
      { strategy: 'birthday', step: { type: 'spray', host: '5.5.2.2', probes: 1 }, delayMs: 0 }
    ] as const
    const label = (address: string): string => strategyOf(at(address), plan, classifyHost)
    expect(label('/ip4/5.5.1.1/udp/9/utp')).toBe('udp-punch')
    expect(label('/ip4/5.5.2.2/udp/77/utp')).toBe('birthday')
    expect(label('/ip4/192.168.1.1/udp/9/utp')).toBe('lan')
    expect(label('/ip6/2001:db9::1/udp/9/utp')).toBe('ipv6')
    expect(label('/ip4/5.5.1.1/tcp/9')).toBe('reversal')
    expect(strategyOf(at('/ip4/5.5.1.1/tcp/9', 'outbound'), plan, classifyHost)).toBe('public')
  })

  test('as one of WebRTC by nothing but its address', () => {
    const id = '12D3KooWJV9kgMNP57GixskDXtLWm6mzf3V1teA1LcNJh2xpSstT'
    const plan = [{ strategy: 'webrtc', step: { type: 'webrtc' }, delayMs: 0 }] as const
    const label = (address: string): string => strategyOf(at(address), plan, classifyHost)
    expect(label(`/ip4/5.5.0.1/tcp/1/p2p/${id}/p2p-circuit/webrtc/p2p/${id}`)).toBe('webrtc')
    expect(label(`/webrtc/p2p/${id}`)).toBe('webrtc')
    expect(label('/dns4/seed.example.org/tcp/9')).toBe('public')
  })

  test('WebRTC over a relay is direct, anything else over one is not', () => {
    const id = '12D3KooWJV9kgMNP57GixskDXtLWm6mzf3V1teA1LcNJh2xpSstT'
    expect(isDirect(at(`/ip4/5.5.0.1/tcp/1/p2p/${id}/p2p-circuit/webrtc/p2p/${id}`))).toBe(true)
    expect(isDirect(at(`/ip4/5.5.0.1/tcp/1/p2p/${id}/p2p-circuit/p2p/${id}`))).toBe(false)
    expect(isDirect(at('/ip4/5.5.0.1/tcp/1'))).toBe(true)
  })

  test('a relayed address becomes one of WebRTC', () => {
    const id = '12D3KooWJV9kgMNP57GixskDXtLWm6mzf3V1teA1LcNJh2xpSstT'
    const peer = { toString: () => id } as PeerId
    const relayed = multiaddr(`/ip4/5.5.0.1/tcp/1/p2p/${id}/p2p-circuit/p2p/${id}`)
    expect(webrtcAddress(relayed, peer)?.toString()).toBe(`/ip4/5.5.0.1/tcp/1/p2p/${id}/p2p-circuit/webrtc/p2p/${id}`)
    expect(webrtcAddress(multiaddr('/ip4/5.5.0.1/tcp/1'), peer)).toBeUndefined()
  })
})

test('each strategy of a plan has one outcome', () => {
  const plan = [
    { strategy: 'lan', reason: 'elsewhere' },
    { strategy: 'public', step: { type: 'probe', targets: [] }, delayMs: 0 },
    { strategy: 'public', step: { type: 'dial', targets: [] }, delayMs: 0 },
    { strategy: 'udp-punch', step: { type: 'probe', targets: [] }, delayMs: 0 },
    { strategy: 'reversal', step: { type: 'wait' }, delayMs: 0 }
  ] as const
  const failures = new Map([['public', { reason: 'nobody there' }]] as const)
  expect(outcomes(plan, 'udp-punch', failures)).toEqual([
    { strategy: 'lan', outcome: 'not-applicable', reason: 'elsewhere' },
    { strategy: 'public', outcome: 'failed', reason: 'nobody there' },
    { strategy: 'udp-punch', outcome: 'connected' },
    { strategy: 'reversal', outcome: 'cancelled', reason: 'udp-punch was faster' }
  ])
})
