import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Key } from 'interface-datastore'
import { LevelDatastore } from 'datastore-level'
import { expect, onTestFinished, test } from 'vitest'
import { openDataDirectory } from '../src/data-directory.ts'
import type { DataDirectory } from '../src/data-directory.ts'
import { tempDirectory } from './temp.ts'

const asUser = test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)

async function open(path: string): Promise<DataDirectory> {
  const directory = await openDataDirectory(path)
  onTestFinished(async () => directory.close())
  return directory
}

test('a new directory is made for its owner alone, parents included', async () => {
  const path = join(await tempDirectory(), 'a', 'b')
  const { owned, notices, sharesDirectory } = await open(path)
  expect(owned).toBeDefined()
  expect(notices).toEqual([])
  expect(sharesDirectory).toBe(join(path, 'shares'))
  expect((await readdir(path)).sort()).toEqual(['datastore', 'identity.key', 'lock', 'shares'])
  expect((await stat(path)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700)
})

test('identity and datastore are there again next time', async () => {
  const path = await tempDirectory()
  const first = await openDataDirectory(path)
  await first.owned?.datastore.put(new Key('/x'), Uint8Array.of(7))
  await first.close()
  const second = await open(path)
  expect(first.owned && second.owned?.privateKey.equals(first.owned.privateKey)).toBe(true)
  expect([...((await second.owned?.datastore.get(new Key('/x'))) ?? [])]).toEqual([7])
})

test('a second one on the same directory works without them and says so', async () => {
  const path = await tempDirectory()
  const first = await open(path)
  const second = await open(path)
  expect(second.owned).toBeUndefined()
  expect(second.sharesDirectory).toBe(first.sharesDirectory)
  expect(second.notices).toMatchObject([
    { code: 'home-in-use', message: expect.stringContaining(String(process.pid)) as string }
  ])
})

test('a second one that has come and gone leaves the first its lock', async () => {
  const path = await tempDirectory()
  await open(path)
  await (await openDataDirectory(path)).close()
  expect((await open(path)).owned).toBeUndefined()
})

test('the database decides when the lock file was lost', async () => {
  const path = await tempDirectory()
  const other = new LevelDatastore(join(path, 'datastore'))
  await other.open()
  onTestFinished(async () => other.close())
  const directory = await open(path)
  expect(directory.owned).toBeUndefined()
  expect(directory.notices).toMatchObject([{ code: 'home-in-use' }])
  expect(await readdir(path)).not.toContain('lock')
})

test('a damaged database is put aside and said so; the identity stays', async () => {
  const path = await tempDirectory()
  const first = await openDataDirectory(path)
  await first.close()
  await writeFile(join(path, 'datastore', 'CURRENT'), 'torn')
  const second = await open(path)
  expect(second.notices).toMatchObject([{ code: 'datastore-reset' }])
  expect(first.owned && second.owned?.privateKey.equals(first.owned.privateKey)).toBe(true)
})

test('an identity that cannot be used leaves neither lock nor open database', async () => {
  const path = await tempDirectory()
  await writeFile(join(path, 'identity.key'), 'x', { mode: 0o600 })
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_INVALID_IDENTITY' })
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_INVALID_IDENTITY' })
})

test('a file where the directory should be is a typed error with the reason', async () => {
  const path = join(await tempDirectory(), 'file')
  await writeFile(path, '')
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_DATA_DIRECTORY', path, errno: 'EEXIST' })
  await expect(openDataDirectory(join(path, 'below'))).rejects.toMatchObject({ errno: 'ENOTDIR' })
})

asUser('a directory that may not be written is a typed error', async () => {
  const path = join(await tempDirectory(), 'home')
  await mkdir(path)
  await chmod(path, 0o500)
  await expect(openDataDirectory(path)).rejects.toMatchObject({ code: 'ERR_DATA_DIRECTORY', errno: 'EACCES' })
})

test.skipIf(process.platform !== 'linux')(
  'a place that has no room for directories fails, and does not hang',
  async () => {
    const opening = openDataDirectory('/proc/p2pshare/home')
    await expect(opening).rejects.toMatchObject({ code: 'ERR_DATA_DIRECTORY', errno: 'ENOENT' })
  }
)
