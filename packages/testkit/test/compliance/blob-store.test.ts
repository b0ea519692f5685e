import { LeafNotFoundError } from '@p2pshare/interface'
import type { BlobStore } from '@p2pshare/interface'
import { describe, expect, test } from 'vitest'
import { blobStoreCompliance as suite } from '../../src/compliance/blob-store.ts'
import { blobStoreCompliance } from '../../src/vitest.ts'
import { collect, failures } from '../helpers/collect.ts'
import { MemoryBlobStore, memoryFixture, readOnlyFixture } from '../helpers/memory-blob-store.ts'

describe('a store that keeps its promises', () => {
  blobStoreCompliance(memoryFixture())
})

describe('a read-only store that keeps its promises', () => {
  blobStoreCompliance(readOnlyFixture())
})

type Held = Map<number, Uint8Array>

const broken: Record<string, { make: (held: Held) => BlobStore; failing: string[] }> = {
  'returns its own memory': {
    make: (held) =>
      new (class extends MemoryBlobStore {
        override async read(index: number) {
          const bytes = held.get(index)
          if (bytes === undefined) {
            throw new LeafNotFoundError(index)
          }
          return bytes
        }
      })(held),
    failing: [
      'gives the reader its own bytes: changing them does not change the store',
      'reads into a given buffer and returns a view of it',
      'refuses a buffer that is too short for the leaf with a RangeError',
      'reads a part of a leaf, and none outside it',
      'does not read with an aborted signal'
    ]
  },
  "keeps the caller's buffer": {
    make: (held) =>
      new (class extends MemoryBlobStore {
        override async write(index: number, bytes: Uint8Array, options?: object) {
          await super.write(index, bytes, options)
          held.set(index, bytes)
        }
      })(held),
    failing: ['gives the buffer back: changing it after the write does not change the store']
  },
  'says it has a leaf whose write was refused': {
    make: (held) =>
      new (class extends MemoryBlobStore {
        override async write(index: number, bytes: Uint8Array, options?: object) {
          held.set(index, bytes.slice())
          await super.write(index, bytes, options)
        }
      })(held),
    failing: [
      'refuses an index outside the layout and bytes of the wrong length with a RangeError, and keeps nothing of them',
      'writes nothing with an aborted signal'
    ]
  },
  'forgets everything when it is closed': {
    make: (held) =>
      new (class extends MemoryBlobStore {
        override async close() {
          held.clear()
        }
      })(held),
    failing: [
      'opened again, has the leaves that were written and only those, and goes on from there',
      'opened again after it was completed, has everything'
    ]
  },
  'reads undefined for a leaf it does not have': {
    make: (held) =>
      new (class extends MemoryBlobStore {
        override async read(index: number, options?: object) {
          return held.has(index) ? super.read(index, options) : new Uint8Array()
        }
      })(held),
    failing: [
      'has no leaf outside the layout',
      'is empty at first, and rejects a read with LeafNotFoundError',
      'has a leaf from the moment its write resolves, and no other'
    ]
  }
}

test.each(Object.entries(broken))('the suite catches a store that %s', async (_, { make, failing }) => {
  const results = await collect((runner) => {
    suite(runner, memoryFixture(make))
  })
  expect(failures(results)).toEqual(failing)
})

test('the suite catches a read-only store that takes a write', async () => {
  const results = await collect((runner) => {
    suite(runner, {
      ...readOnlyFixture(),
      async setup() {
        const { leaves, held } = await readOnlyFixture().setup()
        return { leaves, held, store: new MemoryBlobStore(held) }
      }
    })
  })
  expect(failures(results)).toEqual(['refuses to write with ReadOnlyStoreError, and keeps what it has'])
})

test('a fixture is torn down after a failed test too', async () => {
  let open = 0
  const { setup } = memoryFixture()
  await collect((runner) => {
    suite(runner, {
      async setup() {
        open++
        return { ...(await setup()), leaves: [] }
      },
      async teardown() {
        open--
      }
    })
  })
  expect(open).toBe(0)
})
