import { expect, test } from 'vitest'
import { attacks } from '../src/dht-attacks.ts'
import { ipfsTables, ipfsWalks } from '../src/dht-calibration.ts'
import { churns, HALF_IN_TWO_HOURS } from '../src/dht-churn.ts'
import { dials } from '../src/dht-dials.ts'
import { predictDht } from '../src/dht-predict.ts'
import { sweeps } from '../src/dht-sweep.ts'
import { finds, provides } from '../src/dht-walks.ts'
import { Pool } from '../src/figures.ts'

test('a seed has one fingerprint, whatever ran before, and another seed another one', () => {
  const setting = { live: 500, lookups: 10 }
  const digest = provides(setting, 7).digest
  finds(setting, 7)
  expect(provides(setting, 7).digest).toBe(digest)
  expect(provides(setting, 8).digest).not.toBe(digest)
  expect(attacks({ live: 300, sybils: 20, keys: 3 }, 1).digest).toBe(
    attacks({ live: 300, sybils: 20, keys: 3 }, 1).digest
  )
})

test('hops and times of IPFS come out as they were published', () => {
  const pool = new Pool([ipfsWalks(100, 1)])
  expect(pool.median('walk hops')).toBe(4)
  expect(Math.abs(pool.median('provide') / 12_600 - 1)).toBeLessThan(0.3)
  expect(Math.abs(pool.median('reached of 20') - 18)).toBeLessThanOrEqual(1)
  const tables = new Pool([ipfsTables(200, 1)])
  expect(Math.abs(tables.mean('dead in full buckets') - 0.038)).toBeLessThan(0.03)
  expect(Math.abs(tables.mean('knows all 20') - 0.61)).toBeLessThan(0.1)
})

test('in small networks records are put on nearly all of the 20 nearest, early, and found', () => {
  for (const live of [300, 1_000]) {
    const provided = new Pool([provides({ live, lookups: 60 }, 1)])
    expect(provided.mean('in true 20')).toBeGreaterThanOrEqual(19)
    expect(provided.median('findable')).toBeLessThan(provided.median('stock done') / 5)
    const found = new Pool([finds({ live, lookups: 60 }, 1)])
    expect(found.sum('missed')).toBe(0)
  }
})

test('placed Sybils hide a record from the k nearest, but not from the region', () => {
  const shipped = new Pool([attacks({ live: 1_000, sybils: 45, keys: 40 }, 1)])
  expect(shipped.mean('found')).toBeGreaterThanOrEqual(0.97)
  expect(shipped.mean('provide alarm')).toBeGreaterThanOrEqual(0.95)
  const plain = new Pool([attacks({ live: 1_000, sybils: 45, keys: 40, plain: true, put: 'before' }, 1)])
  expect(plain.mean('found')).toBeLessThan(0.7)
})

test('a sweep announces every key, on the true holders, in a fraction of the lookups', () => {
  const pool = new Pool([sweeps({ live: 500, keys: 2_000 }, 1)])
  expect(pool.median('keys announced')).toBe(1)
  expect(pool.median('lookups')).toBeLessThan(80)
  expect(pool.mean('in true 20')).toBeGreaterThanOrEqual(19.4)
})

test('records survive that half of the nodes go every two hours, because they are announced as fast', () => {
  const churn = { live: 300, keys: 10, hours: 12, classes: HALF_IN_TWO_HOURS }
  const adaptive = new Pool([churns({ ...churn, reprovide: 'adaptive' }, 1)])
  const once = new Pool([churns({ ...churn, reprovide: 'once' }, 1)])
  expect(adaptive.mean('found')).toBeGreaterThanOrEqual(0.99)
  expect(once.mean('found')).toBeLessThan(0.95)
})

test('ranked and hedged dials skip the dead', () => {
  const pool = new Pool([dials({ providers: 10, deadShare: 0.45, searches: 500 }, 1)])
  expect(pool.quantile('first working', 0.9)).toBeLessThan(600)
  expect(pool.quantile('naive', 0.9)).toBeGreaterThan(10_000)
})

test('a prediction for real nodes names both rule sets', () => {
  const [shipped, stock] = predictDht({
    sizes: [50],
    seeds: 1,
    silentShare: 0.1,
    rttMs: 1,
    dialMs: 30,
    serveMs: 1,
    connectedShare: 0.5
  })
  expect(shipped?.findableMaxMs).toBeLessThan(stock?.findableP50Ms ?? 0)
  expect(shipped?.provideMessages).toBeLessThan(45)
})
