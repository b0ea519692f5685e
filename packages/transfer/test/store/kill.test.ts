import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { openDownloadStore } from '../../src/store/download-store.ts'
import { partialPath } from '../../src/store/partial.ts'
import { fileShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const LEAVES = 400
const LEAF_BYTES = 4096

const tempDir = useTempDir()

/** Let another process write until it has acknowledged `count` leaves, then kill -9 it. Returns all it acknowledged. */
async function writeUntilKilled(target: string, count: number): Promise<number[]> {
  const script = join(import.meta.dirname, 'fixtures/writer.ts')
  const args = ['--conditions=@p2pshare/source', script, target, `${LEAVES}`, `${LEAF_BYTES}`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(Number(line))
    if (acknowledged.length === count) {
      child.kill('SIGKILL')
    }
  }
  await closed
  expect(child.signalCode).toBe('SIGKILL')
  return acknowledged
}

it('every leaf whose write resolved before kill -9 is there afterwards, and right', async () => {
  const share = fileShare(LEAVES, LEAF_BYTES)
  const target = join(await tempDir(), 'target')
  const acknowledged = new Set<number>()
  for (const count of [1, 37, 150]) {
    const now = await writeUntilKilled(target, count)
    // what was there before is not fetched again
    expect(now.filter((index) => acknowledged.has(index))).toEqual([])
    now.forEach((index) => acknowledged.add(index))
    const store = await openDownloadStore(share.map, { target, partial: partialPath(target), verify: share.verify })
    for (const index of acknowledged) {
      expect(store.has(index), `leaf ${index}`).toBe(true)
      expect(Buffer.compare(await store.read(index), share.leaves[index]!), `leaf ${index}`).toBe(0)
    }
    // and what was in flight, if it got into the journal
    expect(store.haveCount).toBeLessThanOrEqual(acknowledged.size + 8)
    for (let index = 0; index < LEAVES; index++) {
      if (store.has(index)) {
        acknowledged.add(index)
      }
    }
    await store.close()
  }
  const store = await openDownloadStore(share.map, { target, partial: partialPath(target), verify: share.verify })
  for (const [index, leaf] of share.leaves.entries()) {
    await store.write(index, leaf)
  }
  await store.complete()
  await store.close()
  expect(Buffer.compare(await readFile(target), Buffer.concat(share.leaves))).toBe(0)
})
