import { link, lstat, mkdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDownloadStore } from '../../src/store/download-store.ts'
import type { DownloadStore, DownloadStoreOptions } from '../../src/store/download-store.ts'
import { discardPartial, partialPath, partialPaths } from '../../src/store/partial.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, fakeShare, fileShare, readTree, tree } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'
import type { FakeShare } from './fake-share.ts'

const tempDir = useTempDir()

const directoryShare = () =>
  fakeShare(
    {
      'a.bin': bytesOf('a', 2500),
      'sub/b.bin': bytesOf('b', 3000),
      'sub/deep/c.bin': bytesOf('c', 999),
      'sub/deep/empty': new Uint8Array()
    },
    { directories: ['hollow', 'hollow/inside'] }
  )

async function place(): Promise<{ target: string; partial: string; parent: string }> {
  const parent = await tempDir()
  const target = join(parent, 'target')
  return { parent, target, partial: partialPath(target) }
}

async function open(
  share: FakeShare,
  where: { target: string; partial: string },
  options: Partial<DownloadStoreOptions> = {}
): Promise<DownloadStore> {
  return openDownloadStore(share.map, { ...where, verify: share.verify, ...options })
}

async function write(store: DownloadStore, share: FakeShare, indices: Iterable<number>): Promise<void> {
  for (const index of indices) {
    await store.write(index, share.leaves[index] ?? new Uint8Array())
  }
}

/** Close as the death of the process would: nothing is synced and nothing noted. */
async function abandon(store: DownloadStore, partial: string): Promise<void> {
  const paths = partialPaths(partial)
  const before = await readFile(paths.journal)
  await store.close()
  await writeFile(paths.journal, before)
}

describe('a download of a file', () => {
  it('appears under its name when it is complete, and not before', async () => {
    const share = fileShare(4)
    const where = await place()
    const store = await open(share, where)
    await write(store, share, [2, 0, 3, 1])
    expect(await tree(where.parent)).toEqual([
      'target.p2pshare-part/',
      'target.p2pshare-part/content',
      'target.p2pshare-part/journal',
      'target.p2pshare-part/lock'
    ])
    await store.complete()
    expect(await tree(where.parent)).toEqual(['target'])
    expect(await readFile(where.target)).toEqual(Buffer.concat(share.leaves))
    expect((await lstat(where.target)).nlink).toBe(1)
    await store.close()
  })

  it('serves on from its final place, until the file is edited', async () => {
    const share = fileShare(3)
    const where = await place()
    const store = await open(share, where)
    await write(store, share, [0, 1, 2])
    await store.complete()
    expect(Buffer.compare(await store.read(1), share.leaves[1]!)).toBe(0)
    expect(store.fingerprints?.ino[0]).toBe((await stat(where.target)).ino)
    await writeFile(where.target, Buffer.concat(share.leaves).fill(7))
    await expect(store.read(1)).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' })
    await store.close()
  })

  it('can be served by a store that is opened with its fingerprints', async () => {
    const share = fileShare(3)
    const where = await place()
    const store = await open(share, where)
    await write(store, share, [0, 1, 2])
    await store.complete()
    await store.close()
    const fingerprints = store.fingerprints
    const seed = await openSeedStore(share.map, where.target, { ...(fingerprints && { fingerprints }) })
    expect(Buffer.compare(await seed.read(2), share.leaves[2]!)).toBe(0)
    await seed.close()
  })

  it('without a byte is a file without a byte', async () => {
    const share = fakeShare({ '': new Uint8Array() })
    const where = await place()
    const store = await open(share, where)
    await store.complete()
    expect((await stat(where.target)).size).toBe(0)
    await store.close()
  })

  it('does not complete while a leaf is missing, and names the leaf', async () => {
    const share = fileShare(3)
    const where = await place()
    const store = await open(share, where)
    await write(store, share, [0, 2])
    await expect(store.complete()).rejects.toMatchObject({ code: 'ERR_LEAF_NOT_FOUND', index: 1 })
    await write(store, share, [1])
    await store.complete()
    await store.close()
  })

  it('does nothing more once it is closed', async () => {
    const share = fileShare(3)
    const store = await open(share, await place())
    await write(store, share, [0])
    await store.close()
    await store.close()
    await expect(store.read(0)).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
    await expect(store.write(1, share.leaves[1]!)).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
    await expect(store.checkpoint()).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
  })

  it('is not opened with an aborted signal', async () => {
    const where = await place()
    await expect(open(fileShare(3), where, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError'
    })
    expect(await tree(where.parent)).toEqual([])
  })

  it('of a name with no room for the suffix has a partial directory all the same', async () => {
    const share = fileShare(2)
    const target = join(await tempDir(), 'n'.repeat(255))
    const store = await open(share, { target, partial: partialPath(target) })
    await write(store, share, [0, 1])
    await store.complete()
    expect((await stat(target)).size).toBe(1010)
    await store.close()
  })
})

describe('a download of a directory', () => {
  it('has all files, empty files and empty directories', async () => {
    const share = directoryShare()
    const where = await place()
    const store = await open(share, where)
    await write(store, share, share.leaves.keys())
    await store.complete()
    expect(await tree(where.parent)).toEqual([
      'target/',
      'target/a.bin',
      'target/hollow/',
      'target/hollow/inside/',
      'target/sub/',
      'target/sub/b.bin',
      'target/sub/deep/',
      'target/sub/deep/c.bin',
      'target/sub/deep/empty'
    ])
    expect(await readTree(where.target)).toEqual(
      new Map([...share.files].map(([path, bytes]) => [path, Buffer.from(bytes)]))
    )
    await store.close()
  })

  it('keeps more files open than it may only while they are in use', async () => {
    const files = Array.from({ length: 40 }, (_, nth) => [`f${nth}`, bytesOf(`f${nth}`, 50)])
    const share = fakeShare(Object.fromEntries(files) as Record<string, Uint8Array>)
    const where = await place()
    const store = await open(share, where, { maxOpenFiles: 3 })
    await Promise.all(share.leaves.map(async (leaf, index) => store.write(index, leaf)))
    await Promise.all(
      share.leaves.map(async (leaf, index) => {
        expect(Buffer.compare(await store.read(index), leaf)).toBe(0)
      })
    )
    await store.complete()
    await store.close()
  })

  it('with a selection has the wanted files and their directories only', async () => {
    const share = directoryShare()
    const where = await place()
    const store = await open(share, where, { files: new Set([2]) })
    expect(share.leaves.map((_, index) => store.wants(index))).toEqual([false, false, false, false, false, false, true])
    await expect(store.write(0, share.leaves[0]!)).rejects.toMatchObject({ code: 'ERR_LEAF_NOT_FOUND' })
    await write(store, share, [6])
    await store.complete()
    expect(await tree(where.parent)).toEqual(['target/', 'target/sub/', 'target/sub/deep/', 'target/sub/deep/c.bin'])
    expect(store.haveCount).toBe(1)
    expect(store.has(0)).toBe(false)
    await store.close()
  })

  it('with another selection than the run before leaves out what is not wanted now, but nothing of the user', async () => {
    const share = directoryShare()
    const where = await place()
    const first = await open(share, where, { files: new Set([0, 1]) })
    await write(first, share, [0, 1, 3, 4])
    await first.close()
    const elsewhere = await tempDir()
    await writeFile(join(elsewhere, 'b.bin'), 'not ours')
    await writeFile(join(partialPaths(where.partial).content, 'note.txt'), 'of the user')
    await symlink(elsewhere, join(partialPaths(where.partial).content, 'hollow'))
    const second = await open(share, where, { files: new Set([0]) })
    expect(second.has(3)).toBe(true)
    await write(second, share, [2])
    await second.complete()
    expect(await tree(where.target)).toEqual(['a.bin', 'hollow', 'note.txt'])
    expect(second.haveCount).toBe(3)
    expect(await tree(elsewhere)).toEqual(['b.bin'])
    await second.close()
  })
})

describe('going on with a download', () => {
  it('after a clean stop has every leaf, without hashing one', async () => {
    const share = fileShare(6)
    const where = await place()
    const first = await open(share, where)
    await write(first, share, [0, 4, 5])
    await first.close()
    const second = await open(share, where, { verify: () => expect.unreachable('hashed a leaf') })
    expect([0, 1, 2, 3, 4, 5].filter((index) => second.has(index))).toEqual([0, 4, 5])
    await second.close()
  })

  it('after a crash hashes what was written since the last checkpoint, and nothing else', async () => {
    const share = fileShare(6)
    const where = await place()
    const first = await open(share, where)
    await write(first, share, [0, 1])
    await first.checkpoint()
    await write(first, share, [2, 3])
    await abandon(first, where.partial)
    const hashed: number[] = []
    const second = await open(share, where, {
      verify: async (index, bytes) => {
        hashed.push(index)
        return share.verify(index, bytes)
      }
    })
    expect(hashed.sort()).toEqual([2, 3])
    expect(second.haveCount).toBe(4)
    await second.close()
  })

  it('after a crash drops a leaf whose bytes did not get to the disk, for good', async () => {
    const share = fileShare(4)
    const where = await place()
    const first = await open(share, where)
    await write(first, share, [0, 1])
    await abandon(first, where.partial)
    const content = await readFile(partialPaths(where.partial).content)
    await writeFile(partialPaths(where.partial).content, content.fill(0, 0, 1000))
    const second = await open(share, where)
    expect([0, 1].map((index) => second.has(index))).toEqual([false, true])
    await second.checkpoint()
    await second.close()
    const third = await open(share, where)
    expect(third.has(0)).toBe(false)
    await write(third, share, [0, 2, 3])
    await third.complete()
    expect(await readFile(where.target)).toEqual(Buffer.concat(share.leaves))
    await third.close()
  })

  it('a checkpoint never covers a leaf that was written while it ran', async () => {
    const share = fileShare(6)
    const where = await place()
    const syncing: PromiseWithResolvers<void> = Promise.withResolvers()
    const begun: PromiseWithResolvers<void> = Promise.withResolvers()
    const { fs } = failingFs(() => undefined)
    const slow = new Proxy(fs, {
      get: (target, name: keyof typeof fs) =>
        name !== 'open'
          ? target[name]
          : async (path: string, ...rest: [number]) => {
              const handle = await target.open(path, ...rest)
              return path.endsWith('content')
                ? new Proxy(handle, {
                    get: (inner, method) =>
                      method !== 'datasync'
                        ? (Reflect.get(inner, method) as unknown)
                        : async () => {
                            begun.resolve()
                            await syncing.promise
                          }
                  })
                : handle
            }
    })
    const first = await open(share, where, { fs: slow })
    await write(first, share, [0])
    const checkpoint = first.checkpoint()
    await begun.promise
    await write(first, share, [1])
    syncing.resolve()
    await checkpoint
    await abandon(first, where.partial)
    const hashed: number[] = []
    const second = await open(share, where, { verify: (index) => hashed.push(index) > 0 })
    expect(hashed).toEqual([1])
    await second.close()
  })

  it('starts a checkpoint by itself after enough bytes, or enough time', async () => {
    const share = fileShare(8)
    for (const [options, step] of [
      [{ checkpointBytes: 2000 }, 0],
      [{ checkpointAfterMs: 100 }, 100]
    ] as const) {
      const where = await place()
      let now = 0
      const { fs, calls } = failingFs(() => undefined)
      const store = await open(share, where, { ...options, fs, now: () => now })
      await write(store, share, [0])
      expect(calls.some(({ name }) => name === 'handle.datasync')).toBe(false)
      now += step
      await write(store, share, [1, 2])
      expect(calls.some(({ name }) => name === 'handle.datasync')).toBe(true)
      await store.close()
    }
  })

  it('ignores a torn record at the end of the journal and writes over it', async () => {
    const share = fileShare(6)
    const where = await place()
    const first = await open(share, where)
    await write(first, share, [0, 1])
    await first.close()
    const { journal } = partialPaths(where.partial)
    await writeFile(journal, Buffer.concat([await readFile(journal), Buffer.alloc(23, 1)]))
    const second = await open(share, where)
    expect(second.haveCount).toBe(2)
    await write(second, share, [2])
    await second.close()
    const third = await open(share, where, { verify: () => false })
    expect(third.haveCount).toBe(3)
    await third.close()
  })

  it('hashes everything again when the journal is damaged, missing or not a journal', async () => {
    const share = directoryShare()
    for (const damage of [
      async (journal: string) => rm(journal),
      async (journal: string) => writeFile(journal, 'what is this'),
      async (journal: string) => writeFile(journal, ''),
      async (journal: string) => writeFile(journal, (await readFile(journal)).fill(0, 70, 80))
    ]) {
      const where = await place()
      const first = await open(share, where)
      await write(first, share, [1, 3, 6])
      await first.close()
      await damage(partialPaths(where.partial).journal)
      const second = await open(share, where)
      expect([0, 1, 2, 3, 4, 5, 6].filter((index) => second.has(index))).toEqual([1, 3, 6])
      await second.close()
      // and that is written down
      const third = await open(share, where)
      expect(third.haveCount).toBe(3)
      await third.close()
    }
  })

  it('does not have a leaf of a file that was removed, shortened, or replaced by a directory', async () => {
    const share = directoryShare()
    for (const damage of [
      async (file: string) => rm(file),
      async (file: string) => truncate(file, 1000),
      async (file: string) => {
        await rm(file)
        await mkdir(file)
        await rm(file, { recursive: true })
      }
    ]) {
      const where = await place()
      const first = await open(share, where)
      await write(first, share, share.leaves.keys())
      await first.close()
      await damage(join(partialPaths(where.partial).content, 'a.bin'))
      const second = await open(share, where)
      expect(second.has(1)).toBe(false)
      expect(second.has(3)).toBe(true)
      await write(second, share, [0, 1, 2])
      await second.complete()
      expect(await readFile(join(where.target, 'a.bin'))).toEqual(Buffer.from(share.files.get('a.bin')!))
      await second.close()
    }
  })

  it('refuses a partial directory of another share, and leaves it as it is', async () => {
    const where = await place()
    const first = await open(fileShare(3), where)
    await write(first, fileShare(3), [0])
    await first.close()
    const before = await readTree(where.parent)
    await expect(open(fileShare(4), where)).rejects.toMatchObject({ code: 'ERR_TARGET_EXISTS', path: where.partial })
    expect(await readTree(where.parent)).toEqual(before)
  })

  it('refuses a partial directory that is a file or a link', async () => {
    const where = await place()
    const elsewhere = await tempDir()
    await symlink(elsewhere, where.partial)
    await expect(open(fileShare(3), where)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ELOOP' })
    await rm(where.partial)
    await writeFile(where.partial, '')
    await expect(open(fileShare(3), where)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENOTDIR' })
    expect(await tree(elsewhere)).toEqual([])
  })

  it('is refused while another store has the partial directory', async () => {
    const where = await place()
    const store = await open(fileShare(3), where)
    await expect(open(fileShare(3), where)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY' })
    await expect(discardPartial(where.partial)).rejects.toMatchObject({ code: 'ERR_STORE_BUSY' })
    await store.close()
    await (await open(fileShare(3), where)).close()
    await discardPartial(where.partial)
    await discardPartial(where.partial)
    expect(await tree(where.parent)).toEqual([])
  })

  it('finds out on completion that somebody touched a file, and asks for its leaves again', async () => {
    const share = directoryShare()
    const where = await place()
    const store = await open(share, where)
    await write(store, share, share.leaves.keys())
    const { content } = partialPaths(where.partial)
    await rm(join(content, 'sub/b.bin'))
    await truncate(join(content, 'a.bin'), 5000)
    await expect(store.complete()).rejects.toMatchObject({ code: 'ERR_LEAF_NOT_FOUND', index: 3 })
    expect([0, 1, 2, 3, 4, 5, 6].filter((index) => !store.has(index))).toEqual([3, 4, 5])
    await write(store, share, [3, 4, 5])
    await store.complete()
    expect(await readTree(where.target)).toEqual(
      new Map([...share.files].map(([path, bytes]) => [path, Buffer.from(bytes)]))
    )
    await store.close()
  })
})

describe('the target of a download', () => {
  it.each([
    ['file', 'a file', async (target: string) => writeFile(target, 'mine')],
    ['file', 'a directory', async (target: string) => mkdir(target)],
    ['file', 'a link to nothing', async (target: string) => symlink('nowhere', target)],
    ['directory', 'a file', async (target: string) => writeFile(target, 'mine')],
    ['directory', 'an empty directory', async (target: string) => mkdir(target)],
    ['directory', 'a link to nothing', async (target: string) => symlink('nowhere', target)]
  ])('of a %s is never replaced: %s', async (kind, _, make) => {
    const share = kind === 'file' ? fileShare(2) : directoryShare()
    const where = await place()
    const store = await open(share, where)
    await write(store, share, share.leaves.keys())
    await make(where.target)
    const before = await lstat(where.target)
    await expect(store.complete()).rejects.toMatchObject({ code: 'ERR_TARGET_EXISTS' })
    expect((await lstat(where.target)).ino).toBe(before.ino)
    expect(Buffer.compare(await store.read(0), share.leaves[0]!)).toBe(0)
    await rm(where.target, { recursive: true })
    await store.complete()
    await store.close()
  })

  it('is never replaced where links are not supported either', async () => {
    const share = fileShare(2)
    const where = await place()
    const { fs } = failingFs(({ name }) => (name === 'link' ? 'EPERM' : undefined))
    const store = await open(share, where, { fs })
    await write(store, share, [0, 1])
    await writeFile(where.target, 'mine')
    await expect(store.complete()).rejects.toMatchObject({ code: 'ERR_TARGET_EXISTS' })
    expect(await readFile(where.target, 'utf8')).toBe('mine')
    await rm(where.target)
    await store.complete()
    expect(await readFile(where.target)).toEqual(Buffer.concat(share.leaves))
    await store.close()
  })
})

describe('links in the way of a download', () => {
  const cases: readonly (readonly [string, (content: string, outside: string) => Promise<void>])[] = [
    [
      'a file that is a link',
      async (content, outside) => {
        await mkdir(content)
        await symlink(join(outside, 'victim'), join(content, 'a.bin'))
      }
    ],
    [
      'a file that is a second name of another file',
      async (content, outside) => {
        await mkdir(content)
        await link(join(outside, 'victim'), join(content, 'a.bin'))
      }
    ],
    ['the content directory is a link', async (content, outside) => symlink(outside, content)]
  ]

  it.each(cases)('%s: refused, and nothing outside is touched', async (_, plant) => {
    const share = directoryShare()
    const where = await place()
    await (await open(share, where)).close()
    const outside = await tempDir()
    await writeFile(join(outside, 'victim'), 'precious')
    await plant(partialPaths(where.partial).content, outside)
    const store = await open(share, where)
    await expect(store.write(0, share.leaves[0]!)).rejects.toMatchObject({ code: 'ERR_DISK' })
    expect(await readTree(outside)).toEqual(new Map([['victim', Buffer.from('precious')]]))
    await store.close()
  })

  it('a directory swapped for a link after it was made: refused', async () => {
    const share = directoryShare()
    const where = await place()
    const outside = await tempDir()
    const store = await open(share, where, { maxOpenFiles: 1 })
    await write(store, share, [3])
    const { content } = partialPaths(where.partial)
    // the store believes that `sub` is a directory, and closes b.bin to open a.bin
    await write(store, share, [0])
    await rm(join(content, 'sub'), { recursive: true })
    await symlink(outside, join(content, 'sub'))
    await writeFile(join(outside, 'b.bin'), 'precious')
    await expect(store.write(4, share.leaves[4]!)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ELOOP' })
    await expect(store.read(3)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ELOOP' })
    expect(await readFile(join(outside, 'b.bin'), 'utf8')).toBe('precious')
    await store.close()
  })

  it('a directory swapped back and forth while files are written: no byte lands outside', async () => {
    const names = Array.from({ length: 150 }, (_, nth) => `sub/f${nth}`)
    const share = fakeShare(Object.fromEntries(names.map((name) => [name, bytesOf(name, 20)])))
    const where = await place()
    const outside = await tempDir()
    const store = await open(share, where, { maxOpenFiles: 1 })
    await write(store, share, [0])
    const sub = join(partialPaths(where.partial).content, 'sub')
    let refused = 0
    let writing = true
    const swapping = (async () => {
      while (writing) {
        await rename(sub, `${sub}.real`)
        await symlink(outside, sub)
        await rm(sub)
        await rename(`${sub}.real`, sub)
      }
    })()
    for (const [index, leaf] of share.leaves.entries()) {
      await store.write(index, leaf).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ERR_DISK' })
        refused++
      })
    }
    writing = false
    await swapping
    expect(refused).toBeGreaterThan(0)
    for (const bytes of (await readTree(outside)).values()) {
      expect(bytes.byteLength).toBe(0)
    }
    await store.close()
  })

  it('a journal that is a link: refused', async () => {
    const where = await place()
    await (await open(fileShare(3), where)).close()
    const outside = join(await tempDir(), 'victim')
    await writeFile(outside, 'precious')
    const { journal } = partialPaths(where.partial)
    await rm(journal)
    await symlink(outside, journal)
    await expect(open(fileShare(3), where)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ELOOP' })
    expect(await readFile(outside, 'utf8')).toBe('precious')
  })
})
