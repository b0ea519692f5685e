import type { Connection } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DRAIN_QUIET_CHECKS, MAX_TRIAL_MS, MAX_TRIALS, TRIAL_DRAIN_CHECK_MS } from '../src/constants.ts'
import { Trials, trialsLast } from '../src/trials.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function fake(id: string, streams: readonly string[] = []): Connection & { closed: boolean } {
  const connection = {
    id,
    status: 'open',
    streams: streams.map((protocol) => ({ protocol, direction: 'inbound' })),
    closed: false,
    close: async () => {
      connection.closed = true
      return Promise.resolve()
    }
  }
  return connection as unknown as Connection & { closed: boolean }
}

test('a connection that only tries an address is taken last', () => {
  const trials = new Trials()
  const [one, trial, other] = [fake('1'), fake('2'), fake('3')]
  trials.mark(trial)
  expect(trialsLast([one, trial, other])).toEqual([one, other, trial])
})

test('it is closed when nobody uses it, and not under what others have on it', () => {
  const trials = new Trials()
  const [idle, used] = [fake('1'), fake('2', ['/libp2p/circuit/relay/0.2.0/hop'])]
  trials.end(idle)
  trials.end(used)
  vi.advanceTimersByTime(TRIAL_DRAIN_CHECK_MS * DRAIN_QUIET_CHECKS)
  expect([idle.closed, used.closed]).toEqual([true, false])
  trials.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('the peer keeps none longer than MAX_TRIAL_MS by what it does there', () => {
  const trials = new Trials()
  const held = fake('1', ['/p2pshare/transfer/1.0.0'])
  trials.end(held)
  vi.advanceTimersByTime(MAX_TRIAL_MS)
  expect(held.closed).toBe(false)
  vi.advanceTimersByTime(TRIAL_DRAIN_CHECK_MS * DRAIN_QUIET_CHECKS)
  expect(held.closed).toBe(true)
})

test('no more than MAX_TRIALS are kept that others use', () => {
  const trials = new Trials()
  const held = Array.from({ length: MAX_TRIALS + 1 }, (_, at) => fake(String(at), ['/p2pshare/transfer/1.0.0']))
  held.slice(0, MAX_TRIALS).forEach((each) => trials.end(each))
  expect(held.filter(({ closed }) => closed)).toEqual([])
  held.slice(MAX_TRIALS).forEach((each) => trials.end(each))
  expect(held.filter(({ closed }) => closed)).toEqual(held.slice(0, 1))
  trials.stop()
})
