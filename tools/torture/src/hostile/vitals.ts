/** How the node under test is, a few times a second. */
export interface Vitals {
  readonly rssBytes: number
  /** Of that, what V8 has for objects, and buffers outside of it. */
  readonly heapBytes: number
  readonly bufferBytes: number
  readonly connections: number
  /** Computing since the last one. */
  readonly cpuMs: number
  readonly sentBytes: number
  /** How late the event loop was since the part of the test began, 99 of 100 times. */
  readonly lagP99Ms: number
  readonly lagMaxMs: number
}

/** What the crowd of connections has done so far. */
export interface CrowdVitals {
  /** Streams that were opened, and writes to sockets. */
  readonly acts: number
  /** Connections that came about, those that came back among them. */
  readonly connections: number
  readonly cpuMs: number
}
