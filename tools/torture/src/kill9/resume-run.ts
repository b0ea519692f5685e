import { join } from 'node:path'
import { openDownloadStore, partialPath, verifyLeaf } from '@p2pshare/transfer/store'
import { must } from '../errors.ts'
import { largeMap } from './large-map.ts'
import { live } from './life.ts'

/** 10 GiB in leaves of 1 MiB. */
const LEAVES = 10 * 1024

/** From opening the store to knowing what is held, after kill -9 in the middle of a 10 GiB file. */
export const MAX_RESUME_MS = 2_000

/** How long it took in milliseconds, and how much of that this process computed: on a busy machine it waits. */
export async function runResume(directory: string): Promise<{ readonly tookMs: number; readonly cpuMs: number }> {
  const { lines } = await live('./resume-life.ts', [directory, `${LEAVES}`], { lines: 1, delayMs: 0 })
  const map = largeMap(LEAVES)
  const target = join(directory, 'target')
  const began = performance.now()
  const cpu = process.cpuUsage()
  const store = await openDownloadStore(map, {
    target,
    partial: partialPath(target),
    verify: (index, bytes) => verifyLeaf(map, index, bytes)
  })
  const tookMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const { haveCount } = store
  await store.close()
  must(haveCount >= Number(lines[0]), `${haveCount} of ${lines[0] ?? 'no'} leaves were found`)
  return { tookMs, cpuMs: (user + system) / 1000 }
}
