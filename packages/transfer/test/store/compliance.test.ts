import { join } from 'node:path'
import { describe } from 'vitest'
import { blobStoreCompliance, nodeStoreCompliance } from '@p2pshare/testkit/vitest'
import { openDownloadStore } from '../../src/store/download-store.ts'
import { memoryNodeStore } from '../../src/store/memory-node-store.ts'
import { memoryStore } from '../../src/store/memory-store.ts'
import { openNodeStore } from '../../src/store/node-file.ts'
import { partialPath } from '../../src/store/partial.ts'
import { openSeedStore } from '../../src/store/seed-store.ts'
import { bytesOf, fakeShare, fileShare, rawCID, writeShare } from './fake-share.ts'
import { useTempDir } from './temp-dir.ts'

const tempDir = useTempDir()

const directoryShare = () =>
  fakeShare({
    'a.bin': bytesOf('a', 2500),
    'sub/b.bin': bytesOf('b', 3000),
    'sub/deep/empty': new Uint8Array(),
    'z.bin': bytesOf('z', 10)
  })

describe('memoryStore', () => {
  const { map, leaves } = fileShare(4)
  blobStoreCompliance({
    setup: async () => ({ store: memoryStore(map), leaves }),
    teardown: async ({ store }) => store.close()
  })
})

describe.each([
  ['a file', () => fileShare(4)],
  ['a directory', directoryShare]
])('openDownloadStore of %s', (_, make) => {
  const { map, leaves, verify } = make()
  let directory = ''
  const open = async (parent: string) => {
    const target = join(parent, 'target')
    return openDownloadStore(map, { target, partial: partialPath(target), verify })
  }
  blobStoreCompliance({
    setup: async () => {
      directory = await tempDir()
      return { store: await open(directory), leaves }
    },
    teardown: async ({ store }) => store.close(),
    // a completed download is opened as what it became
    reopen: async ({ store }) =>
      store.haveCount === leaves.length ? openSeedStore(map, join(directory, 'target')) : open(directory)
  })
})

describe.each([
  ['a file', () => fileShare(4)],
  ['a directory', directoryShare]
])('openSeedStore of %s', (_, make) => {
  const share = make()
  blobStoreCompliance({
    readOnly: true,
    setup: async () => {
      const target = join(await tempDir(), 'target')
      await writeShare(share, target)
      return { store: await openSeedStore(share.map, target), leaves: share.leaves }
    },
    teardown: async ({ store }) => store.close()
  })
})

describe('memoryNodeStore', () => {
  nodeStoreCompliance({
    setup: async () => ({ store: memoryNodeStore() }),
    teardown: async ({ store }) => store.close()
  })
})

describe('openNodeStore', () => {
  const root = rawCID(bytesOf('root', 10))
  let file = ''
  nodeStoreCompliance({
    setup: async () => {
      file = join(await tempDir(), 'nodes.car')
      return { store: await openNodeStore(file, { root }) }
    },
    teardown: async ({ store }) => store.close(),
    reopen: async () => openNodeStore(file, { root })
  })
})
