import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { verifyContent } from '../../src/store/verify-content.ts'
import { devicesAt, requireThere } from '../../src/store/whereabouts.ts'
import { nodeFs } from '../../src/store/fs.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, fakeShare, writeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const pulledOut = { code: 'ERR_DISK', errno: 'ENODEV' }
const changed = { code: 'ERR_SOURCE_CHANGED', what: 'was moved or removed' }
const OTHER = { parent: -1, root: -1 }

/** A share that is a directory with a file in it. */
async function place() {
  const directory = await tempDir()
  const path = join(directory, 'disk', 'share')
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'file'), 'x')
  const known = await devicesAt(nodeFs, path)
  expect(known).toEqual({ parent: expect.any(Number) as number, root: expect.any(Number) as number })
  return { directory, path, known: known ?? OTHER }
}

describe('a share', () => {
  it('that is there is there, on whatever file system', async () => {
    const { path, known } = await place()
    expect(await requireThere(nodeFs, path)).toBe(path)
    expect(await requireThere(nodeFs, path, known)).toBe(path)
    expect(await requireThere(nodeFs, path, OTHER)).toBe(path)
    expect(await requireThere(nodeFs, join(path, 'file'), OTHER)).toBe(join(path, 'file'))
  })

  it('that is gone from where it was is changed', async () => {
    const { path, known } = await place()
    await rm(path, { recursive: true })
    await expect(requireThere(nodeFs, path, known)).rejects.toMatchObject(changed)
    await expect(requireThere(nodeFs, path)).rejects.toMatchObject(changed)
    expect(await devicesAt(nodeFs, path)).toBeUndefined()
  })

  it('that is gone, and whose directory is on another file system, is on a disk that is not there', async () => {
    const { path, known } = await place()
    await rm(path, { recursive: true })
    await expect(requireThere(nodeFs, path, { ...known, parent: -1 })).rejects.toMatchObject(pulledOut)
  })

  it('that is gone with its directory is on a disk that is not there', async () => {
    const { directory, path } = await place()
    await rename(join(directory, 'disk'), join(directory, 'away'))
    await expect(requireThere(nodeFs, path)).rejects.toMatchObject(pulledOut)
  })

  it('that is empty, and on another file system, is where a disk was', async () => {
    const { path, known } = await place()
    await rm(join(path, 'file'))
    expect(await requireThere(nodeFs, path, known)).toBe(path)
    await expect(requireThere(nodeFs, path, { ...known, root: -1 })).rejects.toMatchObject(pulledOut)
  })

  it('whose directory is a file now was removed', async () => {
    const { directory, path, known } = await place()
    await rm(join(directory, 'disk'), { recursive: true })
    await writeFile(join(directory, 'disk'), 'x')
    await expect(requireThere(nodeFs, path, known)).rejects.toMatchObject(changed)
  })
})

describe('a look at all of a share', () => {
  const share = fakeShare({ 'a.bin': bytesOf('a', 100), empty: new Uint8Array() })
  const look = async (target: string, fs = nodeFs) =>
    verifyContent(share.map, target, { verify: share.verify, files: new Set([1]), fs })

  it('takes an empty file that the disk does not let it see for no damage', async () => {
    const target = join(await tempDir(), 'share')
    await writeShare(share, target)
    expect((await look(target)).damaged).toEqual([])
    const { fs } = failingFs(({ name, path }) => (name === 'lstat' && path.endsWith('empty') ? 'EIO' : undefined))
    await expect(look(target, fs)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'EIO' })
    await rm(join(target, 'empty'))
    expect((await look(target)).damaged).toEqual([{ path: 'empty', problem: 'was moved or removed' }])
  })

  it('says nothing of files on a disk that is not there', async () => {
    const target = join(await tempDir(), 'share')
    await expect(verifyContent(share.map, target, { verify: share.verify, devices: OTHER })).rejects.toMatchObject(
      pulledOut
    )
  })
})
