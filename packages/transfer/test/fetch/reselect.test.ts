import { beforeEach, describe, expect, test } from 'vitest'
import { emptyContent, prepareContent } from '../../src/fetch/prepare-content.ts'
import { reselect } from '../../src/fetch/reselect.ts'
import type { BuiltLeafMap } from '../../src/leaf-map-compact.ts'
import type { Content } from '../../src/share/content.ts'
import type { WantedChange } from '../../src/share/wishes.ts'
import type { DownloadStore } from '../../src/store/download-store.ts'
import { memoryNodeStore } from '../../src/store/memory-node-store.ts'
import { publicView } from '../../src/view.ts'
import { open, usePlace, write } from '../store/downloads.ts'
import { bytesOf, fakeShare } from '../store/fake-share.ts'

/** 0 and 1 in `a`, 2 and 3 in `b`, 4 in `c`; 5 in `again` is the same as 2. */
const b = bytesOf('b', 2000)
const share = fakeShare({ a: bytesOf('a', 2000), b, c: bytesOf('c', 1000), again: b.subarray(0, 1000) })
const map: BuiltLeafMap = { ...share.map, inline: [] } as unknown as BuiltLeafMap
const place = usePlace()
const nodes = memoryNodeStore()
const alive = (): void => undefined

let store: DownloadStore
let content: Content
let directory: string
const changes: WantedChange[] = []

beforeEach(async () => {
  const where = await place()
  directory = where.parent
  store = await open(share, where, { files: new Set([0, 1]) })
  content = await prepareContent({ map, store, nodes, alive })
  changes.length = 0
  return async () => store.close()
})

const swarm = {
  choose: (change: WantedChange) => {
    changes.push(change)
  },
  wishes: { isMissing: (leaf: number) => content.missing.has(leaf) }
}

async function choose(files: readonly number[], isOpen = (): boolean => true) {
  const chosen = { files: new Set(files), former: new Set([0, 1]), wants: content.wants }
  return reselect({ map, view: publicView(map), store, nodes, alive, directory, swarm, isOpen, ...chosen })
}

const wanted = (): number[] => [0, 1, 2, 3, 4, 5].filter((leaf) => store.wants(leaf))

describe('another choice of files', () => {
  test('says what is wanted now, what more and what less; twins are one', async () => {
    await write(store, share, [0])
    const next = await choose([0, 2, 3])
    expect([...(next?.missing.indices() ?? [])]).toEqual([1, 2, 4])
    expect(changes.map(({ wants, more, less }) => [[...wants.indices()], more, less])).toEqual([
      [[0, 1, 2, 4], [4], [3]]
    ])
    expect(wanted()).toEqual([0, 1, 4, 5])
  })

  test('a leaf that comes before peers know has its place, and is held', async () => {
    const next = choose([0])
    expect(emptyContent(map, store).places(2)).toEqual([2])
    await write(store, share, [2])
    expect(store.has(2)).toBe(true)
    await next
    expect(wanted()).toEqual([0, 1])
    expect(store.has(2)).toBe(true)
  })

  test('is nothing when the store was closed meanwhile: all stays as it was', async () => {
    expect(await choose([2], () => false)).toBeUndefined()
    expect(changes).toEqual([])
    expect(wanted()).toEqual([0, 1, 2, 3])
  })

  test('that cannot be is nothing either', async () => {
    directory = `${directory}/not/there`
    await expect(choose([2])).rejects.toMatchObject({ code: 'ERR_DISK' })
    expect(changes).toEqual([])
    expect(wanted()).toEqual([0, 1, 2, 3])
  })
})
