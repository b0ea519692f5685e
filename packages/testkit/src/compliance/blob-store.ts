import type { TestRunner } from '../runner/runner.ts'
import type { BlobStoreFixture, BlobStoreSetup, WithStore } from './blob-store-fixture.ts'
import { blobStoreReadTests } from './blob-store-read.ts'
import { blobStoreWriteTests } from './blob-store-write.ts'

/** What every `BlobStore` has to do: `packages/interface/src/blob-store.ts` as tests. */
export function blobStoreCompliance<S extends BlobStoreSetup>(runner: TestRunner, fixture: BlobStoreFixture<S>): void {
  const withStore: WithStore<S> = (test) => async () => {
    const setup = await fixture.setup()
    try {
      await test(setup)
    } finally {
      await fixture.teardown(setup)
    }
  }
  runner.describe('BlobStore compliance', () => {
    blobStoreReadTests(runner, fixture, withStore)
    blobStoreWriteTests(runner, fixture, withStore)
  })
}
