import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDownloadStore } from '../../src/store/download-store.ts'
import type { DownloadStoreOptions } from '../../src/store/download-options.ts'
import type { DownloadStore } from '../../src/store/download-store.ts'
import { partialPath, partialPaths } from '../../src/store/partial.ts'
import { bytesOf, fakeShare } from './fake-share.ts'
import type { FakeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

/** Seven leaves: 0-2 in a.bin, 3-5 in sub/b.bin, 6 in sub/deep/c.bin. */
export const directoryShare = () =>
  fakeShare(
    {
      'a.bin': bytesOf('a', 2500),
      'sub/b.bin': bytesOf('b', 3000),
      'sub/deep/c.bin': bytesOf('c', 999),
      'sub/deep/empty': new Uint8Array()
    },
    { directories: ['hollow', 'hollow/inside'] }
  )

/** Where a download goes. */
export interface Place {
  readonly parent: string
  readonly target: string
  readonly partial: string
}

/** A new place for each call, removed after the test. */
export function usePlace(): () => Promise<Place> {
  const tempDir = useTempDir()
  return async () => {
    const parent = await tempDir()
    const target = join(parent, 'target')
    return { parent, target, partial: partialPath(target) }
  }
}

export async function open(
  share: FakeShare,
  where: { target: string; partial: string },
  options: Partial<DownloadStoreOptions> = {}
): Promise<DownloadStore> {
  return openDownloadStore(share.map, { ...where, verify: share.verify, ...options })
}

export async function write(store: DownloadStore, share: FakeShare, indices: Iterable<number>): Promise<void> {
  for (const index of indices) {
    await store.write(index, share.leaves[index] ?? new Uint8Array())
  }
}

/** Close as the death of the process would: nothing is synced and nothing noted. */
export async function abandon(store: DownloadStore, partial: string): Promise<void> {
  const paths = partialPaths(partial)
  const before = await readFile(paths.journal)
  await store.close()
  await writeFile(paths.journal, before)
}
