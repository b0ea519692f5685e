import { expect, test } from 'vitest'
import {
  BYTES_WINDOW_MS,
  MAX_CIRCUITS,
  MAX_CIRCUITS_PER_IP,
  MAX_CIRCUITS_PER_PEER,
  MAX_PEER_BYTES_PER_MINUTE,
  MAX_RESERVATIONS_PER_IP,
  MAX_TOTAL_BYTES_PER_MINUTE,
  PENDING_CIRCUIT_MS
} from '../../src/relay/constants.ts'
import { RELAY_LIMITS, RelayQuota } from '../../src/relay/relay-quota.ts'
import type { RelayLimits } from '../../src/relay/relay-quota.ts'

function quota(limits: Partial<RelayLimits>): RelayQuota {
  return new RelayQuota({ ...RELAY_LIMITS, ...limits })
}
const key = (source: string, target = 'target'): { source: string; target: string } => ({ source, target })

test('one IP address gets as many places as it may, and not one more', () => {
  const own = quota({ maxReservationsPerIp: 2 })
  expect(own.denyReservation('a', ['a', 'b'])).toBeUndefined()
  expect(own.denyReservation('a', ['a', 'a'])).toBe('reservations-per-ip')
  expect(own.denyReservation(undefined, [undefined, undefined])).toBeUndefined()
})

test.each([
  ['circuits', { maxCircuits: 2 }, [key('a', 'x'), key('b', 'y')], key('c', 'z'), 'i3'],
  ['circuits-per-peer', { maxCircuitsPerPeer: 2 }, [key('a', 'x'), key('a', 'y')], key('a', 'z'), 'i3'],
  ['circuits-per-peer', { maxCircuitsPerPeer: 2 }, [key('a', 'x'), key('b', 'x')], key('c', 'x'), 'i3'],
  ['circuits-per-ip', { maxCircuitsPerIp: 2 }, [key('a', 'x'), key('b', 'y')], key('c', 'z'), 'same']
] as const)(
  '%s: at the bound one is let through, one past it is not, and one is again when one ended',
  (denial, limits, first, next, ip) => {
    const own = quota(limits)
    for (const [index, each] of first.entries()) {
      expect(own.request(each, ip === 'same' ? ip : `i${index}`, 0)).toBeUndefined()
      own.open(each)
    }
    expect(own.request(next, ip, 0)).toBe(denial)
    own.end(first[0])
    expect(own.request(next, ip, 0)).toBeUndefined()
  }
)

test('a circuit that never opened does not count for ever', () => {
  const own = quota({ maxCircuits: 1 })
  expect(own.request(key('a'), 'ip', 0)).toBeUndefined()
  expect(own.request(key('b'), 'ip', PENDING_CIRCUIT_MS - 1)).toBe('circuits')
  expect(own.request(key('b'), 'ip', PENDING_CIRCUIT_MS)).toBeUndefined()
})

test('a peer may carry its bytes, not one more, and again in the next minute', () => {
  const own = quota({ maxPeerBytesPerMinute: 100 })
  expect(own.carry(key('a'), 100, 0)).toBeUndefined()
  expect(own.carry(key('a'), 1, 1)).toBe('peer-bytes')
  expect(own.request(key('a', 'other'), 'ip', 2)).toBe('peer-bytes')
  expect(own.request(key('c', 'd'), 'ip', 2)).toBeUndefined()
  expect(own.request(key('a', 'other'), 'ip', BYTES_WINDOW_MS)).toBeUndefined()
  expect(own.carry(key('a'), 100, BYTES_WINDOW_MS)).toBeUndefined()
})

test('all peers together may carry their bytes, and not one more', () => {
  const own = quota({ maxTotalBytesPerMinute: 100 })
  expect(own.carry(key('a', 'x'), 60, 0)).toBeUndefined()
  expect(own.carry(key('b', 'y'), 40, 0)).toBeUndefined()
  expect(own.carry(key('c', 'z'), 1, 0)).toBe('total-bytes')
  expect(own.totals().bytes).toBe(101)
})

test('by default an IP address holds as many places as it may, and not one more', () => {
  const held = Array.from({ length: MAX_RESERVATIONS_PER_IP }, () => 'office')
  expect(new RelayQuota().denyReservation('office', held.slice(1))).toBeUndefined()
  expect(new RelayQuota().denyReservation('office', held)).toBe('reservations-per-ip')
})

test.each([
  ['circuits', MAX_CIRCUITS, (n: number) => ({ circuit: key(`s${n}`, `t${n}`), ip: `ip${n}` })],
  ['circuits-per-peer', MAX_CIRCUITS_PER_PEER, (n: number) => ({ circuit: key('one', `t${n}`), ip: `ip${n}` })],
  ['circuits-per-ip', MAX_CIRCUITS_PER_IP, (n: number) => ({ circuit: key(`s${n}`, `t${n}`), ip: 'one' })]
] as const)('%s: by default %i are let through, and not one more', (denial, most, at) => {
  const own = new RelayQuota()
  const asked = Array.from({ length: most + 1 }, (_, n) => own.request(at(n).circuit, at(n).ip, 0))
  expect(asked.indexOf(denial)).toBe(most)
})

test.each([
  ['peer-bytes', MAX_PEER_BYTES_PER_MINUTE, () => key('one')],
  ['total-bytes', MAX_TOTAL_BYTES_PER_MINUTE, (n: number) => key(`s${n}`, `t${n}`)]
])('%s: by default circuits carry %i bytes a minute, and not one more', (denial, most, circuit) => {
  const own = new RelayQuota()
  const parts = 32
  const carried = Array.from({ length: parts }, (_, n) => own.carry(circuit(n), most / parts, 0))
  expect(carried.every((each) => each === undefined)).toBe(true)
  expect(own.carry(circuit(parts), 1, 0)).toBe(denial)
})
