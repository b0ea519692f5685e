import { expect, test } from 'vitest'
import { MAX_QUIET_WAIT_MS, QUIET_LOOK_MS, Quiet, whenQuiet } from '../../src/share/quiet.ts'
import type { Activity } from '../../src/share/quiet.ts'

/** How long a leaf waits while each second is as `activity` says. */
async function waitWhile(activity: (second: number) => Activity): Promise<number> {
  const quiet = new Quiet()
  quiet.look(activity(-1))
  let waited = 0
  await whenQuiet(
    quiet,
    () => activity(waited / QUIET_LOOK_MS),
    async (ms) => {
      waited += ms
    }
  )
  return waited
}

test('a leaf is read at once when nothing moves', async () => {
  expect(await waitWhile(() => ({ sent: 5, downloads: 0 }))).toBe(0)
})

test('a leaf waits until nobody is served and nothing is fetched', async () => {
  expect(await waitWhile((second) => ({ sent: Math.min(second, 4), downloads: 0 }))).toBe(5 * QUIET_LOOK_MS)
  expect(await waitWhile((second) => ({ sent: 0, downloads: second < 3 ? 1 : 0 }))).toBe(3 * QUIET_LOOK_MS)
})

test('and no longer than MAX_QUIET_WAIT_MS, however busy the node is', async () => {
  expect(await waitWhile((second) => ({ sent: second, downloads: 1 }))).toBe(MAX_QUIET_WAIT_MS)
})
