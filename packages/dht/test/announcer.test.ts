import type { PeerId } from '@libp2p/interface'
import { defaultLogger } from '@libp2p/logger'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Announcer } from '../src/announcer.ts'
import { ANNOUNCE_CONCURRENCY, HOLDERS, MAX_WANTED_ROOTS } from '../src/constants.ts'
import { FakeKad, randomPeer, response } from './support/fake-kad.ts'
import { rootOf } from './support/roots.ts'

const timing = { intervalMs: 60_000, minGapMs: 1_000, retryMinMs: 100, retryMaxMs: 1_000 }
const root = rootOf(1)

let self: PeerId
let other: PeerId
let kad: FakeKad
let announcer: Announcer
let addresses: boolean

beforeEach(async () => {
  vi.useFakeTimers()
  self = await randomPeer()
  other = await randomPeer()
  kad = new FakeKad()
  addresses = true
  announcer = new Announcer({
    kad,
    self,
    hasAddresses: () => addresses,
    timing,
    provideTimeoutMs: 5_000,
    log: defaultLogger().forComponent('test')
  })
  kad.provideSteps = () => (kad.tableSize() === 0 ? [] : [response(other, 'ADD_PROVIDER')])
  kad.findSteps = () => [response(other, 'GET_PROVIDERS', [{ id: self, multiaddrs: [] }])]
  announcer.start()
})

afterEach(async () => {
  await announcer.stop()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function announced(): string[] {
  return announcer.list().map(({ state }) => state)
}

describe('provide', () => {
  test('resolves when a peer holds the record and gives it back', async () => {
    kad.join()
    await announcer.provide(root, {})
    expect(announcer.list()).toMatchObject([{ root, state: 'announced', sentTo: 1, confirmed: true }])
  })

  test('resolves at once with an empty table, and announces when the first peer joins', async () => {
    await announcer.provide(root, {})
    expect(announced()).toEqual(['queued'])
    kad.join()
    announcer.changed()
    await vi.advanceTimersByTimeAsync(0)
    expect(announced()).toEqual(['announced'])
  })

  test('resolves at once without an address of our own, and sends nothing that nobody could use', async () => {
    addresses = false
    kad.join()
    await announcer.provide(root, {})
    expect(announced()).toEqual(['queued'])
    expect(kad.provided).toEqual([])
    addresses = true
    announcer.changed()
    await vi.advanceTimersByTimeAsync(0)
    expect(announced()).toEqual(['announced'])
  })

  test('tries again while no peer takes the record', async () => {
    kad.join()
    let calls = 0
    kad.provideSteps = () => (++calls < 3 ? [new TypeError('no route')] : [response(other, 'ADD_PROVIDER')])
    const provided = announcer.provide(root, {})
    await vi.advanceTimersByTimeAsync(500)
    await provided
    expect(calls).toBe(3)
  })

  test('rejects after its deadline and goes on trying', async () => {
    kad.join()
    kad.provideSteps = () => []
    const provided = announcer.provide(root, {})
    const rejected = expect(provided).rejects.toMatchObject({ name: 'DeadlineError', afterMs: 5_000 })
    await vi.advanceTimersByTimeAsync(5_000)
    await rejected
    kad.provideSteps = () => [response(other, 'ADD_PROVIDER')]
    await vi.advanceTimersByTimeAsync(timing.retryMaxMs)
    expect(announced()).toEqual(['announced'])
  })

  test('asks again when the record is not back yet, and says so when it never is', async () => {
    kad.join()
    kad.findSteps = () => [
      response(self, 'GET_PROVIDERS', [{ id: self, multiaddrs: [] }]),
      response(other, 'GET_PROVIDERS')
    ]
    const provided = announcer.provide(root, {})
    await vi.advanceTimersByTimeAsync(1_000)
    await provided
    expect(kad.finds).toBe(3)
    expect(announcer.list()).toMatchObject([{ state: 'announced', confirmed: false }])
  })

  test('a second call within the gap sends nothing', async () => {
    kad.join()
    await announcer.provide(root, {})
    await announcer.provide(root, {})
    expect(kad.provided).toHaveLength(1)
  })

  test('two calls at the same time share one announcement', async () => {
    kad.join()
    await Promise.all([announcer.provide(root, {}), announcer.provide(root, {})])
    expect(kad.provided).toHaveLength(1)
  })

  test('aborted before the call, nothing is wanted', async () => {
    const reason = new TypeError('changed my mind')
    await expect(announcer.provide(root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(announcer.list()).toEqual([])
  })

  test('aborted during the call, the root is forgotten and the walk ends', async () => {
    kad.join()
    kad.provideSteps = () => ['hang']
    const controller = new AbortController()
    const reason = new TypeError('changed my mind')
    const provided = announcer.provide(root, { signal: controller.signal })
    const rejected = expect(provided).rejects.toBe(reason)
    await vi.advanceTimersByTimeAsync(0)
    expect(kad.running).toBe(1)
    controller.abort(reason)
    await rejected
    await vi.advanceTimersByTimeAsync(0)
    expect(kad.running).toBe(0)
    expect(announcer.list()).toEqual([])
  })

  test('aborting a second call leaves the first one its root', async () => {
    kad.join()
    kad.provideSteps = () => ['hang']
    const controller = new AbortController()
    const first = expect(announcer.provide(root, {})).rejects.toMatchObject({ name: 'NotStartedError' })
    const second = expect(announcer.provide(root, { signal: controller.signal })).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(0)
    controller.abort()
    await second
    expect(announced()).toEqual(['queued'])
    await announcer.stop()
    await first
  })

  test('cancelled during the call, it rejects', async () => {
    kad.join()
    kad.provideSteps = () => ['hang']
    const rejected = expect(announcer.provide(root, {})).rejects.toMatchObject({ name: 'AbortError' })
    await vi.advanceTimersByTimeAsync(0)
    announcer.cancel(root)
    await rejected
    expect(announcer.list()).toEqual([])
  })

  test('rejects when not started', async () => {
    await announcer.stop()
    await expect(announcer.provide(root, {})).rejects.toMatchObject({ name: 'NotStartedError' })
  })
})

describe('in the background', () => {
  test('an announced root is announced again after the interval', async () => {
    kad.join()
    await announcer.provide(root, {})
    await vi.advanceTimersByTimeAsync(timing.intervalMs * 1.1)
    expect(kad.provided).toHaveLength(2)
  })

  test('joining peers get the record while it has fewer than the full number of holders', async () => {
    kad.join()
    await announcer.provide(root, {})
    announcer.changed()
    await vi.advanceTimersByTimeAsync(timing.minGapMs)
    expect(kad.provided).toHaveLength(2)
  })

  test('a record with all its holders is not sent again because somebody joined', async () => {
    kad.join()
    kad.provideSteps = () => Array.from({ length: HOLDERS }, () => response(other, 'ADD_PROVIDER'))
    await announcer.provide(root, {})
    announcer.changed()
    await vi.advanceTimersByTimeAsync(timing.minGapMs)
    expect(kad.provided).toHaveLength(1)
  })

  test('a cancelled root is not announced again', async () => {
    kad.join()
    await announcer.provide(root, {})
    announcer.cancel(root)
    await vi.advanceTimersByTimeAsync(timing.intervalMs * 2)
    expect(kad.provided).toHaveLength(1)
  })

  test('after a restart the wanted roots are announced again', async () => {
    await announcer.provide(root, {})
    await announcer.stop()
    kad.join()
    announcer.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(announced()).toEqual(['announced'])
  })

  test('a few roots are announced at a time and the others wait', async () => {
    kad.join()
    const roots = Array.from({ length: 20 }, (_, n) => rootOf(n))
    await Promise.all(roots.map(async (each) => announcer.provide(each, {})))
    expect(kad.provided).toHaveLength(20)
    expect(kad.maxRunning).toBe(ANNOUNCE_CONCURRENCY)
  })
})

test(`takes ${MAX_WANTED_ROOTS} roots and refuses one more`, async () => {
  for (let n = 0; n < MAX_WANTED_ROOTS; n++) {
    await announcer.provide(rootOf(n), {})
  }
  expect(announcer.list()).toHaveLength(MAX_WANTED_ROOTS)
  await expect(announcer.provide(rootOf(MAX_WANTED_ROOTS), {})).rejects.toMatchObject({
    name: 'TooManyRootsError',
    max: MAX_WANTED_ROOTS
  })
})
