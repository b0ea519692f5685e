/**
 * @packageDocumentation
 *
 * The compliance suites and hooks for Vitest.
 */
import { bindSuites } from './bind-suites.ts'
import { vitestRunner } from './runner/vitest.ts'

export const {
  blobStoreCompliance,
  checkLeaks,
  nodeStoreCompliance,
  providerRoutingCompliance,
  repeatableSeed,
  runMochaSuite,
  transportCompliance
} = bindSuites(vitestRunner)

export type * from './compliance.ts'
