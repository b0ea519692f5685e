import { writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { withDigester } from '../../src/import/digesting.ts'
import { computeId, importId } from '../../src/import/import-id.ts'
import { importPath } from '../../src/import/importer.ts'
import { PROFILES } from '../../src/import/profile.ts'
import { LeafWorkers } from '../../src/worker/leaf-workers.ts'
import { MemoryNodes } from './support/nodes.ts'
import { oracle, writeTree } from './support/oracle.ts'
import type { Tree } from './support/oracle.ts'
import { KuboRandom } from './support/random.ts'
import { tempDir } from './support/temp.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Files on both sides of every bound: of a leaf of either profile, of what is sent to a thread, of one read. */
function treeOf(random: KuboRandom): Tree {
  const sizes = [0, 1, 64 * KiB - 1, 64 * KiB, 256 * KiB - 1, 256 * KiB + 1, MiB - 1, MiB, MiB + 1, 5 * MiB + 3]
  const entries = sizes.map((size) => [`${size} bytes`, { type: 'file', data: random.bytes(size) }] as const)
  return { type: 'directory', entries: Object.fromEntries(entries) }
}

/** Workers whose threads are running, which they are not before enough was hashed to make it worth it. */
async function runningWorkers(workers: number): Promise<LeafWorkers> {
  const pool = new LeafWorkers({ workers })
  onTestFinished(async () => pool.close())
  const bytes = new Uint8Array(new SharedArrayBuffer(MiB))
  await vi.waitUntil(async () => {
    await pool.digest(Array.from({ length: 16 }, () => ({ bytes })))
    return pool.threads === workers
  }, 20_000)
  return pool
}

describe.each(['unixfs-v1-2025', 'unixfs-v0-2015'] as const)('%s', (name) => {
  it('has the root of ipfs-unixfs-importer whatever the number of threads', async () => {
    const tree = treeOf(new KuboRandom('threads'))
    const place = join(await tempDir(), 'root')
    await writeTree(place, tree)
    const { root } = await oracle(tree, PROFILES[name])
    const nodes = await Promise.all(
      [0, 1, 3].map(async (workers) => {
        const digester = await runningWorkers(workers)
        const kept = new MemoryNodes()
        const result = await importPath(place, kept, { profile: name, digester })
        expect(result.root.toString()).toBe(root.toString())
        return [...kept.blocks.keys()].sort()
      })
    )
    expect(nodes[1]).toEqual(nodes[0])
    expect(nodes[2]).toEqual(nodes[0])
  })
})

it('hashes on when a thread dies', async () => {
  const place = join(await tempDir(), 'large')
  writeFileSync(place, new KuboRandom('death').bytes(24 * MiB))
  const expected = await importId(place, { workers: 0 })
  let spawned = 0
  const pool = new LeafWorkers({
    workers: 1,
    spawn: () => {
      spawned++
      return new Worker(`require('node:worker_threads').parentPort.on('message', () => process.exit(1))`, {
        eval: true
      })
    }
  })
  onTestFinished(async () => pool.close())
  const roots = new Set<string>()
  await vi.waitUntil(async () => {
    roots.add((await computeId(place, {}, pool)).toString())
    return spawned > 1
  }, 20_000)
  expect([...roots]).toEqual([expected.toString()])
})

describe('threads of an import', () => {
  it('are those of the node, without a number', async () => {
    const shared = new LeafWorkers({ workers: 0 })
    expect(await withDigester({ shared }, async (digester) => digester === shared)).toBe(true)
  })

  it('are its own with a number, and are gone when it ends', async () => {
    const shared = new LeafWorkers({ workers: 0 })
    const bytes = new Uint8Array(new SharedArrayBuffer(MiB))
    const own = await withDigester({ workers: 1, shared }, async (digester) => {
      await vi.waitUntil(async () => {
        await digester.digest(Array.from({ length: 16 }, () => ({ bytes })))
        return digester instanceof LeafWorkers && digester.threads === 1
      }, 20_000)
      return digester
    })
    expect(own).not.toBe(shared)
    expect(own).toMatchObject({ threads: 0 })
  })

  it('are gone when the import fails', async () => {
    let own: unknown
    const failing = withDigester({}, async (digester) => {
      own = digester
      throw new RangeError('failed')
    })
    await expect(failing).rejects.toThrow(RangeError)
    const bytes = new Uint8Array(new SharedArrayBuffer(MiB))
    await (own as LeafWorkers).digest(Array.from({ length: 16 }, () => ({ bytes })))
    expect(own).toMatchObject({ threads: 0 })
  })

  it.each([-1, 65, 1.5])('are refused when there cannot be so many: %d', async (workers) => {
    const path = await tempDir()
    await mkdir(join(path, 'd'))
    await expect(importId(path, { workers })).rejects.toMatchObject({ name: 'InvalidOptionError', option: 'workers' })
    await expect(importId(path, { workers: 0 })).resolves.toBeDefined()
  })
})
