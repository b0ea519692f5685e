import assert from 'node:assert/strict'
import type { TestRunner } from '../runner/runner.ts'
import { rejectsWhenAborted, rejectsWithName, sameBytes } from './assertions.ts'
import { fill, leafOf } from './blob-store-fixture.ts'
import type { BlobStoreFixture, BlobStoreSetup, WithStore } from './blob-store-fixture.ts'

/** The part of the suite that read-only stores pass too. */
export function blobStoreReadTests<S extends BlobStoreSetup>(
  runner: TestRunner,
  fixture: BlobStoreFixture<S>,
  withStore: WithStore<S>
): void {
  const { it } = runner
  const readOnly = fixture.readOnly ?? false

  it(
    'describes its leaves: counts and sizes agree, and other indices are a RangeError',
    withStore(async ({ store: { layout }, leaves }) => {
      assert.ok(leaves.length >= 3, 'the fixture has at least three leaves')
      assert.equal(layout.leafCount, leaves.length)
      let total = 0
      for (const [index, bytes] of leaves.entries()) {
        assert.equal(layout.leafBytes(index), bytes.byteLength, `leafBytes(${index})`)
        total += bytes.byteLength
      }
      assert.equal(layout.totalBytes, total)
      for (const index of [-1, leaves.length, 0.5, NaN]) {
        assert.throws(() => layout.leafBytes(index), RangeError, `leafBytes(${index})`)
      }
    })
  )

  it(
    'has all leaves once they are written, and reads back their bytes',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const { store, leaves } = setup
      assert.equal(store.haveCount, leaves.length)
      for (const [index, bytes] of leaves.entries()) {
        assert.equal(store.has(index), true, `has(${index})`)
        sameBytes(await store.read(index), bytes, `leaf ${index}`)
      }
    })
  )

  it(
    'reads several leaves at a time',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const { store, leaves } = setup
      const read = await Promise.all(leaves.map(async (_, index) => store.read(index)))
      for (const [index, bytes] of read.entries()) {
        sameBytes(bytes, leafOf(setup, index), `leaf ${index}`)
      }
    })
  )

  it(
    'gives the reader its own bytes: changing them does not change the store',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const bytes = await setup.store.read(0)
      bytes.fill(~(bytes[0] ?? 0))
      sameBytes(await setup.store.read(0), leafOf(setup, 0), 'leaf 0')
    })
  )

  it(
    'reads into a given buffer and returns a view of it',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const last = setup.leaves.length - 1
      const size = leafOf(setup, last).byteLength
      // a buffer for the largest leaf, at an offset, as a pool would hand it out
      const into = new Uint8Array(new ArrayBuffer(leafOf(setup, 0).byteLength + 24), 16)
      const read = await setup.store.read(last, { into })
      assert.equal(read.buffer, into.buffer, 'the same memory')
      assert.equal(read.byteOffset, into.byteOffset, 'from its start')
      assert.equal(read.byteLength, size, 'as long as the leaf')
      sameBytes(into.subarray(0, size), leafOf(setup, last), 'the buffer')
    })
  )

  it(
    'refuses a buffer that is too short for the leaf with a RangeError',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const into = new Uint8Array(leafOf(setup, 0).byteLength - 1)
      await rejectsWithName(() => setup.store.read(0, { into }), 'RangeError')
    })
  )

  it(
    'reads a part of a leaf, and none outside it',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const leaf = leafOf(setup, 0)
      const [start, bytes] = [leaf.byteLength >> 2, leaf.byteLength >> 1]
      const into = new Uint8Array(bytes)
      sameBytes(await setup.store.read(0, { start, bytes, into }), leaf.subarray(start, start + bytes), 'the middle')
      sameBytes(await setup.store.read(0, { start }), leaf.subarray(start), 'the rest')
      sameBytes(await setup.store.read(0, { bytes }), leaf.subarray(0, bytes), 'the beginning')
      const wrong = [{ start: -1 }, { start: leaf.byteLength + 1 }, { start, bytes: leaf.byteLength }, { bytes: -1 }]
      for (const part of wrong) {
        await rejectsWithName(() => setup.store.read(0, part), 'RangeError')
      }
    })
  )

  it(
    'has no leaf outside the layout',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      const { store, leaves } = setup
      for (const index of [-1, leaves.length]) {
        assert.equal(store.has(index), false, `has(${index})`)
        await rejectsWithName(() => store.read(index), 'RangeError', 'LeafNotFoundError')
      }
    })
  )

  it(
    'does not read with an aborted signal',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      await rejectsWhenAborted((signal) => setup.store.read(0, { signal }))
    })
  )

  it(
    'completes, more than once, and still reads',
    withStore(async (setup) => {
      await fill(setup, readOnly)
      await setup.store.complete()
      await setup.store.complete()
      assert.equal(setup.store.haveCount, setup.leaves.length)
      sameBytes(await setup.store.read(1), leafOf(setup, 1), 'leaf 1')
    })
  )
}
