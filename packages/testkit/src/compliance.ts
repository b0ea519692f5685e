/**
 * @packageDocumentation
 *
 * The compliance suites for any test runner: give `bindSuites` its `describe`, `it` and hooks.
 */
export { bindSuites } from './bind-suites.ts'
export type { Suites } from './bind-suites.ts'
export type { BlobStoreFixture, BlobStoreSetup } from './compliance/blob-store-fixture.ts'
export type { NodeStoreFixture, NodeStoreLike, NodeStoreSetup } from './compliance/node-store.ts'
export type {
  ProviderRoutingFixture,
  ProviderRoutingParticipant,
  ProviderRoutingSetup
} from './compliance/provider-routing.ts'
export type { AddressMatcher, TransportFixture, TransportSetup } from './compliance/transport.ts'
export type { CheckLeaksOptions } from './runner/hooks.ts'
export type { TestContext, TestOutcome, TestRunner } from './runner/runner.ts'
