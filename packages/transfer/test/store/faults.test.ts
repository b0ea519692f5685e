import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDownloadStore } from '../../src/store/download-store.ts'
import type { DownloadStore } from '../../src/store/download-store.ts'
import { eachLimit } from '../../src/store/fs.ts'
import type { StoreFs } from '../../src/store/fs.ts'
import { partialPath } from '../../src/store/partial.ts'
import { failingFs } from './failing-fs.ts'
import { bytesOf, fakeShare, fileShare, readTree } from './fake-share.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { useTempDir } from './temp-dir.ts'
import type { FakeShare } from './fake-share.ts'

const tempDir = useTempDir()

const directoryShare = () =>
  fakeShare({ 'a.bin': bytesOf('a', 1500), 'sub/b.bin': bytesOf('b', 500), 'sub/empty': new Uint8Array() })

/** What a user of a store does with it; every step is tried again when the disk refuses, as after a pause. */
class Job {
  readonly #share: FakeShare
  readonly #target: string
  readonly #fs: StoreFs
  /** Codes of what went wrong on the way. */
  readonly errors: unknown[] = []

  constructor(share: FakeShare, target: string, fs: StoreFs) {
    this.#share = share
    this.#target = target
    this.#fs = fs
  }

  async run(): Promise<void> {
    const { map, verify, leaves } = this.#share
    const target = this.#target
    const store = await this.#again(async () =>
      // one file open at a time, so that files are closed and opened again on the way
      openDownloadStore(map, { target, partial: partialPath(target), verify, fs: this.#fs, maxOpenFiles: 1 })
    )
    for (const [index, leaf] of leaves.entries()) {
      await this.#again(async () => store.write(index, leaf))
      if (index === 1) {
        // after a file that would not sync none is believed before `complete` has read it back
        await store.checkpoint().catch((error: unknown) => this.errors.push(codeOf(error)))
      }
    }
    await this.#again(async () => this.#complete(store))
    for (const [index, leaf] of leaves.entries()) {
      expect(Buffer.compare(await this.#again(async () => store.read(index)), leaf)).toBe(0)
    }
    await this.#again(async () => store.close())
  }

  async #complete(store: DownloadStore): Promise<void> {
    // a leaf that turned out to be damaged is fetched again
    for (const [index, leaf] of this.#share.leaves.entries()) {
      await store.write(index, leaf)
    }
    await store.complete()
  }

  async #again<T>(step: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await step()
      } catch (error) {
        this.errors.push(codeOf(error))
        if (attempt === 3) {
          throw error
        }
      }
    }
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

const openDescriptors = (): number => readdirSync('/proc/self/fd').length

describe('a download', () => {
  it.each([
    ['a file', 'EIO', () => fileShare(3)],
    ['a directory', 'ENOSPC', directoryShare],
    ['a directory', 'EMFILE', directoryShare]
  ] as const)('of %s survives %s at every single call to the file system', async (_, errno, make) => {
    const share = make()
    const dry = failingFs(() => undefined)
    await new Job(share, join(await tempDir(), 'target'), dry.fs).run()
    expect(dry.calls.length).toBeGreaterThan(40)
    const descriptors = openDescriptors()
    await eachLimit(dry.calls.keys(), 8, async (nth) => {
      const parent = await tempDir()
      const { fs, calls } = failingFs((call) => (call.nth === nth ? errno : undefined))
      const job = new Job(share, join(parent, 'target'), fs)
      await job.run().catch((error: unknown) => expect.unreachable(`${JSON.stringify(calls[nth])}: ${String(error)}`))
      const failed = JSON.stringify(calls[nth])
      expect(
        job.errors.every((code) => code === 'ERR_DISK' || code === 'ERR_LEAF_NOT_FOUND'),
        failed
      ).toBe(true)
      const found = await readTree(parent)
      const wanted = [...share.files].map(([path, bytes]) => [join('target', path), Buffer.from(bytes)] as const)
      expect(found, failed).toEqual(new Map(wanted))
    })
    expect(openDescriptors()).toBe(descriptors)
  })
})

describe('a full disk', () => {
  const tmpfs = tmpfsMaker()

  it.skipIf(tmpfs === undefined)('stops a download, which goes on when there is space again', async () => {
    const directory = join(await tempDir(), 'small')
    await mkdir(directory)
    tmpfs?.mount(directory, '512k')
    try {
      const share = fileShare(100, 16 * 1024)
      const target = join(directory, 'target')
      const store = await openDownloadStore(share.map, { target, partial: partialPath(target), verify: share.verify })
      let held = 0
      const failure = await (async () => {
        for (const [index, leaf] of share.leaves.entries()) {
          await store.write(index, leaf)
          held++
        }
        return undefined
      })().catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'ERR_DISK', errno: 'ENOSPC' })
      expect(held).toBeGreaterThan(10)
      expect(store.haveCount).toBe(held)
      await store.close()
      const full = await openDownloadStore(share.map, { target, partial: partialPath(target), verify: share.verify })
      expect(full.haveCount).toBe(held)
      await expect(full.write(held, share.leaves[held]!)).rejects.toMatchObject({ errno: 'ENOSPC' })
      tmpfs?.resize(directory, '8m')
      for (const [index, leaf] of share.leaves.entries()) {
        await full.write(index, leaf)
      }
      await full.complete()
      expect(Buffer.compare((await readTree(directory)).get('target')!, Buffer.concat(share.leaves))).toBe(0)
      await full.close()
    } finally {
      tmpfs?.unmount(directory)
    }
  })
})
