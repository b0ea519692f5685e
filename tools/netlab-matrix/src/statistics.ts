/** Times of one cell in milliseconds. Percentiles are values that occurred (nearest rank). */
export interface Times {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** Undefined where nothing was measured. */
export function timesOf(values: readonly number[]): Times | undefined {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return sorted.length === 0 ? undefined : { n: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}
