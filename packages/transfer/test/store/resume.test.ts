import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { discardPartial, partialPaths } from '../../src/store/partial.ts'
import { abandon, directoryShare, open, write, usePlace } from './downloads.ts'
import { failingFs } from './failing-fs.ts'
import { fileShare, readTree, tree } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = usePlace()

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
