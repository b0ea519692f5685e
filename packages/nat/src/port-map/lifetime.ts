import { MAX_LIFETIME_MS, MIN_LIFETIME_MS } from './constants.ts'

/** What a gateway granted, in milliseconds, within what this node believes. Pure. */
export function grantedMs(lifetimeSeconds: number): number {
  return Math.min(Math.max(lifetimeSeconds * 1000, MIN_LIFETIME_MS), MAX_LIFETIME_MS)
}

/** Milliseconds as the whole seconds that go on the wire; at least one, because zero means "remove". Pure. */
export function toSeconds(lifetimeMs: number): number {
  return Math.max(1, Math.round(lifetimeMs / 1000))
}
