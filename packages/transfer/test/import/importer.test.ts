import { execFileSync } from 'node:child_process'
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, open, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DiskError, NotShareableError, SourceChangedError } from '../../src/errors.ts'
import { importId } from '../../src/import/import-id.ts'
import { importPath } from '../../src/import/importer.ts'
import type { ImportOptions, ImportProgress } from '../../src/types.ts'
import { smallProfile } from './support/arbitrary.ts'
import { MemoryNodes } from './support/nodes.ts'
import { tempDir } from './support/temp.ts'

const MiB = 1024 * 1024

async function eventsOf(path: string, hidden = false): Promise<ImportProgress[]> {
  const events: ImportProgress[] = []
  await importId(path, { hidden, onProgress: (event) => events.push(event) })
  return events
}

describe('what an import finds', () => {
  it('counts files, directories, symlinks and bytes, the root left out', async () => {
    const path = await tempDir()
    await mkdir(join(path, 'a', 'b'), { recursive: true })
    await writeFile(join(path, 'a', 'b', 'three'), 'xxx')
    await writeFile(join(path, 'empty'), '')
    await symlink('nowhere', join(path, 'link'))
    const result = await importPath(path, new MemoryNodes())
    expect(result).toMatchObject({
      kind: 'directory',
      path,
      files: 2,
      directories: 2,
      symlinks: 1,
      skipped: 0,
      bytes: 3
    })
  })

  it('has a fingerprint for each file, in the order of the walk', async () => {
    const path = await tempDir()
    await mkdir(join(path, 'b'))
    for (const [name, content] of [
      ['c', 'cc'],
      ['b/z', 'z'],
      ['a', '']
    ] as const) {
      await writeFile(join(path, name), content)
      utimesSync(join(path, name), 1000, 2000)
    }
    const { fingerprints } = await importPath(path, new MemoryNodes())
    expect([...fingerprints].map(([name, { size, mtimeMs }]) => [name, size, mtimeMs])).toEqual([
      ['a', 0, 2_000_000],
      ['b/z', 1, 2_000_000],
      ['c', 2, 2_000_000]
    ])
    expect(fingerprints.get('b/z')?.ino).toBeGreaterThan(0)
    expect(fingerprints.get('b')).toBeUndefined()
  })

  it('gives a single file the path that is empty', async () => {
    const path = join(await tempDir(), 'one')
    await writeFile(path, 'x')
    const result = await importPath(path, new MemoryNodes())
    expect(result.kind).toBe('file')
    expect([...result.fingerprints].map(([name]) => name)).toEqual([''])
  })

  it('orders entries by the bytes of their names, not by UTF-16', async () => {
    const path = await tempDir()
    const names = ['z', '\uffee', '\u{1f600}', 'A', 'é']
    for (const name of names) {
      await writeFile(join(path, name), name)
    }
    const { fingerprints } = await importPath(path, new MemoryNodes())
    expect([...fingerprints].map(([name]) => name)).toEqual(['A', 'z', 'é', '\uffee', '\u{1f600}'])
  })

  it('imports a tree that is deeper than a share may be', async () => {
    const root = await tempDir()
    await mkdir(join(root, ...Array.from({ length: 400 }, () => 'd')), { recursive: true })
    expect(await importPath(root, new MemoryNodes())).toMatchObject({ directories: 400 })
  })

  it('follows a symlink that is the root itself, and no other', async () => {
    const path = await tempDir()
    await mkdir(join(path, 'real'))
    await writeFile(join(path, 'real', 'f'), 'f')
    await symlink('real', join(path, 'alias'))
    const real = await importPath(join(path, 'real'), new MemoryNodes())
    const alias = await importPath(join(path, 'alias'), new MemoryNodes())
    expect(alias.root.toString()).toBe(real.root.toString())
    expect(alias.path).toBe(join(path, 'real'))
    expect(await importPath(path, new MemoryNodes())).toMatchObject({ files: 1, symlinks: 1 })
  })
})

describe('what an import leaves out', () => {
  it('hidden entries, unless they are asked for; the root is never hidden', async () => {
    const path = join(await tempDir(), '.root')
    await mkdir(join(path, '.d'), { recursive: true })
    await writeFile(join(path, '.d', 'f'), 'x')
    await writeFile(join(path, '.f'), 'x')
    expect(await eventsOf(path)).toEqual([
      { type: 'import.skipped', path: '.d', reason: 'hidden' },
      { type: 'import.skipped', path: '.f', reason: 'hidden' }
    ])
    expect(await importPath(path, new MemoryNodes())).toMatchObject({ files: 0, directories: 0, skipped: 2 })
    expect(await importPath(path, new MemoryNodes(), { hidden: true })).toMatchObject({
      files: 2,
      directories: 1,
      skipped: 0
    })
  })

  it.skipIf(process.platform === 'win32')('sockets and pipes', async () => {
    const path = await tempDir()
    const server = createServer().listen(join(path, 'socket'))
    onTestFinished(() => void server.close())
    execFileSync('mkfifo', [join(path, 'pipe')])
    expect(await eventsOf(path)).toEqual([
      { type: 'import.skipped', path: 'pipe', reason: 'special' },
      { type: 'import.skipped', path: 'socket', reason: 'special' }
    ])
    await expect(importId(join(path, 'pipe'))).rejects.toThrow(NotShareableError)
  })

  it('leaves: only inner nodes are kept, and the block of empty files once', async () => {
    const path = await tempDir()
    for (const [name, size] of [
      ['a', 0],
      ['b', 0],
      ['c', 10],
      ['d', 40]
    ] as const) {
      await writeFile(join(path, name), 'x'.repeat(size))
    }
    const nodes = new MemoryNodes()
    let calls = 0
    const sink = {
      node: (...[cid, bytes]: Parameters<MemoryNodes['node']>): void => {
        calls++
        nodes.node(cid, bytes)
      }
    }
    await importPath(path, sink, { profile: smallProfile('unixfs-v0-2015') })
    // the empty file, the root of d, the directory
    expect([calls, nodes.blocks.size]).toEqual([3, 3])
  })
})

it('refuses a profile that does not exist', async () => {
  const path = await tempDir()
  await expect(importId(path, { profile: 'toString' as 'unixfs-v1-2025' })).rejects.toMatchObject({
    name: 'InvalidOptionError',
    option: 'profile'
  })
})

// threads do the hashing of what is large enough for them, and change nothing else
describe.each([0, 1])('with %i threads', (workers) => {
  const id = async (path: string, options: ImportOptions = {}): Promise<CID> => importId(path, { workers, ...options })

  async function eventsWith(path: string): Promise<ImportProgress[]> {
    const events: ImportProgress[] = []
    await id(path, { onProgress: (event) => events.push(event) })
    return events
  }

  describe('progress', () => {
    it('is told every 4 MiB at most, and at the end', async () => {
      const path = join(await tempDir(), 'large')
      await writeFile(path, new Uint8Array(9 * MiB + 1))
      expect(await eventsWith(path)).toEqual([
        { type: 'import.progress', files: 0, bytes: 4 * MiB },
        { type: 'import.progress', files: 0, bytes: 8 * MiB },
        { type: 'import.progress', files: 1, bytes: 9 * MiB + 1 }
      ])
    })

    it('is told every 256 files at most', async () => {
      const path = await tempDir()
      for (let index = 0; index < 300; index++) {
        writeFileSync(join(path, String(index)), '')
      }
      expect(await eventsWith(path)).toEqual([
        { type: 'import.progress', files: 256, bytes: 0 },
        { type: 'import.progress', files: 300, bytes: 0 }
      ])
    })
  })

  describe('a source that cannot be imported', () => {
    it('is a DiskError with the path when it does not exist', async () => {
      const path = join(await tempDir(), 'nothing')
      await expect(id(path)).rejects.toMatchObject({ name: 'DiskError', errno: 'ENOENT', path })
    })

    it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
      'is a DiskError when it may not be read',
      async () => {
        const path = await tempDir()
        await writeFile(join(path, 'secret'), 'x', { mode: 0 })
        await expect(id(path)).rejects.toMatchObject({ errno: 'EACCES', path: join(path, 'secret') })
      }
    )

    it('is a DiskError when a file disappears between the walk and the reading', async () => {
      const path = await tempDir()
      await writeFile(join(path, '.first'), '')
      await writeFile(join(path, 'second'), 'x')
      const onProgress = (): void => {
        rmSync(join(path, 'second'), { force: true })
      }
      await expect(id(path, { onProgress })).rejects.toThrow(DiskError)
    })

    it('is not followed when a file is replaced by a link meanwhile', async () => {
      const path = await tempDir()
      await writeFile(join(path, '.first'), '')
      await writeFile(join(path, 'second'), 'x')
      // waits outside: that a listed name is gone must not be what is found first
      const link = join(await tempDir(), 'link')
      await symlink('.first', link)
      const onProgress = (): void => {
        renameSync(link, join(path, 'second'))
      }
      await expect(id(path, { onProgress })).rejects.toMatchObject({ errno: 'ELOOP' })
    })

    it.skipIf(process.platform !== 'linux')('is named when a name is not UTF-8, and only then', async () => {
      const path = await tempDir()
      await writeFile(join(path, 'fine \ufffd'), '')
      await expect(id(path)).resolves.toBeDefined()
      writeFileSync(Buffer.concat([Buffer.from(`${path}/bad`), Buffer.of(0xff)]), '')
      const failure = id(path)
      await expect(failure).rejects.toThrow(NotShareableError)
      await expect(failure).rejects.toThrow(/bad.*626164ff.*UTF-8/)
    })

    it('is a SourceChangedError when a file grows while it is read', async () => {
      const path = join(await tempDir(), 'log')
      await writeFile(path, new Uint8Array(9 * MiB))
      const onProgress = (): void => {
        appendFileSync(path, 'more')
      }
      await expect(id(path, { onProgress })).rejects.toThrow(SourceChangedError)
    })

    it('is a SourceChangedError when a file shrinks while it is read', async () => {
      const path = join(await tempDir(), 'log')
      await writeFile(path, new Uint8Array(24 * MiB))
      const onProgress = (): void => {
        truncateSync(path, MiB)
      }
      await expect(id(path, { onProgress })).rejects.toMatchObject({ name: 'SourceChangedError', path })
    })

    it('is a SourceChangedError when a file is written in place while it is read', async () => {
      const path = join(await tempDir(), 'database')
      await writeFile(path, new Uint8Array(9 * MiB))
      utimesSync(path, 1, 1)
      const onProgress = (): void => {
        utimesSync(path, 2, 2)
      }
      await expect(id(path, { onProgress })).rejects.toThrow(SourceChangedError)
    })

    it('fails with the error of the sink', async () => {
      const path = await tempDir()
      const full = new DiskError('ENOSPC', '/store')
      const sink = {
        node: async (): Promise<void> => {
          throw full
        }
      }
      await expect(importPath(path, sink)).rejects.toBe(full)
    })
  })

  describe('abort', () => {
    it('before the start reads nothing', async () => {
      const reason = new Error('no')
      await expect(id('/nowhere', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })

    it('within a file stops at the next chunk', async () => {
      const path = join(await tempDir(), 'large')
      await writeFile(path, new Uint8Array(24 * MiB))
      const controller = new AbortController()
      const reason = new Error('enough')
      let told = 0
      const onProgress = (): void => {
        told++
        controller.abort(reason)
      }
      await expect(id(path, { signal: controller.signal, onProgress })).rejects.toBe(reason)
      expect(told).toBe(1)
    })

    it('between files stops the walk', async () => {
      const path = await tempDir()
      for (let index = 0; index < 300; index++) {
        writeFileSync(join(path, String(index)), '')
      }
      const controller = new AbortController()
      const events: ImportProgress[] = []
      const onProgress = (event: ImportProgress): void => {
        events.push(event)
        controller.abort()
      }
      await expect(id(path, { signal: controller.signal, onProgress })).rejects.toMatchObject({
        name: 'AbortError'
      })
      expect(events).toHaveLength(1)
    })
  })

  describe('memory', () => {
    it('does not grow with the file', async () => {
      const path = join(await tempDir(), 'sparse')
      const file = await open(path, 'w')
      await file.truncate(256 * MiB)
      await file.close()
      const used = (): number => {
        const { heapUsed, external, arrayBuffers } = process.memoryUsage()
        return heapUsed + Math.max(external, arrayBuffers)
      }
      const before = used()
      let most = 0
      await id(path, {
        onProgress: () => {
          most = Math.max(most, used() - before)
        }
      })
      expect(most).toBeLessThan(32 * MiB)
    })
  })
})
