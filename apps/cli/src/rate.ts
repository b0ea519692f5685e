/** Short enough to follow a change, long enough to read. */
const WINDOW_MS = 3000

/**
 * A rate over the last few seconds. The function takes the running total of bytes and the time in milliseconds, and
 * returns bytes a second.
 */
export function createRate(windowMs: number = WINDOW_MS): (totalBytes: number, now: number) => number {
  const samples: { readonly at: number; readonly bytes: number }[] = []
  return (totalBytes, now) => {
    samples.push({ at: now, bytes: totalBytes })
    // one sample at or before the start of the window stays, as the point to measure from
    while (samples.length > 2 && (samples[1]?.at ?? now) <= now - windowMs) {
      samples.shift()
    }
    const first = samples[0]
    return first === undefined || now <= first.at ? 0 : ((totalBytes - first.bytes) / (now - first.at)) * 1000
  }
}
