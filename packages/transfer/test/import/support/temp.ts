import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory of its own for one test, or one run of a property, with no links in its path. */
export async function makeTempDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'p2pshare-import-')))
  return { path, remove: async () => rm(path, { recursive: true, force: true }) }
}

/** The same, removed when the test ends. */
export async function tempDir(): Promise<string> {
  const { path, remove } = await makeTempDir()
  onTestFinished(remove)
  return path
}
