/** Median, lowest and highest of several runs. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Between two values it lies as far as `percent` lies between their places. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = ((sorted.length - 1) * percent) / 100
  const low = sorted[Math.floor(place)] ?? NaN
  const high = sorted[Math.ceil(place)] ?? NaN
  return low + (high - low) * (place - Math.floor(place))
}

/** `undefined` when there is nothing to take it of. */
export function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : { median: median(known), min: Math.min(...known), max: Math.max(...known) }
}

/** More of the machine than this used by others, and the run counts only when there is no better one. */
const NOISY_CORES = 0.35

/** The runs that little else ran beside, when at least half of them are such; otherwise all. */
export function quietRuns<Run extends { readonly otherCores: number }>(runs: readonly Run[]): readonly Run[] {
  const quiet = runs.filter(({ otherCores }) => otherCores < NOISY_CORES)
  return quiet.length * 2 >= runs.length ? quiet : runs
}
