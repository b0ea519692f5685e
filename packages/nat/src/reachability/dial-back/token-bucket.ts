/** How many questions are allowed in a row, and how long one more takes. */
export interface BucketSize {
  readonly capacity: number
  readonly refillMs: number
}

/** What is left of it. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** Take one at `now`; `undefined`: there is none. Pure. */
export function takeToken(
  bucket: Bucket | undefined,
  { capacity, refillMs }: BucketSize,
  now: number
): Bucket | undefined {
  const since = bucket === undefined ? 0 : Math.max(0, now - bucket.at)
  const tokens = bucket === undefined ? capacity : Math.min(capacity, bucket.tokens + since / refillMs)
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: now }
}
