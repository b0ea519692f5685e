import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { unlessAborted, waitFor } from '../src/unless-aborted.ts'

const unhandled: unknown[] = []
const note = (reason: unknown): void => {
  unhandled.push(reason)
}
afterEach(() => {
  process.off('unhandledRejection', note)
  unhandled.length = 0
})

test('what comes first counts', async () => {
  const giveUp = new AbortController()
  expect(await unlessAborted(Promise.resolve(1), giveUp.signal)).toBe(1)
  const waiting = unlessAborted(new Promise<never>(() => undefined), giveUp.signal)
  giveUp.abort(new TypeError('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(unlessAborted(Promise.resolve(1), giveUp.signal)).rejects.toThrow('enough')
})

test('a promise that nobody waits for any more may fail', async () => {
  process.on('unhandledRejection', note)
  const { promise, reject } = Promise.withResolvers<never>()
  await expect(unlessAborted(promise, AbortSignal.abort(new TypeError('enough')))).rejects.toThrow('enough')
  reject(new TypeError('nobody has it'))
  await turn()
  await turn()
  expect(unhandled).toEqual([])
})

test('the signal ends a wait and not the work, which an aborted one does not begin', async () => {
  const done: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = async (): Promise<void> => {
    done.push('begun')
    await promise
    done.push('ended')
  }
  await expect(waitFor(work, { signal: AbortSignal.abort(new TypeError('enough')) })).rejects.toThrow('enough')
  expect(done).toEqual([])
  const giveUp = new AbortController()
  const waiting = waitFor(work, { signal: giveUp.signal })
  giveUp.abort(new TypeError('enough'))
  await expect(waiting).rejects.toThrow('enough')
  resolve()
  await turn()
  expect(done).toEqual(['begun', 'ended'])
  await waitFor(work, {})
})
