import { expect, test } from 'vitest'
import {
  MAX_UNREACHABLE_RETRY_MS,
  REFUSED_RETRY_MS,
  UNREACHABLE_RETRY_MS,
  VERIFIED_FOR_MS
} from '../../src/reachability/constants.ts'
import { mayAsk, nextAskAt, nextVerdict, NO_VERDICT } from '../../src/reachability/verdict.ts'
import type { DialBackResult, Verdict } from '../../src/reachability/verdict.ts'

function after(...answers: readonly [peer: string, result: DialBackResult, at: number][]): Verdict {
  return answers.reduce((verdict, [peer, result, at]) => nextVerdict(verdict, peer, result, at), NO_VERDICT)
}

test('one peer that got through proves an address, for ten minutes', () => {
  const verdict = after(['a', 'unreachable', 1], ['b', 'ok', 2])
  expect(verdict).toMatchObject({ status: 'verified', at: 2, failedBy: [] })
  expect(mayAsk(verdict, 'a', 2 + VERIFIED_FOR_MS - 1)).toBe(false)
  expect(mayAsk(verdict, 'a', 2 + VERIFIED_FOR_MS)).toBe(true)
})

test('one peer that did not proves nothing; two do', () => {
  const one = after(['a', 'unreachable', 1])
  expect(one.status).toBe('unknown')
  expect(mayAsk(one, 'a', 1)).toBe(false)
  expect(mayAsk(one, 'b', 1)).toBe(true)
  expect(nextVerdict(one, 'b', 'unreachable', 2)).toMatchObject({ status: 'unreachable', at: 2 })
})

test('where there is one peer only, its second failure counts', () => {
  const verdict = after(['a', 'unreachable', 0], ['a', 'unreachable', UNREACHABLE_RETRY_MS])
  expect(verdict.status).toBe('unreachable')
})

test('a proven address stays so until two peers fail', () => {
  const verdict = after(['a', 'ok', 0], ['b', 'unreachable', 1])
  expect(verdict.status).toBe('verified')
  expect(nextVerdict(verdict, 'c', 'unreachable', 2).status).toBe('unreachable')
})

test('an unreachable address is tried again, less and less often', () => {
  let verdict = NO_VERDICT
  const waits = Array.from({ length: 7 }, () => {
    verdict = nextVerdict(nextVerdict(verdict, 'a', 'unreachable', 0), 'b', 'unreachable', 0)
    return verdict.askAt
  })
  expect(waits.slice(0, 3)).toEqual([UNREACHABLE_RETRY_MS, 2 * UNREACHABLE_RETRY_MS, 4 * UNREACHABLE_RETRY_MS])
  expect(waits.at(-1)).toBe(MAX_UNREACHABLE_RETRY_MS)
})

test('a peer that refused is left alone for a while; the others are not', () => {
  const verdict = after(['a', 'refused', 5])
  expect(verdict.status).toBe('unknown')
  expect(nextAskAt(verdict)).toBe(5 + REFUSED_RETRY_MS)
  expect([mayAsk(verdict, 'a', 6), mayAsk(verdict, 'b', 6), mayAsk(verdict, 'a', 5 + REFUSED_RETRY_MS)]).toEqual([
    false,
    true,
    true
  ])
})
