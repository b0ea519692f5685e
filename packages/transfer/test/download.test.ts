import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DownloadMonitor } from '../src/download.ts'
import type { TransferEvent } from '../src/index.ts'
import { rawCID, bytesOf } from './store/fake-share.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A download that knows nobody, and has searched for nothing yet. */
function lonely(): DownloadMonitor {
  const monitor = new DownloadMonitor({
    root: rawCID(bytesOf('lonely', 10)),
    findTimeoutMs: 30_000,
    stallAfterMs: Infinity,
    stallTimeoutMs: 120_000,
    canSearch: true,
    path: () => 'none',
    limits: () => undefined
  })
  const connector = { pump: () => undefined, known: 0, leastFailures: 0, lastError: undefined }
  monitor.watch({ connector, discovery: { searches: 0 }, entry: {} } as unknown as Parameters<typeof monitor.watch>[0])
  return monitor
}

async function* refuseFor(ms: number): AsyncGenerator<TransferEvent, string, undefined> {
  yield { type: 'paused', errno: 'ENOSPC', path: '/x', retryInMs: ms }
  vi.advanceTimersByTime(ms)
  return 'there is space'
}

async function next(monitor: DownloadMonitor): Promise<TransferEvent | undefined> {
  const event = monitor.next(undefined)
  await vi.advanceTimersByTimeAsync(400)
  return event
}

test('a download gives up when nobody was found in time', async () => {
  const monitor = lonely()
  expect(await next(monitor)).toBeUndefined()
  vi.advanceTimersByTime(30_000)
  await expect(monitor.next(undefined)).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' })
})

test('time in which the disk refused does not count: nobody was looked for', async () => {
  const monitor = lonely()
  const events = monitor.paused(refuseFor(300_000))
  expect((await events.next()).value).toMatchObject({ type: 'paused' })
  expect(await events.next()).toEqual({ done: true, value: 'there is space' })
  expect(await next(monitor)).toBeUndefined()
  vi.advanceTimersByTime(30_000)
  await expect(monitor.next(undefined)).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' })
})
