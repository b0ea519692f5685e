import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFingerprints } from '../../src/store/fingerprint.ts'
import { openNodeStore } from '../../src/store/node-file.ts'
import { LEFTOVER_MS, openShareRegistry } from '../../src/store/registry.ts'
import type { ShareRecord } from '../../src/store/registry.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, rawCID, tree, v0CID } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()
const place = async () => join(await tempDir(), 'home', 'shares')

const record = (name: string, more: Partial<ShareRecord> = {}): ShareRecord => ({
  root: rawCID(bytesOf(name, 10)),
  name,
  path: `/home/user/${name}`,
  kind: 'directory',
  bytes: 1234,
  files: 10,
  leaves: 4,
  addedAt: 1_700_000_000_000,
  complete: true,
  ...more
})

describe('a share registry', () => {
  it('gives back what was put, also to another process', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const one = record('one', { profile: 'unixfs-v1-2025', addedAt: 5, isPrivate: true })
    const two = record('two', { wanted: [0, 1, 2, 5, 9], complete: false, addedAt: 3 })
    await registry.put(one)
    await registry.put(two)
    const other = await openShareRegistry(dir)
    expect(await other.get(one.root)).toEqual(one)
    expect(await other.list()).toEqual({ records: [two, one], warnings: [] })
    await other.put({ ...two, complete: true })
    expect((await registry.get(two.root))?.complete).toBe(true)
    expect(await registry.get(record('three').root)).toBeUndefined()
  })

  it('remembers the file systems of a share, and no other numbers in their place', async () => {
    const registry = await openShareRegistry(await place())
    const one = record('one', { devices: { parent: 2 ** 60, root: 5 } })
    await registry.put(one)
    expect(await registry.get(one.root)).toEqual(one)
    for (const devices of [{ parent: NaN, root: 5 }, { parent: 1 }, null, 7]) {
      const wrong = record('one', { devices: devices as never })
      await expect(registry.put(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
  })

  it('keeps a CIDv0 root', async () => {
    const registry = await openShareRegistry(await place())
    const old = record('old', { root: v0CID(bytesOf('old', 10)), profile: 'unixfs-v0-2015' })
    await registry.put(old)
    expect((await registry.list()).records).toEqual([old])
  })

  it('is for this user only', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const one = record('one')
    await registry.put(one)
    const file = join(dir, one.root.toString(), 'share.json')
    for (const [path, mode] of [
      [dir, 0o700],
      [join(file, '..'), 0o700],
      [file, 0o600]
    ] as const) {
      expect((await stat(path)).mode & 0o777, path).toBe(mode)
    }
  })

  it('forgets a share with its nodes and fingerprints', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const one = record('one')
    await registry.put(one)
    const nodes = await openNodeStore(registry.nodesPath(one.root), { root: one.root })
    await nodes.close()
    await registry.putFingerprints(one.root, createFingerprints(10))
    expect(await tree(dir)).toHaveLength(4)
    await registry.remove(one.root)
    await registry.remove(one.root)
    expect(await tree(dir)).toEqual([])
    expect(await registry.list()).toEqual({ records: [], warnings: [] })
  })

  it('removes the key of a share before its record, which a crash may leave', async () => {
    const dir = await place()
    const one = record('one', { isPrivate: true })
    const registry = await openShareRegistry(dir)
    await registry.put(one)
    await writeFile(registry.secretPath(one.root), 'key')
    const { fs } = failingFs(({ name, path }) => (name === 'rm' && path.endsWith('share.json') ? 'EIO' : undefined))
    await expect((await openShareRegistry(dir, { fs })).remove(one.root)).rejects.toMatchObject({ code: 'ERR_DISK' })
    expect(await tree(dir)).toEqual([`${one.root.toString()}/`, `${one.root.toString()}/share.json`])
  })

  it('sweeps what has no record after LEFTOVER_MS, and nothing that may get one', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const [left, young, kept] = [record('left'), record('young'), record('kept')]
    for (const { root } of [left, young, kept]) {
      await registry.put({ ...kept, root })
      await writeFile(registry.secretPath(root), 'key')
    }
    const placeOf = ({ root }: ShareRecord): string => join(dir, root.toString())
    for (const each of [left, young]) {
      await rm(join(placeOf(each), 'share.json'))
    }
    await mkdir(join(dir, 'notes'))
    for (const [path, ageMs] of [
      [placeOf(left), LEFTOVER_MS],
      [placeOf(young), LEFTOVER_MS - 60_000],
      [placeOf(kept), 2 * LEFTOVER_MS],
      [join(dir, 'notes'), 2 * LEFTOVER_MS]
    ] as const) {
      const at = (Date.now() - ageMs) / 1000
      await utimes(path, at, at)
    }
    expect((await registry.list()).records).toEqual([kept])
    expect((await readdir(dir)).sort()).toEqual([young.root.toString(), kept.root.toString(), 'notes'].sort())
  })

  it('leaves a damaged record out with a warning, and keeps the file', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const [good, bad, foreign] = [record('good'), record('bad'), record('foreign')]
    await registry.put(good)
    await registry.put(bad)
    const file = join(dir, bad.root.toString(), 'share.json')
    const damaged = (await readFile(file, 'utf8')).replace('1234', '1235')
    await writeFile(file, damaged)
    const wrong = join(dir, foreign.root.toString())
    await mkdir(wrong)
    await writeFile(join(wrong, 'share.json'), await readFile(join(dir, good.root.toString(), 'share.json')))
    // neither a share nor damage: strangers, and a share whose record was not written yet
    await writeFile(join(dir, 'notes.txt'), 'x')
    await mkdir(join(dir, record('only nodes').root.toString()))
    const { records, warnings } = await registry.list()
    expect(records).toEqual([good])
    expect(warnings.map(({ path }) => path).sort()).toEqual([file, join(wrong, 'share.json')].sort())
    expect(warnings.every(({ reason }) => reason.length > 0)).toBe(true)
    expect(await registry.get(bad.root)).toBeUndefined()
    expect(await readFile(file, 'utf8')).toBe(damaged)
    await registry.put(bad)
    expect((await registry.list()).records).toHaveLength(2)
  })

  it('has the old record or the new one after a failure at any call, and no draft', async () => {
    const dry = failingFs(() => undefined)
    const [before, after] = [record('one'), record('one', { complete: false })]
    await (await openShareRegistry(await place(), { fs: dry.fs })).put(after)
    for (let nth = 0; nth < dry.calls.length; nth++) {
      const dir = await place()
      await (await openShareRegistry(dir)).put(before)
      const { fs } = failingFs((call) => (call.nth === nth ? 'EIO' : undefined))
      try {
        await (await openShareRegistry(dir, { fs })).put(after)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_DISK' })
      }
      const registry = await openShareRegistry(dir)
      expect([before, after]).toContainEqual(await registry.get(before.root))
      await registry.put(after)
      expect(await registry.get(before.root)).toEqual(after)
    }
  })

  it('does not write what it could not read again', async () => {
    const registry = await openShareRegistry(await place())
    for (const wrong of [
      record('one', { path: 'relative' }),
      record('one', { name: '' }),
      record('one', { name: 'x'.repeat(256) }),
      record('one', { bytes: -1 }),
      record('one', { files: 1_000_001 }),
      record('one', { leaves: 4 * 1024 * 1024 + 1 }),
      record('one', { addedAt: NaN }),
      record('one', { wanted: [3, 10] })
    ]) {
      await expect(registry.put(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
    expect(await registry.list()).toEqual({ records: [], warnings: [] })
  })

  it('keeps fingerprints, and says nothing when they are damaged or of another number of files', async () => {
    const dir = await place()
    const registry = await openShareRegistry(dir)
    const { root } = record('one')
    const fingerprints = createFingerprints(1000)
    for (let file = 0; file < 999; file++) {
      fingerprints.mtimeMs[file] = 1_700_000_000_000.1234 + file
      fingerprints.ino[file] = 2 ** 53 - file
    }
    expect(await registry.getFingerprints(root, 1000)).toBeUndefined()
    await registry.putFingerprints(root, fingerprints)
    expect(await registry.getFingerprints(root, 1000)).toEqual(fingerprints)
    expect(await registry.getFingerprints(root, 999)).toBeUndefined()
    const file = join(dir, root.toString(), 'fingerprints.cbor')
    const bytes = await readFile(file)
    expect(bytes.byteLength).toBeLessThan(16_100)
    bytes[5000] = ~(bytes[5000] ?? 0)
    await writeFile(file, bytes)
    expect(await registry.getFingerprints(root, 1000)).toBeUndefined()
  })

  it('does nothing with an aborted signal', async () => {
    const dir = await place()
    const signal = AbortSignal.abort()
    await expect(openShareRegistry(dir, { signal })).rejects.toMatchObject({ name: 'AbortError' })
    const registry = await openShareRegistry(dir)
    const one = record('one')
    for (const call of [
      async () => registry.put(one, { signal }),
      async () => registry.get(one.root, { signal }),
      async () => registry.remove(one.root, { signal }),
      async () => registry.list({ signal }),
      async () => registry.putFingerprints(one.root, createFingerprints(1), { signal }),
      async () => registry.getFingerprints(one.root, 1, { signal })
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'AbortError' })
    }
  })
})
