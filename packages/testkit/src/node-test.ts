/**
 * @packageDocumentation
 *
 * The compliance suites and hooks for Node's own test runner, `node:test`.
 */
import { bindSuites } from './bind-suites.ts'
import { nodeTestRunner } from './runner/node-test.ts'

export const {
  blobStoreCompliance,
  checkLeaks,
  nodeStoreCompliance,
  providerRoutingCompliance,
  repeatableSeed,
  runMochaSuite,
  transportCompliance
} = bindSuites(nodeTestRunner)

export type * from './compliance.ts'
