import { expect, test } from 'vitest'
import { InboundLimits, originOf } from '../src/inbound-limits.ts'
import type { Place } from '../src/inbound-limits.ts'

const bounds = { maxConnections: 6, maxPending: 4, maxPendingPerIp: 2 }

function enter(limits: InboundLimits, origin: string): Place {
  const place = limits.enter(origin)
  if (typeof place === 'string') {
    expect.unreachable(`refused by ${place}`)
  }
  return place
}

test('lets maxPendingPerIp of one address in, and not one more', () => {
  const limits = new InboundLimits(bounds)
  enter(limits, 'a')
  const second = enter(limits, 'a')
  expect(limits.enter('a')).toBe('maxPendingPerIp')
  second.settle()
  enter(limits, 'a')
})

test('lets maxPending of all addresses in, and not one more', () => {
  const limits = new InboundLimits(bounds)
  const [first] = ['a', 'b', 'c', 'd'].map((origin) => enter(limits, origin))
  expect(limits.enter('e')).toBe('maxPending')
  first?.leave()
  enter(limits, 'e')
})

test('lets maxConnections in, handshakes done or not, and not one more', () => {
  const limits = new InboundLimits(bounds)
  const places = ['a', 'b', 'c', 'd', 'e', 'f'].map((origin) => {
    const place = enter(limits, origin)
    place.settle()
    return place
  })
  expect(limits.connections).toBe(6)
  expect(limits.enter('g')).toBe('maxConnections')
  places[0]?.leave()
  enter(limits, 'g')
})

test('settling and leaving twice counts once, in whatever order', () => {
  const limits = new InboundLimits(bounds)
  const place = enter(limits, 'a')
  const other = enter(limits, 'a')
  place.leave()
  place.settle()
  place.leave()
  expect([limits.pending, limits.connections]).toEqual([1, 1])
  other.settle()
  other.settle()
  expect([limits.pending, limits.connections]).toEqual([0, 1])
  other.leave()
  expect([limits.pending, limits.connections]).toEqual([0, 0])
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::6', '2001:db8:1:2::/64'],
  ['2001:db8::5', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unix', 'unix']
])('%s counts for %s', (ip, origin) => {
  expect(originOf(ip)).toBe(origin)
})
