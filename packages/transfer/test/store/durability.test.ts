import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeFs } from '../../src/store/fs.ts'
import { makeDirectories } from '../../src/store/make-directories.ts'
import { openNodeStore } from '../../src/store/node-file.ts'
import { openShareRegistry } from '../../src/store/registry.ts'
import { failingFs } from './failing-fs.ts'
import type { FsCall } from './failing-fs.ts'
import { bytesOf, fileShare, rawCID } from './fake-share.ts'
import { open, usePlace, write } from './downloads.ts'
import { useTempDir } from './temp-dir.ts'

const place = usePlace()
const tempDir = useTempDir()
const share = fileShare(5)

/** Calls in the order in which they were made, as `name path`. */
const told = (calls: readonly FsCall[]): string[] => calls.map(({ name, path }) => `${name} ${path}`)

describe('a checkpoint', () => {
  it('syncs the names of the files too, before it is noted', async () => {
    const where = await place()
    const { fs, calls } = failingFs(() => undefined)
    const store = await open(share, where, { fs })
    await write(store, share, [0])
    const before = calls.length
    await store.checkpoint()
    const later = told(calls.slice(before))
    const names = later.indexOf(`handle.sync ${where.partial}`)
    expect(names).toBeGreaterThan(later.indexOf(`handle.datasync ${join(where.partial, 'content')}`))
    expect(later.findLastIndex((call) => call.startsWith('handle.datasync'))).toBeGreaterThan(names)
    await store.close()
  })

  it('covers what was noted after its file had been synced by the one before', async () => {
    const where = await place()
    const { fs, calls } = failingFs(() => undefined)
    // each write begins a checkpoint, which does not know of the leaf yet
    const store = await open(share, where, { fs, checkpointBytes: 1 })
    await write(store, share, [0, 1])
    await store.checkpoint()
    const before = calls.length
    await store.checkpoint()
    expect(told(calls.slice(before))).toEqual([])
    expect(
      told(calls)
        .filter((call) => call.startsWith('handle.datasync'))
        .at(-1)
    ).toMatch(/journal/)
    await store.close()
  })

  it('is not believed after a file could not be closed: it says so until the file was read back', async () => {
    const where = await place()
    let broken = false
    const { fs } = failingFs(({ name, path }) =>
      broken && name === 'handle.datasync' && path.endsWith('content') ? 'EIO' : undefined
    )
    const store = await open(share, where, { fs })
    await write(store, share, [0])
    broken = true
    await expect(store.checkpoint()).rejects.toMatchObject({ errno: 'EIO' })
    broken = false
    await expect(store.checkpoint()).rejects.toMatchObject({ errno: 'EIO' })
    await write(store, share, [1, 2, 3, 4])
    await store.complete()
    await store.close()
  })
})

it('a finished file has its name on the disk before it loses the one it had', async () => {
  const where = await place()
  const { fs, calls } = failingFs(() => undefined)
  const store = await open(share, where, { fs })
  await write(store, share, [0, 1, 2, 3, 4])
  await store.complete()
  const later = told(calls).slice(told(calls).indexOf(`link ${join(where.partial, 'content')}`))
  const synced = later.indexOf(`handle.sync ${where.parent}`)
  expect(synced).toBeGreaterThan(0)
  expect(later.indexOf(`unlink ${join(where.partial, 'content')}`)).toBeGreaterThan(synced)
  await store.close()
})

it('a lock that could not be removed keeps nobody of this process out', async () => {
  const where = await place()
  const { fs } = failingFs(({ name, path }) => (name === 'unlink' && path.endsWith('lock') ? 'EIO' : undefined))
  const store = await open(share, where, { fs })
  await expect(store.close()).rejects.toMatchObject({ errno: 'EIO' })
  const again = await open(share, where)
  await again.close()
})

it('directories that are made, and none that was there, are synced by name', async () => {
  const parent = await tempDir()
  const { fs, calls } = failingFs(() => undefined)
  await makeDirectories(fs, join(parent, 'a', 'b'))
  expect(told(calls).filter((call) => call.startsWith('handle.sync'))).toEqual([
    `handle.sync ${parent}`,
    `handle.sync ${join(parent, 'a')}`
  ])
  const before = calls.length
  await makeDirectories(fs, join(parent, 'a', 'b'))
  expect(calls.slice(before).map(({ name }) => name)).toEqual(['mkdir'])
})

it('a node that lost its bytes with the power is written again', async () => {
  const file = join(await tempDir(), 'nodes.car')
  const block = bytesOf('node', 300)
  const cid = rawCID(block)
  const first = await openNodeStore(file, { root: cid })
  await first.put(cid, block)
  await first.flush()
  await first.close()
  // the size reached the disk, the last sectors did not
  const bytes = await readFile(file)
  await writeFile(file, bytes.fill(0, bytes.byteLength - 200))
  const second = await openNodeStore(file, { root: cid })
  expect(second.has(cid)).toBe(true)
  await second.put(cid, block)
  expect(await second.get(cid)).toEqual(block)
  await second.close()
})

it('a record that the disk does not let us read is not taken for one that is not there', async () => {
  const directory = await tempDir()
  const { root } = share.map
  const record = { root, name: 'x', path: '/x', kind: 'file', bytes: 1, files: 1, leaves: 1, addedAt: 1 } as const
  const registry = await openShareRegistry(directory)
  await registry.put({ ...record, complete: true })
  const { fs } = failingFs(({ name, path }) =>
    name === 'handle.read' && path.endsWith('share.json') ? 'EIO' : undefined
  )
  const failing = await openShareRegistry(directory, { fs })
  await expect(failing.get(root)).rejects.toMatchObject({ errno: 'EIO' })
  expect((await failing.list()).warnings).toMatchObject([{ reason: expect.stringContaining('EIO') }])
  expect(await (await openShareRegistry(directory, { fs: nodeFs })).get(root)).toMatchObject({ name: 'x' })
})
