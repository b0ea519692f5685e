import { lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { partialPath, partialPaths } from '../../src/store/partial.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import { directoryShare, open, write, usePlace } from './downloads.ts'
import { bytesOf, fakeShare, fileShare, readTree, tree } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = usePlace()

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
