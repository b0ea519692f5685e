import assert from 'node:assert/strict'
import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { seededRandom } from '../random.ts'
import type { TestRunner } from '../runner/runner.ts'
import { rejectsWhenAborted, sameBytes } from './assertions.ts'
import { rawBlock } from './roots.ts'

/** A store of inner nodes by CID. `NodeStore` of `@p2pshare/transfer` has this shape. */
export interface NodeStoreLike {
  has(cid: CID): boolean
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array | undefined>
  put(cid: CID, block: Uint8Array, options?: AbortOptions): Promise<void>
  flush(options?: AbortOptions): Promise<void>
  close(): Promise<void>
}

/** A store under test. */
export interface NodeStoreSetup {
  readonly store: NodeStoreLike
}

/** How the suite gets stores. Each test sets up its own. */
export interface NodeStoreFixture<S extends NodeStoreSetup = NodeStoreSetup> {
  /** A fresh, empty store. */
  setup(): Promise<S>
  /** Close the store if it is open and remove what it left. */
  teardown(setup: S): Promise<void>
  /** A store opened again on the place of one that was closed. Leave out for stores that keep nothing. */
  reopen?(setup: S): Promise<NodeStoreLike>
}

/** What every store of inner nodes has to do. */
export function nodeStoreCompliance<S extends NodeStoreSetup>(runner: TestRunner, fixture: NodeStoreFixture<S>): void {
  const { it } = runner
  const random = seededRandom('node-store-compliance')
  const withStore = (test: (setup: S) => Promise<void>) => async () => {
    const setup = await fixture.setup()
    try {
      await test(setup)
    } finally {
      await fixture.teardown(setup)
    }
  }
  const block = async (label: string, bytes: number) => rawBlock(random.fork(label), bytes)

  runner.describe('NodeStore compliance', () => {
    it(
      'has and gets nothing at first',
      withStore(async ({ store }) => {
        const { cid } = await block('absent', 10)
        assert.equal(store.has(cid), false)
        assert.equal(await store.get(cid), undefined)
      })
    )

    it(
      'has and gets what was put, small or a megabyte, and nothing else',
      withStore(async ({ store }) => {
        for (const bytes of [0, 1, 1024 * 1024]) {
          const put = await block(`put ${bytes}`, bytes)
          await store.put(put.cid, put.bytes)
          assert.equal(store.has(put.cid), true)
          sameBytes((await store.get(put.cid)) ?? new Uint8Array(1), put.bytes, `a block of ${bytes} bytes`)
        }
        assert.equal(store.has((await block('other', 10)).cid), false)
      })
    )

    it(
      'takes a block twice, and keeps its own copy',
      withStore(async ({ store }) => {
        const { cid, bytes } = await block('twice', 100)
        const buffer = bytes.slice()
        await store.put(cid, buffer)
        await store.put(cid, buffer)
        buffer.fill(0)
        sameBytes((await store.get(cid)) ?? buffer, bytes, 'the block')
      })
    )

    it(
      'does not put, get or flush with an aborted signal',
      withStore(async ({ store }) => {
        const { cid, bytes } = await block('aborted', 100)
        await rejectsWhenAborted((signal) => store.put(cid, bytes, { signal }))
        assert.equal(store.has(cid), false)
        await rejectsWhenAborted((signal) => store.get(cid, { signal }))
        await rejectsWhenAborted((signal) => store.flush({ signal }))
      })
    )

    const { reopen } = fixture
    if (reopen !== undefined) {
      it(
        'opened again, has what was flushed',
        withStore(async (setup) => {
          const { cid, bytes } = await block('flushed', 5_000)
          await setup.store.put(cid, bytes)
          await setup.store.flush()
          await setup.store.close()
          const again = await reopen.call(fixture, setup)
          try {
            assert.equal(again.has(cid), true)
            sameBytes((await again.get(cid)) ?? new Uint8Array(), bytes, 'the block')
          } finally {
            await again.close()
          }
        })
      )
    }
  })
}
