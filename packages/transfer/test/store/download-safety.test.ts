import { link, lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partialPaths } from '../../src/store/partial.ts'
import { directoryShare, open, write, usePlace } from './downloads.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, fakeShare, fileShare, readTree } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = usePlace()

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

  it('a directory swapped back and forth while files are written: nothing comes to be outside', async () => {
    const names = Array.from({ length: 150 }, (_, nth) => `sub/f${nth}`)
    const share = fakeShare(Object.fromEntries(names.map((name) => [name, bytesOf(name, 20)])))
    const where = await place()
    const outside = await tempDir()
    const store = await open(share, where, { maxOpenFiles: 1 })
    await write(store, share, [0])
    const sub = join(partialPaths(where.partial).content, 'sub')
    const race = { over: false }
    const swapping = (async () => {
      while (!race.over) {
        await rename(sub, `${sub}.real`)
        await symlink(outside, sub)
        await rm(sub)
        await rename(`${sub}.real`, sub)
      }
    })()
    for (const [index, leaf] of share.leaves.entries()) {
      await store.write(index, leaf).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'ERR_DISK' })
      })
    }
    race.over = true
    await swapping
    expect(await readTree(outside)).toEqual(new Map())
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
