import { blobStoreCompliance } from './compliance/blob-store.ts'
import type { BlobStoreFixture, BlobStoreSetup } from './compliance/blob-store-fixture.ts'
import { nodeStoreCompliance } from './compliance/node-store.ts'
import type { NodeStoreFixture } from './compliance/node-store.ts'
import { providerRoutingCompliance } from './compliance/provider-routing.ts'
import type { ProviderRoutingFixture } from './compliance/provider-routing.ts'
import { transportCompliance } from './compliance/transport.ts'
import type { TransportFixture } from './compliance/transport.ts'
import { checkLeaks, repeatableSeed } from './runner/hooks.ts'
import type { CheckLeaksOptions } from './runner/hooks.ts'
import { runMochaSuite } from './runner/mocha.ts'
import type { TestRunner } from './runner/runner.ts'

/** The suites and hooks, for one runner. */
export interface Suites {
  /** What every `BlobStore` has to do. */
  blobStoreCompliance<S extends BlobStoreSetup>(fixture: BlobStoreFixture<S>): void
  /** What every store of inner nodes has to do. */
  nodeStoreCompliance(fixture: NodeStoreFixture): void
  /** What every `ProviderRouting` has to do. */
  providerRoutingCompliance(fixture: ProviderRoutingFixture): void
  /** js-libp2p's transport suite; await it at the top of a test file. */
  transportCompliance(fixture: TransportFixture): Promise<void>
  /** Any other suite written for mocha: `runMochaSuite(() => { muxerSuite(fixture) })`. */
  runMochaSuite(suite: () => void): void
  /** Each test from here on fails when it leaves more open than it found. Call it before other hooks are set. */
  checkLeaks(options?: CheckLeaksOptions): void
  /** The seed of this run (`SEED` of the environment, or a new one), printed when a test from here on fails. */
  repeatableSeed(): string
}

/** The suites with the functions of `runner`, for runners that have no entry of their own here. */
export function bindSuites(runner: TestRunner): Suites {
  return {
    blobStoreCompliance: (fixture) => {
      blobStoreCompliance(runner, fixture)
    },
    nodeStoreCompliance: nodeStoreCompliance.bind(undefined, runner),
    providerRoutingCompliance: providerRoutingCompliance.bind(undefined, runner),
    transportCompliance: transportCompliance.bind(undefined, runner),
    runMochaSuite: runMochaSuite.bind(undefined, runner),
    checkLeaks: checkLeaks.bind(undefined, runner),
    repeatableSeed: repeatableSeed.bind(undefined, runner)
  }
}
