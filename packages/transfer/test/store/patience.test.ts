import { expect, it } from 'vitest'
import { DiskError } from '../../src/errors.ts'
import { mayMakeRoom, mayPass, RETRY_MAX_MS, RETRY_MIN_MS, retryDelayMs } from '../../src/store/patience.ts'

it('waits twice as long after each refusal, up to a bound', () => {
  expect([1, 2, 3, 4, 5].map(retryDelayMs)).toEqual([RETRY_MIN_MS, 2_000, 4_000, 8_000, 16_000])
  expect([6, 7, 1_000].map(retryDelayMs)).toEqual([RETRY_MAX_MS, RETRY_MAX_MS, RETRY_MAX_MS])
})

it.each(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE', 'EACCES', 'ENODEV', 'ENOENT', 'ESTALE'])(
  'takes %s for something that may be over in a while',
  (errno) => {
    expect(mayPass(new DiskError(errno, '/x'))).toBe(true)
  }
)

it('waits at a place that was just named for room alone: what else the disk says there may be about the place', () => {
  expect(['ENOSPC', 'EDQUOT', 'EMFILE'].every((errno) => mayMakeRoom(new DiskError(errno, '/x')))).toBe(true)
  expect(['EACCES', 'ENOENT', 'EROFS', 'ENOTDIR'].some((errno) => mayMakeRoom(new DiskError(errno, '/x')))).toBe(false)
})

it('takes what is wrong with a path, and errors of other kinds, as final', () => {
  expect(['EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EMLINK'].some((errno) => mayPass(new DiskError(errno, '/x')))).toBe(false)
  expect(mayPass(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toBe(false)
})
