import { expect, it } from 'vitest'
import { missingBytes, requireSpace } from '../../src/store/free-space.ts'
import { nodeFs } from '../../src/store/fs.ts'
import type { StoreFs } from '../../src/store/fs.ts'
import { fileShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

const fsWith = (blocks: number, bavail: number): StoreFs =>
  ({ ...nodeFs, statfs: async () => ({ blocks, bavail, bsize: 512 }) }) as unknown as StoreFs

it('takes what just fits, and refuses one byte more with what is needed and what is there', async () => {
  const fs = fsWith(100, 10)
  await requireSpace(fs, '/anywhere', 5_120)
  await expect(requireSpace(fs, '/anywhere', 5_121)).rejects.toMatchObject({
    code: 'ERR_NOT_ENOUGH_SPACE',
    path: '/anywhere',
    need: 5_121,
    have: 5_120
  })
})

it('believes a file system that does not know its size, and says when it cannot be asked', async () => {
  await requireSpace(fsWith(0, 0), '/anywhere', 1)
  await expect(requireSpace(nodeFs, `${await tempDir()}/nowhere`, 1)).rejects.toMatchObject({ code: 'ERR_DISK' })
})

it('counts what is wanted and not held', () => {
  const { map } = fileShare(4)
  expect(missingBytes(map, { wants: () => true, has: (index) => index < 2 })).toBe(1_010)
  expect(missingBytes(map, { wants: (index) => index === 0, has: () => false })).toBe(1_000)
})
