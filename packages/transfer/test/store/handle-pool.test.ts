import type { FileHandle } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { HandlePool } from '../../src/store/handle-pool.ts'

/** Handles that only say what happens to them. */
function fakeFiles() {
  const log: string[] = []
  const open = async (file: number): Promise<FileHandle> => {
    log.push(`open ${file}`)
    const handle: Pick<FileHandle, 'close'> = {
      close: async () => {
        log.push(`close ${file}`)
      }
    }
    return handle as FileHandle
  }
  return { log, open }
}

const nothing = async (): Promise<void> => undefined

it('closes the file that was not used for longest', async () => {
  const { log, open } = fakeFiles()
  const pool = new HandlePool(open, 2)
  for (const file of [1, 2, 1, 3, 1]) {
    await pool.use(file, nothing)
  }
  expect(log).toEqual(['open 1', 'open 2', 'open 3', 'close 2'])
  await pool.drain()
  expect(log.slice(4).sort()).toEqual(['close 1', 'close 3'])
  expect(pool.size).toBe(0)
})

it('opens a file once for users that come at the same time', async () => {
  const { log, open } = fakeFiles()
  const pool = new HandlePool(open, 2)
  await Promise.all([pool.use(1, nothing), pool.use(1, nothing), pool.use(1, nothing)])
  expect(log).toEqual(['open 1'])
})

it('never closes a file in use: a user beyond the limit waits', async () => {
  const { log, open } = fakeFiles()
  const pool = new HandlePool(open, 1)
  const busy: PromiseWithResolvers<void> = Promise.withResolvers()
  const first = pool.use(1, async () => busy.promise)
  const others = [pool.use(2, nothing), pool.use(3, nothing), pool.use(1, nothing)]
  await Promise.resolve()
  expect(log).toEqual(['open 1'])
  busy.resolve()
  await Promise.all([first, ...others])
  expect(log.filter((line) => line.startsWith('open')).sort()).toEqual(['open 1', 'open 2', 'open 3'])
})

it('drains when the last user is done', async () => {
  const { log, open } = fakeFiles()
  const pool = new HandlePool(open, 2)
  const busy: PromiseWithResolvers<void> = Promise.withResolvers()
  const using = pool.use(1, async () => {
    await busy.promise
    log.push('used')
  })
  const draining = pool.drain()
  busy.resolve()
  await draining
  await using
  expect(log).toEqual(['open 1', 'used', 'close 1'])
})

it('tries again to open a file that could not be opened', async () => {
  const { log, open } = fakeFiles()
  let failures = 1
  const pool = new HandlePool(async (file) => {
    if (failures-- > 0) {
      throw new RangeError('not now')
    }
    return open(file)
  }, 1)
  await expect(pool.use(1, nothing)).rejects.toThrow('not now')
  await pool.use(1, nothing)
  await pool.use(2, nothing)
  expect(log.slice(0, 2).sort()).toEqual(['open 1', 'open 2'])
})

it('reports a file that could not be closed', async () => {
  const failed: unknown[] = []
  const pool = new HandlePool(
    async () => ({ close: async () => Promise.reject(new RangeError('lost')) }) as unknown as FileHandle,
    1,
    (file, error) => failed.push([file, String(error)])
  )
  await pool.use(4, nothing)
  await pool.drain()
  expect(failed).toEqual([[4, 'RangeError: lost']])
})
