import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { addClockSample, clockOffset } from '../../src/prober/clock.ts'
import { MAX_CLOCK_RTT_MS, MAX_CLOCK_SAMPLES, MAX_SERVERS, MAX_SERVERS_ASKED } from '../../src/prober/constants.ts'
import { isDoubleNat, isInsideAddress } from '../../src/prober/double-nat.ts'
import { beginProbe } from '../../src/prober/plan.ts'
import { remoteEndOf, toRemoteEnd } from '../../src/prober/remote-host.ts'
import { ServerBook } from '../../src/prober/server-book.ts'

const at = (host: string) => ({ host, port: 5 })

test.each([
  ['a router with the outside address itself', '203.0.113.5', '203.0.113.5', false],
  ['a router with another address than the outside one', '203.0.113.5', '203.0.113.6', true],
  ['a router with a carrier’s address', '203.0.113.5', '100.64.1.1', true],
  ['a router with a private address', '203.0.113.5', '192.168.0.1', true],
  ['no router that tells', '203.0.113.5', undefined, undefined],
  ['an outside address of a carrier', '100.127.255.1', undefined, true],
  ['a test network', '10.1.1.1', '10.1.1.1', false],
  ['a test network, where nothing tells', '10.1.1.1', undefined, undefined]
])('double NAT: %s', (_, outside, mappedHost, expected) => {
  expect(isDoubleNat({ mapping: 'endpoint-independent', outside: at(outside) }, mappedHost)).toBe(expected)
})

test('a private address of the router is a second NAT when no server told the outside one', () => {
  expect(isDoubleNat({}, '192.168.0.1')).toBe(true)
  expect(isDoubleNat({}, '203.0.113.5')).toBe(false)
})

test.each([
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.1',
  '192.168.1.1',
  '100.64.0.1',
  '100.127.0.1',
  '169.254.1.1',
  '127.0.0.1',
  'fd00::1',
  'fe80::1',
  '::1'
])('%s is inside', (host) => {
  expect(isInsideAddress(host)).toBe(true)
})

test.each(['9.0.0.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '100.63.0.1', '100.128.0.1', '2001:db8::1'])(
  '%s is outside',
  (host) => {
    expect(isInsideAddress(host)).toBe(false)
  }
)

test('the middle of the clocks counts, whatever a few say', () => {
  let samples = addClockSample([], { peer: 'a', theirs: 1000, ours: 1000, rttMs: 10 })
  expect(clockOffset(samples)).toEqual({ offsetMs: 0, errorMs: 5, samples: 1 })
  samples = addClockSample(samples, { peer: 'b', theirs: 1040, ours: 1000, rttMs: 20 })
  samples = addClockSample(samples, { peer: 'c', theirs: 9_999_999, ours: 1000, rttMs: 20 })
  expect(clockOffset(samples)).toEqual({ offsetMs: 40, errorMs: 10, samples: 3 })
  expect(clockOffset([])).toBeUndefined()
})

test('a peer that is asked again is not one more clock', () => {
  const first = addClockSample([], { peer: 'a', theirs: 1000, ours: 1000, rttMs: 10 })
  const again = addClockSample(first, { peer: 'a', theirs: 2000, ours: 1500, rttMs: 10 })
  expect(clockOffset(again)).toEqual({ offsetMs: 500, errorMs: 5, samples: 1 })
})

test('as many clocks are kept as the bound, and none that took too long', () => {
  let samples = addClockSample([], { peer: 'a', theirs: 0, ours: 0, rttMs: MAX_CLOCK_RTT_MS + 1 })
  expect(samples).toEqual([])
  samples = addClockSample(samples, { peer: 'a', theirs: 7, ours: 0, rttMs: MAX_CLOCK_RTT_MS })
  for (let n = 0; n < MAX_CLOCK_SAMPLES; n++) {
    samples = addClockSample(samples, { peer: `${n}`, theirs: 1, ours: 0, rttMs: 0 })
  }
  expect(samples).toHaveLength(MAX_CLOCK_SAMPLES)
  expect(samples.some(({ theirs }) => theirs === 7)).toBe(false)
})

test.each([
  ['/ip4/192.0.2.1/udp/5', { host: '192.0.2.1', port: 5, transport: 'udp' }],
  ['/ip4/192.0.2.1/tcp/5/ws', { host: '192.0.2.1', port: 5, transport: 'tcp' }],
  ['/ip6/2001:db8::1/udp/5/utp', { host: '2001:db8::1', port: 5, transport: 'udp' }],
  ['/dns4/example.org/tcp/5', undefined],
  ['/ip4/192.0.2.1/tcp/5/p2p/12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf/p2p-circuit', undefined]
])('the end of %s', (text, end) => {
  expect(toRemoteEnd(multiaddr(text))).toEqual(end)
})

test('the end of a limited connection is not known', () => {
  expect(remoteEndOf({ remoteAddr: multiaddr('/ip4/192.0.2.1/tcp/5'), limits: { bytes: 1n } })).toBeUndefined()
})

test('as many servers are remembered as the bound, those of the user besides, and hosts differ first', () => {
  const fixed = { family: 4, address: at('192.0.2.200'), source: 'option' } as const
  const book = new ServerBook([fixed])
  for (let n = 0; n <= MAX_SERVERS; n++) {
    expect(book.add({ family: 4, address: at(`192.0.2.${n}`), source: 'peer' })).toBe(true)
  }
  expect(book.of(4)).toHaveLength(MAX_SERVERS + 1)
  expect(book.of(4).some(({ address }) => address.host === '192.0.2.0')).toBe(false)
  expect(book.of(4).at(-1)).toEqual(fixed)
  expect(book.of(6)).toEqual([])
})

test('where a server of the internet is known, those of the own network are not asked: they see no NAT', () => {
  const book = new ServerBook([])
  book.add({ family: 4, address: at('192.168.1.9'), source: 'lan' })
  expect(book.of(4).map(({ source }) => source)).toEqual(['lan'])
  book.add({ family: 4, address: at('203.0.113.1'), source: 'public' })
  expect(book.of(4).map(({ source }) => source)).toEqual(['public'])
})

test('a probing asks as many servers as the bound, and the one past it not', () => {
  const servers = Array.from({ length: MAX_SERVERS_ASKED + 1 }, (_, n) => ({ address: at(`192.0.2.${n}`) }))
  expect(beginProbe(servers.slice(1), 10, 250).servers).toHaveLength(MAX_SERVERS_ASKED)
  expect(beginProbe(servers, 10, 250).servers).toEqual(servers.slice(0, MAX_SERVERS_ASKED))
})

test('a server that says the same again is nothing new, one that says more is', () => {
  const book = new ServerBook([])
  expect(book.add({ family: 4, address: at('192.0.2.1'), source: 'p' })).toBe(true)
  expect(book.add({ family: 4, address: at('192.0.2.1'), source: 'p' })).toBe(false)
  expect(book.add({ family: 4, address: at('192.0.2.1'), source: 'p', otherPort: 6 })).toBe(true)
  expect(book.of(4)).toHaveLength(1)
})
