import { expect, test } from 'vitest'
import {
  ASK_REFILL_IN_ALL_MS,
  ASK_REFILL_MS,
  ASKS_IN_ALL,
  ASKS_PER_PEER,
  MAX_DIALS
} from '../../../src/reachability/constants.ts'
import { DialLimiter } from '../../../src/reachability/dial-back/limiter.ts'

function ask(limiter: DialLimiter, peer: string, now: number): boolean {
  const may = limiter.start(peer, now)
  if (may) {
    limiter.done()
  }
  return may
}

test(`a peer may ask ${ASKS_PER_PEER} times in a row, then once in ${ASK_REFILL_MS} ms`, () => {
  const limiter = new DialLimiter()
  const first = Array.from({ length: ASKS_PER_PEER + 1 }, () => ask(limiter, 'a', 0))
  expect(first).toEqual([...Array.from({ length: ASKS_PER_PEER }, () => true), false])
  expect(ask(limiter, 'b', 0)).toBe(true)
  expect(ask(limiter, 'a', ASK_REFILL_MS - 1)).toBe(false)
  expect(ask(limiter, 'a', ASK_REFILL_MS)).toBe(true)
  expect(ask(limiter, 'a', ASK_REFILL_MS)).toBe(false)
})

test(`all peers together may ask ${ASKS_IN_ALL} times in a row`, () => {
  const limiter = new DialLimiter()
  const first = Array.from({ length: ASKS_IN_ALL + 1 }, (_, index) => ask(limiter, `peer ${index}`, 0))
  expect(first.indexOf(false)).toBe(ASKS_IN_ALL)
  expect(ask(limiter, 'one more', ASK_REFILL_IN_ALL_MS)).toBe(true)
})

test(`${MAX_DIALS} dials are under way at a time`, () => {
  const limiter = new DialLimiter()
  const first = Array.from({ length: MAX_DIALS + 1 }, (_, index) => limiter.start(`peer ${index}`, 0))
  expect(first.indexOf(false)).toBe(MAX_DIALS)
  limiter.done()
  expect(limiter.start('one more', 0)).toBe(true)
})
