import { seededRandom } from '@p2pshare/testkit'
import { expect, test } from 'vitest'
import {
  ACCEPTED_TTL_MS,
  COOKIE_EPOCH_MS,
  INIT_BURST,
  INIT_BURST_PER_IP,
  INIT_RATE_PER_IP_PER_SECOND,
  MAX_ACCEPTED,
  MAX_RATED_ORIGINS,
  MAX_UNPROVEN_PER_IP
} from '../../src/constants.ts'
import { Accepted } from '../../src/handshake/accepted.ts'
import { Admission } from '../../src/handshake/admission.ts'
import type { AdmissionInit, Verdict } from '../../src/handshake/admission.ts'
import { Cookies } from '../../src/handshake/cookie.ts'
import { InboundLimits } from '../../src/handshake/limits.ts'
import { originOf } from '../../src/handshake/origin.ts'
import { OriginBuckets, TokenBucket } from '../../src/handshake/token-bucket.ts'
import type { Init } from '../../src/wire/handshake.ts'

const random = seededRandom('udx-admission')
const now = 1_000_000

function question(cookie?: Uint8Array): Init {
  return { type: 'init', nonce: random.bytes(16), id: 1 + random.int(1_000_000), cookie }
}

function admission(init: Partial<AdmissionInit> = {}): Admission {
  return new Admission({
    maxConnections: 1000,
    maxConnectionsPerIp: 1000,
    maxHalfOpen: 1000,
    maxHalfOpenPerIp: 1000,
    cookieAbove: 1000,
    secret: Buffer.alloc(32, 7),
    ...init
  })
}

const from = (index: number): { host: string; port: number } => ({
  host: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
  port: 4000
})

/** Asks, with a cookie if one is demanded. */
function come(door: Admission, index: number): Verdict {
  const init = question()
  const verdict = door.judge(init, from(index), now)
  return verdict.type === 'retry' ? door.judge({ ...init, cookie: verdict.cookie }, from(index), now) : verdict
}

test('the same question gets the same answer, until it is forgotten', () => {
  const door = admission()
  const init = question()
  const verdict = door.judge(init, from(1), now)
  expect(verdict.type).toBe('accept')
  if (verdict.type === 'accept') {
    verdict.accepted(42)
  }
  expect(door.judge(init, from(1), now + 1)).toEqual({ type: 'again', id: 42 })
  expect(door.judge(init, from(1), now + ACCEPTED_TTL_MS - 1)).toEqual({ type: 'again', id: 42 })
  expect(door.judge(init, from(1), now + ACCEPTED_TTL_MS).type).toBe('accept')
  // somebody else who saw it
  expect(door.judge(init, from(2), now + 1).type).toBe('accept')
})

test('above a number of half-open connections who comes has to prove its address', () => {
  const door = admission({ cookieAbove: 3 })
  for (let index = 0; index < 3; index++) {
    expect(door.judge(question(), from(index), now).type).toBe('accept')
  }
  const init = question()
  const verdict = door.judge(init, from(3), now)
  if (verdict.type !== 'retry') {
    throw new TypeError(verdict.type)
  }
  const { cookie } = verdict
  expect(door.judge({ ...init, cookie }, from(4), now).type).toBe('retry')
  expect(door.judge({ ...init, id: init.id + 1, cookie }, from(3), now).type).toBe('retry')
  expect(door.judge({ ...init, cookie }, from(3), now).type).toBe('accept')
})

test('somebody who makes up an address does not use up the places behind it', () => {
  const door = admission()
  for (let count = 0; count < MAX_UNPROVEN_PER_IP; count++) {
    expect(door.judge(question(), from(1), now).type).toBe('accept')
  }
  expect(door.judge(question(), from(1), now).type).toBe('retry')
  expect(door.judge(question(), from(2), now).type).toBe('accept')
})

test.each([
  ['maxConnections', (index: number) => index],
  ['maxConnectionsPerIp', () => 1],
  ['maxHalfOpen', (index: number) => index],
  ['maxHalfOpenPerIp', () => 1]
] as const)('%s holds at the bound and refuses one more', (bound, who) => {
  const door = admission({ [bound]: 5 })
  for (let index = 0; index < 5; index++) {
    expect(come(door, who(index)).type).toBe('accept')
  }
  expect(come(door, who(5))).toEqual({ type: 'reject', bound })
})

test('a place can be left and settled twice, and counts once', () => {
  const limits = new InboundLimits({ maxConnections: 2, maxConnectionsPerIp: 2, maxHalfOpen: 1, maxHalfOpenPerIp: 1 })
  const first = limits.enter('a')
  if (typeof first === 'string') {
    throw new TypeError(first)
  }
  expect(limits.enter('b')).toBe('maxHalfOpen')
  first.settle()
  first.settle()
  expect([limits.connections, limits.halfOpen]).toEqual([1, 0])
  first.leave()
  first.leave()
  expect([limits.connections, limits.halfOpen]).toEqual([0, 0])
})

test('a flood from made-up addresses gets as many answers as the rate allows', () => {
  const door = admission({ cookieAbove: 4 })
  const verdicts = Array.from({ length: 2 * INIT_BURST }, (_, index) => door.judge(question(), from(index), now).type)
  expect(verdicts.filter((type) => type !== 'ignore')).toHaveLength(INIT_BURST)
})

test('one address is limited for itself, and recovers with time', () => {
  const door = admission({ cookieAbove: 0 })
  const ask = (at: number): string => door.judge(question(), from(1), at).type
  const verdicts = Array.from({ length: INIT_BURST_PER_IP + 1 }, () => ask(now))
  expect(verdicts.filter((type) => type === 'ignore')).toHaveLength(1)
  expect(door.judge(question(), from(2), now).type).toBe('retry')
  expect(ask(now + 1000 / INIT_RATE_PER_IP_PER_SECOND)).toBe('retry')
})

test('a cookie is good in its epoch and the next, for its address, nonce and id alone', () => {
  const cookies = new Cookies(Buffer.alloc(32, 1))
  const init = question()
  const issued = 10 * COOKIE_EPOCH_MS
  const asked = { ...init, cookie: cookies.make(init, from(1), issued) }
  expect(cookies.isValid(asked, from(1), issued)).toBe(true)
  expect(cookies.isValid(asked, from(1), issued + 2 * COOKIE_EPOCH_MS - 1)).toBe(true)
  expect(cookies.isValid(asked, from(1), issued + 2 * COOKIE_EPOCH_MS)).toBe(false)
  expect(cookies.isValid(asked, { ...from(1), port: 4001 }, issued)).toBe(false)
  expect(cookies.isValid(asked, from(2), issued)).toBe(false)
  expect(cookies.isValid({ ...asked, nonce: random.bytes(16) }, from(1), issued)).toBe(false)
  expect(cookies.isValid({ ...asked, id: asked.id + 1 }, from(1), issued)).toBe(false)
  expect(cookies.isValid(init, from(1), issued)).toBe(false)
  expect(new Cookies(Buffer.alloc(32, 2)).isValid(asked, from(1), issued)).toBe(false)
})

test('what was accepted is remembered up to a bound, the oldest goes first', () => {
  const accepted = new Accepted()
  for (let index = 0; index < MAX_ACCEPTED; index++) {
    accepted.add(String(index), index + 1, now)
  }
  expect(accepted.find('0', now)).toBe(1)
  accepted.add('one more', 9, now)
  expect(accepted.size).toBe(MAX_ACCEPTED)
  expect(accepted.find('0', now)).toBeUndefined()
  expect(accepted.find('1', now)).toBe(2)
})

test('rates of so many addresses are remembered, and no more', () => {
  const buckets = new OriginBuckets(1, 1)
  for (let index = 0; index < MAX_RATED_ORIGINS; index++) {
    buckets.take(String(index), now)
  }
  expect(buckets.take('0', now)).toBe(false)
  buckets.take('one more', now)
  expect(buckets.size).toBe(MAX_RATED_ORIGINS)
  // it was forgotten in place of the one that was seen again
  expect(buckets.take('1', now)).toBe(true)
  expect(buckets.take('0', now)).toBe(false)
})

test('a bucket holds no more than its burst, and time that goes backwards gives nothing', () => {
  const bucket = new TokenBucket(10, 2)
  expect([0, 0, 0].map((at) => bucket.take(at))).toEqual([true, true, false])
  expect(bucket.take(-1000)).toBe(false)
  expect(bucket.take(100)).toBe(true)
  expect([10_000, 10_000, 10_000].map((at) => bucket.take(at))).toEqual([true, true, false])
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::2:3:4:5:6', '0:0:0:2::/64'],
  ['fe80::', 'fe80:0:0:0::/64']
])('%s counts for %s', (host, origin) => {
  expect(originOf(host)).toBe(origin)
})
