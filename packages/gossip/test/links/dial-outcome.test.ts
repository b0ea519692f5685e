import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, test } from 'vitest'
import { isRefused, redialTargets } from '../../src/links/dial-outcome.ts'

const errorOf = (fields: { code?: string; name?: string; message?: string }): Error =>
  Object.assign(new Error(fields.message ?? 'failed'), fields)
const REFUSED = errorOf({ code: 'ECONNREFUSED' })
const TIMED_OUT = errorOf({ name: 'TimeoutError' })
const UNREACHABLE = errorOf({ code: 'ENETUNREACH' })
const NO_RESERVATION = errorOf({ message: 'failed to connect via relay with status NO_RESERVATION' })

const failed = (failures: Error[]): Error => Object.assign(new Error('failed', { cause: failures[0] }), { failures })

test.each<[string, unknown, boolean]>([
  ['a closed port', REFUSED, true],
  ['somebody else at the address', errorOf({ name: 'UnexpectedPeerError' }), true],
  ['a reset: a live peer that has too many connections', errorOf({ code: 'ECONNRESET' }), false],
  ['no answer', TIMED_OUT, false],
  ['no network', UNREACHABLE, false],
  ['closed ports at each address', new AggregateError([REFUSED, REFUSED]), true],
  ['a closed port and no answer', new AggregateError([REFUSED, TIMED_OUT]), false],
  ['nothing tried', new AggregateError([]), false],
  ['a closed port, as a transport says it', new Error('could not connect', { cause: REFUSED }), true],
  ['a failure of another kind, as a transport says it', new Error('could not connect', { cause: TIMED_OUT }), false],
  ['closed ports, as our transport says it', failed([REFUSED, REFUSED]), true],
  ['one closed port of two, as our transport says it', failed([REFUSED, TIMED_OUT]), false],
  [
    'a closed port, and an address that was left out',
    new AggregateError([REFUSED, errorOf({ name: 'NotInRaceError' })]),
    true
  ],
  ['only addresses that were left out', new AggregateError([errorOf({ name: 'NotInRaceError' })]), false],
  ['no error', 'ECONNREFUSED', false]
])('%s: gone is %s', (_, error, isGone) => {
  expect(isRefused(error, false)).toBe(isGone)
})

test('through a relay only its word counts: it may be the relay that is gone', () => {
  expect(isRefused(NO_RESERVATION, true)).toBe(true)
  expect(isRefused(REFUSED, true)).toBe(false)
  expect(isRefused(NO_RESERVATION, false)).toBe(false)
})

describe('where to look for the peer of a lost connection', () => {
  const relay = multiaddr(
    '/ip4/203.0.113.9/tcp/4001/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'
  )
  const home = multiaddr('/ip4/192.0.2.1/tcp/4001')
  const loopback = multiaddr('/ip4/127.0.0.1/tcp/4001')
  const homeUdp = multiaddr('/ip4/192.0.2.1/udp/4001/utp')
  const known = [loopback, homeUdp, home, relay]
  const at = (lost: { direction: 'inbound' | 'outbound'; remoteAddr: typeof home }): [string[], boolean] => {
    const { addresses, areRelayed } = redialTargets(lost, known)
    return [addresses.map(String), areRelayed]
  }

  test('where it was reached', () => {
    expect(at({ direction: 'outbound', remoteAddr: home })).toEqual([[home.toString()], false])
    expect(at({ direction: 'outbound', remoteAddr: relay })).toEqual([[relay.toString()], true])
  })

  test('or on the host it came from', () => {
    const from = multiaddr('/ip4/192.0.2.1/tcp/50123')
    expect(at({ direction: 'inbound', remoteAddr: from })).toEqual([[home.toString()], false])
  })

  test('by the transport that it came by', () => {
    const from = multiaddr('/ip4/192.0.2.1/udp/50123/utp')
    expect(at({ direction: 'inbound', remoteAddr: from })).toEqual([[homeUdp.toString()], false])
  })

  test('or at its relays', () => {
    const from = multiaddr('/ip4/198.51.100.7/tcp/50123')
    expect(at({ direction: 'inbound', remoteAddr: from })).toEqual([[relay.toString()], true])
    expect(at({ direction: 'inbound', remoteAddr: relay })).toEqual([[relay.toString()], true])
  })
})
