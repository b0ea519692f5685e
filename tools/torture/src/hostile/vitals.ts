/** How the node under test is, a few times a second. */
export interface Vitals {
  readonly rssBytes: number
  readonly connections: number
  /** Computing since the last one. */
  readonly cpuMs: number
  readonly sentBytes: number
  /** How late the event loop was since the part of the test began, 99 of 100 times. */
  readonly lagP99Ms: number
  readonly lagMaxMs: number
}
