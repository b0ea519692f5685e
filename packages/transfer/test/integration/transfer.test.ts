import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { asProvider, finish, Harness } from './harness.ts'

const harness = new Harness()
afterEach(() => harness.stop())

test('a file arrives whole from one seeder', async () => {
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const directory = await harness.directory()
  const bytes = randomBytes(5 * 1024 * 1024 + 123)
  await writeFile(join(directory, 'source.bin'), bytes)
  const share = await seeder.services.transfer.share(join(directory, 'source.bin'))

  const done = await finish(
    leecher.services.transfer.get(share.root, { output: directory, name: 'copy.bin', providers: [asProvider(seeder)] })
  )

  expect(done.bytes).toBe(bytes.byteLength)
  expect(await readFile(join(directory, 'copy.bin'))).toEqual(bytes)
})

test('a directory with empty, small and large files arrives whole', async () => {
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const directory = await harness.directory()
  await mkdir(join(directory, 'tree/deep/empty'), { recursive: true })
  await writeFile(join(directory, 'tree/zero'), '')
  await writeFile(join(directory, 'tree/deep/one'), 'x')
  const large = randomBytes(3 * 1024 * 1024)
  await writeFile(join(directory, 'tree/deep/large'), large)
  const share = await seeder.services.transfer.share(join(directory, 'tree'))

  await finish(
    leecher.services.transfer.get(share.root, { output: directory, name: 'copy', providers: [asProvider(seeder)] })
  )

  expect(await readFile(join(directory, 'copy/zero'))).toHaveLength(0)
  expect(await readFile(join(directory, 'copy/deep/one'), 'utf8')).toBe('x')
  expect(await readFile(join(directory, 'copy/deep/large'))).toEqual(large)
})
