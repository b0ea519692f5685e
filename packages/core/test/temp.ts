import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory that is gone when the test is over. A database may still take its log away. */
export async function tempDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'p2pshare-core-'))
  onTestFinished(async () => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}
