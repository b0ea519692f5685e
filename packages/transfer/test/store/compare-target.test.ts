import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compareTarget } from '../../src/store/compare-target.ts'
import { createFingerprints } from '../../src/store/fingerprint.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import { bytesOf, fakeShare, fileShare, readTree, writeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

const share = fakeShare(
  { 'a.bin': bytesOf('a', 2500), 'sub/b.bin': bytesOf('b', 1500), 'sub/empty': new Uint8Array() },
  { directories: ['hollow'] }
)

async function place(): Promise<string> {
  const target = join(await tempDir(), 'target')
  await writeShare(share, target)
  return target
}

const compare = async (target: string, options = {}) => compareTarget(share.map, target, share.verify, options)

describe('compareTarget', () => {
  it('finds nothing', async () => {
    expect(await compare(join(await tempDir(), 'target'))).toBe('absent')
  })

  it('finds all that is there, says how far it is, and what the files look like', async () => {
    const target = await place()
    const progress: number[] = []
    const fingerprints = createFingerprints(share.map.files.length)
    expect(await compare(target, { fingerprints, onProgress: (bytes: number) => progress.push(bytes) })).toBe('equal')
    expect(progress).toEqual([1000, 2000, 2500, 3500, 4000])
    const store = await openSeedStore(share.map, target, { fingerprints })
    await store.read(0)
    await store.close()
  })

  it('finds a file', async () => {
    const one = fileShare(3)
    const target = join(await tempDir(), 'target')
    await writeShare(one, target)
    expect(await compareTarget(one.map, target, one.verify)).toBe('equal')
    await truncate(target, 2009)
    expect(await compareTarget(one.map, target, one.verify)).toBe('different')
    expect(await compareTarget(share.map, target, one.verify)).toBe('different')
  })

  it('does not mind what is beside the share', async () => {
    const target = await place()
    await writeFile(join(target, '.DS_Store'), 'x')
    expect(await compare(target)).toBe('equal')
  })

  it('looks only at the files of a selection', async () => {
    const target = await place()
    await rm(join(target, 'sub'), { recursive: true })
    await rm(join(target, 'hollow'), { recursive: true })
    expect(await compare(target, { files: new Set([0]) })).toBe('equal')
    expect(await compare(target, { files: new Set([0, 1]) })).toBe('different')
  })

  it.each([
    ['a byte differs', async (t: string) => writeFile(join(t, 'sub/b.bin'), bytesOf('other', 1500))],
    ['a file has another size', async (t: string) => truncate(join(t, 'a.bin'), 2501)],
    ['a file is missing', async (t: string) => rm(join(t, 'sub/empty'))],
    ['an empty file is not empty', async (t: string) => writeFile(join(t, 'sub/empty'), 'x')],
    ['an empty directory is missing', async (t: string) => rm(join(t, 'hollow'), { recursive: true })],
    [
      'a directory is a file',
      async (t: string) => {
        await rm(join(t, 'sub'), { recursive: true })
        await writeFile(join(t, 'sub'), '')
      }
    ],
    [
      'a file is a link to the right bytes',
      async (t: string) => {
        await rm(join(t, 'sub/b.bin'))
        await writeFile(join(t, 'copy'), bytesOf('b', 1500))
        await symlink(join(t, 'copy'), join(t, 'sub/b.bin'))
      }
    ]
  ])('finds a difference when %s, and changes nothing', async (_, change) => {
    const target = await place()
    await change(target)
    const before = await readTree(target).catch(() => undefined)
    expect(await compare(target)).toBe('different')
    expect(await readTree(target).catch(() => undefined)).toEqual(before)
  })

  it('stops at the first difference', async () => {
    const target = await place()
    await writeFile(join(target, 'a.bin'), bytesOf('other', 2500))
    const progress: number[] = []
    expect(await compare(target, { onProgress: (bytes: number) => progress.push(bytes) })).toBe('different')
    expect(progress).toEqual([])
  })

  it('stops when it is aborted', async () => {
    const target = await place()
    const controller = new AbortController()
    const comparing = compare(target, { signal: controller.signal, onProgress: () => controller.abort() })
    await expect(comparing).rejects.toMatchObject({ name: 'AbortError' })
    await expect(compare(target, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('finds a difference in an empty directory at the target of a file', async () => {
    const target = join(await tempDir(), 'target')
    await mkdir(target)
    expect(await compareTarget(fileShare(2).map, target, () => true)).toBe('different')
  })
})
