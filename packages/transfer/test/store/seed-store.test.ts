import { appendFile, mkdir, readFile, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { collectFingerprints, createFingerprints } from '../../src/store/fingerprint.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import type { SeedStoreOptions } from '../../src/store/seed-store.ts'
import { bytesOf, fakeShare, fileShare, tree, writeShare } from './fake-share.ts'
import type { FakeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

const share = fakeShare({
  'a.bin': bytesOf('a', 2500),
  'sub/b.bin': bytesOf('b', 1500),
  'sub/c.bin': bytesOf('c', 100)
})

async function place(what: FakeShare = share): Promise<string> {
  const target = join(await tempDir(), 'shared')
  await writeShare(what, target)
  return target
}

async function open(target: string, options: SeedStoreOptions = {}) {
  return openSeedStore(share.map, target, { fingerprints: await collectFingerprints(share.map, target), ...options })
}

const changed = { code: 'ERR_SOURCE_CHANGED' }

/** Edits, each to `sub/b.bin`, that leave the other files as they are. */
const edits: readonly (readonly [string, (file: string, target: string) => Promise<void>])[] = [
  ['was modified in place', async (file) => writeFile(file, bytesOf('other', 1500))],
  ['has other times', async (file) => utimes(file, 1, 1)],
  ['was made longer', async (file) => appendFile(file, 'x')],
  ['was made shorter', async (file) => truncate(file, 1499)],
  ['was removed', async (file) => rm(file)],
  [
    'was replaced by a copy',
    async (file) => {
      await writeFile(`${file}.new`, await readFile(file))
      await rename(`${file}.new`, file)
    }
  ],
  [
    'was replaced by a directory',
    async (file) => {
      await rm(file)
      await mkdir(file)
    }
  ],
  [
    'was replaced by a link to the same bytes',
    async (file, target) => {
      await rename(file, join(target, 'moved'))
      await symlink(join(target, 'moved'), file)
    }
  ],
  [
    'is behind a link now',
    async (_, target) => {
      await rename(join(target, 'sub'), join(target, 'elsewhere'))
      await symlink('elsewhere', join(target, 'sub'))
    }
  ]
]

describe('a file that', () => {
  it.each(edits)('%s before its first use is not served; others are', async (_, edit) => {
    const target = await place()
    const store = await open(target)
    await edit(join(target, 'sub/b.bin'), target)
    await expect(store.read(3)).rejects.toMatchObject({ ...changed, path: join(target, 'sub/b.bin') })
    expect(Buffer.compare(await store.read(0), share.leaves[0]!)).toBe(0)
    await store.close()
  })

  // a path that leads to the same open file through a link is noticed when it is opened again
  it.each(edits.filter(([what]) => !what.includes('link')))('%s while it is open is not served', async (_, edit) => {
    const target = await place()
    const store = await open(target)
    await store.read(3)
    await edit(join(target, 'sub/b.bin'), target)
    await expect(store.read(3)).rejects.toMatchObject(changed)
    await store.close()
  })

  it('was edited and put back with its times is served again', async () => {
    const target = await place()
    const file = join(target, 'sub/b.bin')
    await utimes(file, 1000, 1000)
    const store = await open(target)
    await utimes(file, 2000, 2000)
    await expect(store.read(3)).rejects.toMatchObject(changed)
    await utimes(file, 1000, 1000)
    expect(Buffer.compare(await store.read(3), share.leaves[3]!)).toBe(0)
    await store.close()
  })

  it('is closed to open others is compared when it is opened again', async () => {
    const target = await place()
    const store = await open(target, { maxOpenFiles: 1 })
    await store.read(3)
    await store.read(0)
    await utimes(join(target, 'sub/b.bin'), 1, 1)
    await expect(store.read(3)).rejects.toMatchObject(changed)
    await store.close()
  })

  it('has no fingerprint counts as it is at its first use, if it has its size', async () => {
    const target = await place()
    const fingerprints = createFingerprints(share.map.files.length)
    const store = await open(target, { fingerprints })
    await store.read(3)
    expect(Number.isNaN(fingerprints.mtimeMs[1])).toBe(false)
    await utimes(join(target, 'sub/b.bin'), 1, 1)
    await expect(store.read(3)).rejects.toMatchObject(changed)
    await truncate(join(target, 'sub/c.bin'), 99)
    await expect(store.read(5)).rejects.toMatchObject(changed)
    await store.close()
  })
})

describe('a seed store', () => {
  it('is not opened on nothing, nor with an aborted signal', async () => {
    const target = await place()
    await expect(openSeedStore(share.map, `${target}.gone`)).rejects.toMatchObject(changed)
    await expect(openSeedStore(share.map, target, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError'
    })
  })

  it('has only the leaves of the files it is opened with', async () => {
    const store = await open(await place(), { files: new Set([0, 2]) })
    expect(share.leaves.map((_, index) => store.has(index))).toEqual([true, true, true, false, false, true])
    expect(store.haveCount).toBe(4)
    await expect(store.read(3)).rejects.toMatchObject({ code: 'ERR_LEAF_NOT_FOUND', index: 3 })
    await store.close()
  })

  it('serves a file that is named through a link, and writes nowhere', async () => {
    const one = fileShare(3)
    const target = await place(one)
    const name = join(await tempDir(), 'link')
    await symlink(target, name)
    const before = await tree(join(target, '..'))
    const store = await openSeedStore(one.map, name)
    expect(Buffer.compare(await store.read(2), one.leaves[2]!)).toBe(0)
    await store.complete()
    await store.close()
    await store.close()
    await expect(store.read(0)).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
    expect(await tree(join(target, '..'))).toEqual(before)
  })
})

describe.skipIf(process.platform !== 'linux')('readNow', () => {
  it('gives what read gives, of leaves that are held', async () => {
    const store = await open(await place())
    const files = new Set([0])
    const part = await open(await place(), { files })
    for (let leaf = 0; leaf < share.map.leafCount; leaf++) {
      expect(store.readNow?.(leaf)).toEqual(await store.read(leaf))
      expect(part.readNow?.(leaf) !== undefined).toBe(part.has(leaf))
    }
    expect(store.readNow?.(share.map.leafCount)).toBeUndefined()
    await Promise.all([store.close(), part.close()])
    expect(store.readNow?.(0)).toBeUndefined()
  })

  it.each(edits)('says nothing of a file that %s', async (_, edit) => {
    const target = await place()
    const store = await open(target)
    await edit(join(target, 'sub/b.bin'), target)
    const { firstLeaf = 0 } = share.map.files.find(({ path }) => path === 'sub/b.bin') ?? {}
    expect(store.readNow?.(firstLeaf)).toBeUndefined()
    expect(store.readNow?.(0)).toBeDefined()
    await store.close()
  })

  it('says nothing of a file that was not hashed: its first use is looked at in earnest', async () => {
    const store = await open(await place(), { fingerprints: createFingerprints(share.map.files.length) })
    expect(store.readNow?.(0)).toBeUndefined()
    await store.read(0)
    expect(store.readNow?.(0)).toBeDefined()
    await store.close()
  })
})
