import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { connectRace } from '../src/connect-race.ts'
import type { Opened } from '../src/connect-race.ts'

/** What an attempt of the test does: connects, fails, stands for others, or neither until the race is over. */
type Plan = { after: number; then: 'connect' | 'fail' | readonly string[] } | 'silent'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function race(plans: Record<string, Plan>, candidates: string[], delayMs = 250) {
  const started: [name: string, at: number][] = []
  const discarded: string[] = []
  const failures: string[] = []
  const controller = new AbortController()
  const begin = performance.now()
  const open = async (name: string, signal: AbortSignal): Promise<Opened<string, string>> => {
    started.push([name, performance.now() - begin])
    const plan = plans[name] ?? 'silent'
    const { promise, resolve, reject } = Promise.withResolvers<Opened<string, string>>()
    if (plan === 'silent') {
      signal.addEventListener('abort', () => reject(new TypeError(`${name} aborted`)))
      return promise
    }
    setTimeout(() => {
      if (plan.then === 'fail') {
        reject(new TypeError(name))
      } else {
        resolve(
          plan.then === 'connect' ? { type: 'connected', won: name } : { type: 'resolved', candidates: plan.then }
        )
      }
    }, plan.after)
    return promise
  }
  const found = connectRace(candidates, {
    delayMs,
    signal: controller.signal,
    open,
    discard: (won) => discarded.push(won),
    onFailure: (error) => failures.push((error as Error).message)
  })
  return { found, started, discarded, failures, controller }
}

test('what connects within the delay is the only attempt', async () => {
  const { found, started } = race({ a: { after: 249, then: 'connect' } }, ['a', 'b'])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(249)
  expect(await won).toEqual({ value: 'a', done: false })
  await found.return()
  await vi.runAllTimersAsync()
  expect(started).toEqual([['a', 0]])
})

test('while one is silent the next begins, and the first to connect wins', async () => {
  const { found, started } = race({ a: 'silent', b: 'silent', c: { after: 10, then: 'connect' } }, ['a', 'b', 'c', 'd'])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(510)
  expect(await won).toEqual({ value: 'c', done: false })
  await found.return()
  expect(started).toEqual([
    ['a', 0],
    ['b', 250],
    ['c', 500]
  ])
})

test('a failure begins the next at once', async () => {
  const { found, started, failures } = race({ a: { after: 5, then: 'fail' }, b: { after: 5, then: 'connect' } }, [
    'a',
    'b'
  ])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(10)
  expect((await won).value).toBe('b')
  expect(started).toEqual([
    ['a', 0],
    ['b', 5]
  ])
  expect(failures).toEqual(['a'])
  await found.return()
})

test('who asks on gets the next that connected, and nothing was begun meanwhile', async () => {
  const { found, started } = race(
    { a: { after: 300, then: 'connect' }, b: { after: 100, then: 'connect' }, c: { after: 0, then: 'connect' } },
    ['a', 'b', 'c']
  )
  const first = found.next()
  await vi.advanceTimersByTimeAsync(300)
  expect((await first).value).toBe('a')
  // the caller tries `a` for a while; `b` connects, `c` waits
  await vi.advanceTimersByTimeAsync(5_000)
  expect(started.map(([name]) => name)).toEqual(['a', 'b'])
  expect((await found.next()).value).toBe('b')
  const last = found.next()
  await vi.advanceTimersByTimeAsync(0)
  expect((await last).value).toBe('c')
  expect(await found.next()).toEqual({ value: undefined, done: true })
})

test('ends when everything has failed', async () => {
  const { found, failures } = race({ a: { after: 300, then: 'fail' }, b: { after: 1, then: 'fail' } }, ['a', 'b'])
  const end = found.next()
  await vi.advanceTimersByTimeAsync(300)
  expect(await end).toEqual({ value: undefined, done: true })
  expect(failures).toEqual(['b', 'a'])
})

test('a name is replaced by what it stands for', async () => {
  const plans: Record<string, Plan> = {
    name: { after: 20, then: ['ip1', 'ip2'] },
    ip1: 'silent',
    ip2: { after: 1, then: 'connect' }
  }
  const { found, started } = race(plans, ['name', 'b'])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(271)
  expect((await won).value).toBe('ip2')
  expect(started).toEqual([
    ['name', 0],
    ['ip1', 20],
    ['ip2', 270]
  ])
  await found.return()
})

test('who has a winner leaves no loser behind: later ones are thrown away, silent ones aborted', async () => {
  const { found, discarded, failures } = race(
    { a: { after: 400, then: 'connect' }, b: { after: 0, then: 'connect' }, c: 'silent' },
    ['c', 'a', 'b']
  )
  const won = found.next()
  await vi.advanceTimersByTimeAsync(501)
  expect((await won).value).toBe('b')
  await found.return()
  await vi.runAllTimersAsync()
  expect(discarded).toEqual(['a'])
  expect(failures).toEqual([])
})

test('what connected and was not looked at is thrown away', async () => {
  const { found, discarded } = race({ a: { after: 260, then: 'connect' }, b: { after: 10, then: 'connect' } }, [
    'a',
    'b'
  ])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(260)
  await won
  await found.return()
  expect(discarded).toHaveLength(1)
})

test('an abort ends it at once, with the reason', async () => {
  const { found, controller } = race({}, ['a', 'b'])
  const end = found.next()
  await vi.advanceTimersByTimeAsync(300)
  controller.abort(new TypeError('enough'))
  await expect(end).rejects.toThrow('enough')
  expect(vi.getTimerCount()).toBe(0)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('an abort while the caller looks at a winner is told when it asks on', async () => {
  const { found, controller } = race({ a: { after: 0, then: 'connect' } }, ['a', 'b'])
  const won = found.next()
  await vi.advanceTimersByTimeAsync(0)
  await won
  controller.abort(new TypeError('enough'))
  await expect(found.next()).rejects.toThrow('enough')
})
