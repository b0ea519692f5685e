import { expect, test } from 'vitest'
import {
  MAX_ANSWERS_BURST_PER_IP,
  MAX_ANSWERS_PER_IP_PER_SECOND,
  MAX_ANSWERS_PER_SECOND,
  MAX_COUNTED_IPS
} from '../../src/stun/constants.ts'
import { RateLimiter } from '../../src/stun/rate-limiter.ts'

const limits = { burstPerIp: 3, perIpPerSecond: 1, perSecond: 100, maxIps: 2 }

test('an address has its burst and then its rate', () => {
  const limiter = new RateLimiter(0, limits)
  const taken = (now: number): boolean => limiter.take('192.0.2.1', now)
  expect([taken(0), taken(0), taken(0), taken(0)]).toEqual([true, true, true, false])
  expect([taken(999), taken(1000), taken(1000)]).toEqual([false, true, false])
})

test('all addresses together have one rate', () => {
  const limiter = new RateLimiter(0, { ...limits, burstPerIp: 1000, perSecond: 5 })
  const answers = Array.from({ length: 10 }, (_, n) => limiter.take(`192.0.2.${n}`, 0))
  expect(answers.filter(Boolean)).toHaveLength(5)
})

test('no more addresses are counted than the bound', () => {
  const limiter = new RateLimiter(0, limits)
  limiter.take('192.0.2.1', 0)
  limiter.take('192.0.2.2', 0)
  expect(limiter.size).toBe(limits.maxIps)
  limiter.take('192.0.2.3', 0)
  expect(limiter.size).toBe(limits.maxIps)
})

test('the hosts of one IPv6 network share a bucket, those of two do not', () => {
  const limiter = new RateLimiter(0, { ...limits, burstPerIp: 1 })
  expect(limiter.take('2001:db8:0:1::1', 0)).toBe(true)
  expect(limiter.take('2001:db8:0:1:5::2', 0)).toBe(false)
  expect(limiter.take('2001:db8:0:2::1', 0)).toBe(true)
  expect(limiter.take('2001:db8::1', 0)).toBe(true)
})

test('by default an address gets its burst and then its rate, and not one answer more', () => {
  const limiter = new RateLimiter(0)
  const taken = (count: number, now: number): number =>
    Array.from({ length: count }, () => limiter.take('192.0.2.1', now)).filter(Boolean).length
  expect(taken(MAX_ANSWERS_BURST_PER_IP + 1, 0)).toBe(MAX_ANSWERS_BURST_PER_IP)
  expect(taken(MAX_ANSWERS_PER_IP_PER_SECOND + 1, 1000)).toBe(MAX_ANSWERS_PER_IP_PER_SECOND)
})

test('by default all addresses together get their rate, and no more are counted than the bound', () => {
  const limiter = new RateLimiter(0)
  const hosts = Array.from({ length: MAX_ANSWERS_PER_SECOND + 1 }, (_, n) => `10.0.${n >> 8}.${n & 255}`)
  expect(hosts.filter((host) => limiter.take(host, 0))).toHaveLength(MAX_ANSWERS_PER_SECOND)
  expect(limiter.size).toBe(MAX_COUNTED_IPS)
})
