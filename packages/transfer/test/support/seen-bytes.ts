/** Bytes that were seen at a time, in milliseconds. */
export interface Seen {
  readonly at: number
  readonly bytes: number
}

/**
 * The most bytes in any window of a second that begins with something seen, beyond what the caps let pass in that part
 * of it which was seen.
 */
export function worstExcess(seen: readonly Seen[], allowed: (from: number, to: number) => number): number {
  let most = -Infinity
  for (const [first, { at: from }] of seen.entries()) {
    let sum = 0
    for (const { at, bytes } of seen.slice(first)) {
      if (at > from + 1000) {
        break
      }
      sum += bytes
      most = Math.max(most, sum - allowed(from, at))
    }
  }
  return most
}

/** What one cap lets pass between two times. */
export function atCap(bytesPerSecond: number): (from: number, to: number) => number {
  return (from, to) => (bytesPerSecond * (to - from)) / 1000
}
