import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** A temporary directory that is removed after the test. */
export function useTempDir(): () => Promise<string> {
  const made: string[] = []
  afterEach(async () => {
    for (const directory of made.splice(0)) {
      await rm(directory, { recursive: true, force: true })
    }
  })
  return async () => {
    const directory = await mkdtemp(join(tmpdir(), 'p2pshare-store-'))
    made.push(directory)
    return directory
  }
}
