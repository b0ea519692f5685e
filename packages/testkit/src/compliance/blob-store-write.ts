import assert from 'node:assert/strict'
import { writeSync } from 'node:fs'
import type { LeafPlace } from '@p2pshare/interface'
import { SuiteUnavailableError } from '../errors.ts'
import type { TestRunner } from '../runner/runner.ts'
import { rejectsWhenAborted, rejectsWithName, sameBytes } from './assertions.ts'
import { fill, leafOf } from './blob-store-fixture.ts'
import type { BlobStoreFixture, BlobStoreSetup, WithStore } from './blob-store-fixture.ts'

/** The part of the suite about writing; a read-only store has to refuse. */
export function blobStoreWriteTests<S extends BlobStoreSetup>(
  runner: TestRunner,
  fixture: BlobStoreFixture<S>,
  withStore: WithStore<S>
): void {
  const { it } = runner

  if (fixture.readOnly === true) {
    it(
      'refuses to write with ReadOnlyStoreError, and keeps what it has',
      withStore(async (setup) => {
        await rejectsWithName(() => setup.store.write(0, leafOf(setup, 0)), 'ReadOnlyStoreError')
        sameBytes(await setup.store.read(0), leafOf(setup, 0), 'leaf 0')
      })
    )
    return
  }

  it(
    'is empty at first, and rejects a read with LeafNotFoundError',
    withStore(async ({ store }) => {
      assert.equal(store.haveCount, 0)
      assert.equal(store.has(1), false)
      await assert.rejects(store.read(1), { name: 'LeafNotFoundError', index: 1 })
    })
  )

  it(
    'has a leaf from the moment its write resolves, and no other',
    withStore(async (setup) => {
      const { store } = setup
      await store.write(1, leafOf(setup, 1))
      assert.deepEqual([store.has(0), store.has(1), store.has(2)], [false, true, false])
      assert.equal(store.haveCount, 1)
      sameBytes(await store.read(1), leafOf(setup, 1), 'leaf 1')
      await rejectsWithName(() => store.read(0), 'LeafNotFoundError')
    })
  )

  it(
    'takes leaves in any order and at the same time',
    withStore(async (setup) => {
      const { store, leaves } = setup
      const order = [...leaves.keys()].reverse()
      await Promise.all(order.map(async (index) => store.write(index, leafOf(setup, index))))
      assert.equal(store.haveCount, leaves.length)
      for (const index of order) {
        sameBytes(await store.read(index), leafOf(setup, index), `leaf ${index}`)
      }
    })
  )

  it(
    'takes a leaf twice without harm, also at the same time',
    withStore(async (setup) => {
      const { store } = setup
      await store.write(0, leafOf(setup, 0))
      await store.write(0, leafOf(setup, 0))
      await Promise.all([store.write(1, leafOf(setup, 1)), store.write(1, leafOf(setup, 1))])
      assert.equal(store.haveCount, 2)
      sameBytes(await store.read(0), leafOf(setup, 0), 'leaf 0')
      sameBytes(await store.read(1), leafOf(setup, 1), 'leaf 1')
    })
  )

  it(
    'gives the buffer back: changing it after the write does not change the store',
    withStore(async (setup) => {
      const buffer = leafOf(setup, 0).slice()
      await setup.store.write(0, buffer)
      buffer.fill(~(buffer[0] ?? 0))
      sameBytes(await setup.store.read(0), leafOf(setup, 0), 'leaf 0')
    })
  )

  it(
    'refuses an index outside the layout and bytes of the wrong length with a RangeError, and keeps nothing of them',
    withStore(async (setup) => {
      const { store, leaves } = setup
      const bytes = leafOf(setup, 0)
      for (const index of [-1, leaves.length, 0.5]) {
        await rejectsWithName(() => store.write(index, bytes), 'RangeError')
      }
      await rejectsWithName(() => store.write(0, bytes.subarray(1)), 'RangeError')
      await rejectsWithName(() => store.write(0, Uint8Array.of(...bytes, 0)), 'RangeError')
      assert.equal(store.haveCount, 0)
      assert.equal(store.has(0), false)
    })
  )

  it(
    'writes nothing with an aborted signal',
    withStore(async (setup) => {
      const { store } = setup
      await rejectsWhenAborted((signal) => store.write(0, leafOf(setup, 0), { signal }))
      assert.equal(store.has(0), false)
      assert.equal(store.haveCount, 0)
    })
  )

  it(
    'does not complete with an aborted signal, and completes without',
    withStore(async (setup) => {
      await fill(setup, false)
      await rejectsWhenAborted((signal) => setup.store.complete({ signal }))
      await setup.store.complete()
      sameBytes(await setup.store.read(0), leafOf(setup, 0), 'leaf 0')
    })
  )

  placeTests(runner, withStore)
  reopenTests(runner, fixture, withStore)
}

/** The optional part: a store that lets others write. One that does not passes. */
function placeTests<S extends BlobStoreSetup>({ it }: TestRunner, withStore: WithStore<S>): void {
  it(
    'holds a leaf that was written to its place from the moment that done resolves, and reads it back',
    withStore(async (setup) => {
      const place = await setup.store.place?.(1)
      if (place === undefined) {
        return
      }
      assert.equal(setup.store.has(1), false, 'before it was written')
      writeAt(place, leafOf(setup, 1))
      await place.done()
      assert.equal(setup.store.has(1), true)
      assert.equal(setup.store.haveCount, 1)
      sameBytes(await setup.store.read(1), leafOf(setup, 1), 'leaf 1')
    })
  )

  it(
    'gives places for several leaves at a time',
    withStore(async (setup) => {
      const { store, leaves } = setup
      await Promise.all(
        [...leaves.entries()].map(async ([index, bytes]) => {
          const place = await store.place?.(index)
          if (place !== undefined) {
            writeAt(place, bytes)
            await place.done()
            sameBytes(await store.read(index), bytes, `leaf ${index}`)
          }
        })
      )
    })
  )

  it(
    'does not hold a leaf whose place was given back, and takes it afterwards',
    withStore(async (setup) => {
      const { store } = setup
      const place = await store.place?.(0)
      if (place === undefined) {
        return
      }
      writeAt(place, leafOf(setup, 1).subarray(0, 1))
      await place.failed()
      assert.equal(store.has(0), false)
      await store.write(0, leafOf(setup, 0))
      sameBytes(await store.read(0), leafOf(setup, 0), 'leaf 0')
    })
  )

  it(
    'rejects with what the system said of a place, and does not hold the leaf',
    withStore(async ({ store }) => {
      const place = await store.place?.(0)
      if (place === undefined) {
        return
      }
      const said = Object.assign(new SuiteUnavailableError('no space'), { code: 'ENOSPC', syscall: 'write' })
      await assert.rejects(place.failed(said))
      assert.equal(store.has(0), false)
    })
  )

  it(
    'has no place for a leaf that it holds, and none outside the layout',
    withStore(async (setup) => {
      const { store, leaves } = setup
      await store.write(0, leafOf(setup, 0))
      assert.equal(await store.place?.(0), undefined)
      if (store.place !== undefined) {
        for (const index of [-1, leaves.length, 0.5]) {
          await rejectsWithName(async () => store.place?.(index), 'RangeError')
        }
        await rejectsWhenAborted((signal) => store.place?.(1, { signal }) ?? Promise.resolve())
      }
    })
  )

  it(
    'waits with close for those who write',
    withStore(async (setup) => {
      const place = await setup.store.place?.(0)
      if (place === undefined) {
        return
      }
      let closed = false
      const closing = setup.store.close().then(() => {
        closed = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(closed, false)
      writeAt(place, leafOf(setup, 0))
      await place.done()
      await closing
    })
  )
}

function writeAt({ fd, position }: LeafPlace, bytes: Uint8Array): void {
  assert.equal(writeSync(fd, bytes, 0, bytes.byteLength, position), bytes.byteLength)
}

function reopenTests<S extends BlobStoreSetup>(
  { it }: TestRunner,
  fixture: BlobStoreFixture<S>,
  withStore: WithStore<S>
): void {
  const { reopen } = fixture
  if (reopen === undefined) {
    return
  }

  it(
    'opened again, has the leaves that were written and only those, and goes on from there',
    withStore(async (setup) => {
      const last = setup.leaves.length - 1
      await setup.store.write(last, leafOf(setup, last))
      await setup.store.close()
      const again = await reopen.call(fixture, setup)
      try {
        assert.equal(again.haveCount, 1)
        assert.deepEqual([again.has(0), again.has(last)], [false, true])
        sameBytes(await again.read(last), leafOf(setup, last), 'the last leaf')
        await again.write(0, leafOf(setup, 0))
        sameBytes(await again.read(0), leafOf(setup, 0), 'leaf 0')
      } finally {
        await again.close()
      }
    })
  )

  it(
    'opened again after it was completed, has everything',
    withStore(async (setup) => {
      await fill(setup, false)
      await setup.store.complete()
      await setup.store.close()
      const again = await reopen.call(fixture, setup)
      try {
        assert.equal(again.haveCount, setup.leaves.length)
        await again.complete()
        for (const index of setup.leaves.keys()) {
          sameBytes(await again.read(index), leafOf(setup, index), `leaf ${index}`)
        }
      } finally {
        await again.close()
      }
    })
  )
}
