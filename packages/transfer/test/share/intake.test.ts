import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore } from '@p2pshare/interface'
import { describe, expect, test } from 'vitest'
import { Intake } from '../../src/share/intake.ts'
import { Bitfield } from '../../src/swarm/bitfield.ts'
import type { Content } from '../../src/share/content.ts'
import { writeJobSync } from '../../src/worker/leaf-job.ts'
import type { WriteOutcome } from '../../src/worker/leaf-job.ts'
import { LeafWorkers } from '../../src/worker/leaf-workers.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { partialPaths } from '../../src/store/partial.ts'
import { open, usePlace } from '../store/downloads.ts'
import { bytesOf, fakeShare } from '../store/fake-share.ts'

const place = usePlace()

const KIB = 1024
/** `large` has leaves that are worth a worker, `small` is one leaf that is not, `again` is the first leaf of `large`. */
const large = bytesOf('large', 600 * KIB)
const share = fakeShare(
  { large, small: bytesOf('small', 3000), again: large.subarray(0, 128 * KIB) },
  { leafBytes: 128 * KIB }
)
const SMALL = 5
const AGAIN = 6

function contentOf(store: BlobStore): Content {
  const none = new Bitfield(share.map.leafCount)
  const places = (leaf: number): number[] => (leaf === 0 ? [0, AGAIN] : [leaf])
  return { map: share.map, store, missing: none, wants: none, places }
}

function intake(workers: ConstructorParameters<typeof Intake>[0]['workers'] = new LeafWorkers({ workers: 0 })) {
  const log: string[] = []
  const made = new Intake({ workers, alive: () => log.push('alive') })
  const take = async (store: BlobStore, leaf: number, bytes = share.leaves[leaf] ?? new Uint8Array()) => {
    const right = (): void => {
      log.push('right')
    }
    const release = (): void => {
      log.push('release')
    }
    return made.take(contentOf(store), { leaf, bytes: bytes.slice(), right, release })
  }
  return { made, log, take }
}

async function downloadStore() {
  const where = await place()
  const store = await open(share, where)
  return { store, content: partialPaths(where.partial).content }
}

describe.each([
  ['a download', true],
  ['a store that only writes by itself', false]
])('leaves for %s', (_, onDisk) => {
  const makeStore = async (): Promise<BlobStore> => (onDisk ? (await downloadStore()).store : memoryStore(share.map))

  test.each([
    ['a large leaf', 1, 1],
    ['a small one', SMALL, 1],
    ['one that belongs to two places', 0, 2]
  ])('%s is held when it is right', async (_name, leaf, places) => {
    const store = await makeStore()
    const { made, log, take } = intake()
    expect(await take(store, leaf)).toBe(places)
    expect(
      contentOf(store)
        .places(leaf)
        .every((at) => store.has(at))
    ).toBe(true)
    expect(Buffer.compare(await store.read(leaf), share.leaves[leaf] ?? new Uint8Array())).toBe(0)
    expect(log.filter((entry) => entry === 'alive')).toHaveLength(places)
    expect(log.filter((entry) => entry !== 'alive')).toEqual(['right', 'release'])
    expect(made.pending).toBe(0)
    await store.close()
  })

  test.each([
    ['a large leaf', 1],
    ['a small one', SMALL],
    ['one that belongs to two places', 0]
  ])('%s is not held when it is wrong', async (_name, leaf) => {
    const store = await makeStore()
    const { log, take } = intake()
    const wrong = (share.leaves[leaf] ?? new Uint8Array()).slice()
    wrong[7] = (wrong[7] ?? 0) ^ 1
    expect(await take(store, leaf, wrong)).toBeUndefined()
    expect([store.haveCount, log]).toEqual([0, ['release']])
    expect(await take(store, leaf), 'the right one comes').toBeGreaterThan(0)
    await store.close()
  })

  test('a leaf that is held already is no trouble', async () => {
    const store = await makeStore()
    const { take } = intake()
    await take(store, 1)
    expect(await take(store, 1)).toBe(1)
    await store.close()
  })
})

describe('what a worker wrote', () => {
  test('is in the file, and held only then', async () => {
    const { store, content } = await downloadStore()
    const gate = Promise.withResolvers<undefined>()
    const { take, log } = intake({
      digest: () => expect.unreachable(),
      verifyAndWrite: async (job) => {
        await gate.promise
        return writeJobSync(job)
      }
    })
    const taking = take(store, 1)
    expect(store.has(1)).toBe(false)
    gate.resolve(undefined)
    await taking
    expect(store.has(1)).toBe(true)
    const file = await readFile(join(content, 'large'))
    expect(file.subarray(128 * KIB, 256 * KIB).equals(large.subarray(128 * KIB, 256 * KIB))).toBe(true)
    expect(log).toEqual(['right', 'release', 'alive'])
    await store.close()
  })

  test('or could not, is the DiskError that the store would have had', async () => {
    const { store } = await downloadStore()
    const refusal = { code: 'ENOSPC', errno: -28, syscall: 'write', message: 'no space left on device' }
    const refused: WriteOutcome = { outcome: 'refused', refusal }
    const { take, log } = intake({
      digest: () => expect.unreachable(),
      verifyAndWrite: () => Promise.resolve(refused)
    })
    await expect(take(store, 1)).rejects.toMatchObject({ name: 'DiskError', errno: 'ENOSPC' })
    expect(store.has(1)).toBe(false)
    expect(log.at(-1)).toBe('release')
    await store.close()
  })
})
