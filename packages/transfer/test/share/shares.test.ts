import { truncate } from 'node:fs/promises'
import type { Logger } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import { seededPeerId, seededRandom } from '@p2pshare/testkit'
import { describe, expect, test } from 'vitest'
import { SourceChangedError } from '../../src/errors.ts'
import { NodeLimits } from '../../src/rate/rate-limits.ts'
import { MAX_AWAKE_SHARES } from '../../src/share/awake.ts'
import { seedContent } from '../../src/share/content.ts'
import type { Entry, ShareInfo } from '../../src/share/entry.ts'
import type { Library } from '../../src/share/library.ts'
import { Shares } from '../../src/share/shares.ts'
import { memoryNodeStore } from '../../src/store/memory-node-store.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import type { ShareEvents } from '../../src/types.ts'
import { publicView } from '../../src/view.ts'
import { LeafWorkers } from '../../src/worker/leaf-workers.ts'
import { bytesOf, fileShare, rawCID, writeShare } from '../store/fake-share.ts'
import { useTempDir } from '../store/temp-dir.ts'

const tempDir = useTempDir()
const log = Object.assign(() => undefined, { error: () => undefined }) as unknown as Logger
const FAST = { bytesPerSecond: 1024 ** 4 }

/** Shares of one file that all sleep, of a node with a home. */
async function setUp(count: number) {
  const share = fileShare(4)
  const path = `${await tempDir()}/file`
  await writeShare(share, path)
  const closed: string[] = []
  const woken: string[] = []
  const said: (keyof ShareEvents)[] = []
  const library: Partial<Library> = {
    remembers: true,
    devicesOf: () => undefined,
    loadScrub: async () => ({}),
    saveScrub: async () => undefined,
    rememberFingerprints: async () => undefined,
    wake: async (root) => {
      woken.push(root.toString())
      const store = await openSeedStore(share.map, path)
      const close = store.close.bind(store)
      store.close = async () => {
        closed.push(root.toString())
        await close()
      }
      const view = publicView(share.map)
      return { nodes: memoryNodeStore(), content: seedContent(share.map, store, { path, view }) }
    }
  }
  const shares = new Shares({
    self: await seededPeerId(seededRandom('shares')),
    log,
    library: library as Library,
    limiter: new NodeLimits().limiter,
    workers: () => new LeafWorkers({ workers: 0 }),
    collaborators: () => ({}),
    blame: () => undefined,
    tell: (type) => said.push(type)
  })
  const info = { name: 'file', path, kind: 'file', bytes: share.map.totalBytes, files: 1, leaves: 4 } as const
  const infos: ShareInfo[] = Array.from({ length: count }, (_, at) => ({
    ...info,
    root: rawCID(bytesOf(`share ${at}`, 8))
  }))
  for (const each of infos) {
    shares.addAsleep(each)
  }
  // in the order of a scrub
  const entries = [...shares].sort((a, b) => (a.root.toString() < b.root.toString() ? -1 : 1)) as [Entry, ...Entry[]]
  /** All others are asked for, the first one not. */
  const crowd = async (): Promise<void> => {
    for (const entry of entries.slice(1)) {
      await shares.wake(entry)
    }
  }
  return { shares, entries, first: entries[0], crowd, closed, woken, said, share, path, library }
}

describe('a share that is asked for less than others', () => {
  test('sleeps, and not while somebody holds it', async () => {
    const { shares, first, crowd, closed } = await setUp(MAX_AWAKE_SHARES + 1)
    const release = await shares.hold(first)
    const releaseAgain = await shares.hold(first)
    release()
    release()
    await crowd()
    expect([first.asleep, closed]).toEqual([false, [expect.any(String)]])
    releaseAgain()
    await crowd()
    expect(first.asleep).toBe(true)
    await shares.closeAll('the test is over')
  })

  test.each<[string, (world: Awaited<ReturnType<typeof setUp>>) => Promise<unknown>]>([
    [
      'a scrub',
      async ({ shares, crowd }) => {
        const ready = once(crowd)
        const report = await shares.scrub({ ...FAST, ready })
        expect(report).toMatchObject({ shares: MAX_AWAKE_SHARES + 2, unreadable: 0 })
        return report.damaged
      }
    ],
    [
      'a request for a block',
      async ({ shares, first, crowd, share }) => {
        await shares.wake(first)
        const { store } = first.content ?? {}
        const read = store?.read.bind(store)
        Object.assign(store ?? {}, {
          read: async (...args: Parameters<NonNullable<typeof read>>) => {
            await crowd()
            return read?.(...args)
          }
        })
        const block = await shares.block(share.map.cid(1), first.root)
        expect(Buffer.compare(block ?? new Uint8Array(), share.leaves[1] ?? new Uint8Array())).toBe(0)
        return 0
      }
    ]
  ])('is not closed under %s', async (_, use) => {
    const world = await setUp(MAX_AWAKE_SHARES + 2)
    expect(await use(world)).toBe(0)
    expect([world.shares.get(world.first.root), world.said]).toEqual([world.first, []])
    await world.shares.closeAll('the test is over')
  })

  test('is not withdrawn since a store was closed under it', async () => {
    const { shares, first, said } = await setUp(1)
    await shares.wake(first)
    await first.content?.store.close()
    expect(await shares.scrub(FAST)).toMatchObject({ shares: 1, damaged: 0, unreadable: 1 })
    await new Promise((resolve) => setImmediate(resolve))
    expect([shares.get(first.root), said]).toEqual([first, []])
    await shares.closeAll('the test is over')
  })
})

describe('a share that was closed', () => {
  test('is not opened again, and takes no place of another', async () => {
    const { shares, first, crowd, closed, woken } = await setUp(MAX_AWAKE_SHARES + 1)
    await shares.close(first, 'no longer shared')
    await expect(shares.wake(first)).rejects.toBeInstanceOf(NotStartedError)
    expect(woken).toEqual([])
    await crowd()
    expect(closed).toEqual([])
    await shares.closeAll('the test is over')
  })

  test('while it was opened is let go of', async () => {
    const { shares, first, closed } = await setUp(1)
    const waking = shares.wake(first)
    const closing = shares.close(first, 'no longer shared')
    await expect(waking).rejects.toBeInstanceOf(NotStartedError)
    await closing
    expect([closed, first.content]).toEqual([[first.root.toString()], undefined])
  })

  test('with all others leaves no place taken when the node starts again', async () => {
    const { shares, entries, closed } = await setUp(MAX_AWAKE_SHARES)
    for (const entry of entries) {
      await shares.wake(entry)
    }
    await shares.closeAll('this node is stopping')
    closed.length = 0
    for (const { info } of entries) {
      shares.addAsleep(info)
    }
    for (const entry of shares) {
      await shares.wake(entry)
    }
    expect(closed).toEqual([])
    await shares.closeAll('the test is over')
  })

  test('before its turn in a scrub, or while it is read, is not counted', async () => {
    const { shares, entries } = await setUp(4)
    const closing: Promise<void>[] = []
    const ready = async (): Promise<void> => {
      closing.push(...[...shares].slice(0, 3).map(async (entry) => shares.close(entry, 'no longer shared')))
    }
    const report = await shares.scrub({ ...FAST, ready })
    await Promise.all(closing)
    expect(entries).toHaveLength(4)
    expect(report).toMatchObject({ damaged: 0, unreadable: 0 })
    expect(report.shares).toBeLessThan(2)
  })

  test('since somebody else found it damaged counts as that', async () => {
    const { shares, first, said, path } = await setUp(1)
    const ready = once(async () => {
      await truncate(path, 10)
      first.events.failed(new SourceChangedError(path, 'became shorter'))
      await expect.poll(() => shares.get(first.root), { timeout: 60_000 }).toBeUndefined()
    })
    expect(await shares.scrub({ ...FAST, ready })).toMatchObject({ shares: 1, damaged: 1, unreadable: 0 })
    expect(said).toEqual(['share:changed'])
  })
})

test('a share whose store is another one by now, since it was looked at, is scrubbed on', async () => {
  const { shares, first, library } = await setUp(1)
  const ready = once(async () => {
    Object.assign(first.content?.store ?? {}, {
      read: async () => {
        Object.assign(first, await library.wake?.(first.root))
        throw new NotStartedError('the store is closed')
      }
    })
  })
  const report = await shares.scrub({ ...FAST, ready })
  expect(report).toEqual({ shares: 1, bytes: first.info.bytes, damaged: 0, unreadable: 0 })
  await shares.closeAll('the test is over')
})

/** Does something the first time it is called. */
function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return async () => (done ??= action())
}
