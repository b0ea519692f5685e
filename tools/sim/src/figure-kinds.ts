import type { Figure } from './figures.ts'

/** A quantile over everything that was noted. */
export const ms = (name: string, sample: string, share: number, more: Partial<Figure> = {}): Figure => ({
  name,
  unit: 'ms',
  of: (pool) => pool.quantile(sample, share),
  ...more
})

/** The most of it. */
export const most = (name: string, unit: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit,
  of: (pool) => pool.max(sample),
  ...more
})

/** Median over the seeds, and the worst of them. */
export const typical = (name: string, unit: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit,
  of: (pool) => pool.median(sample),
  worst: (pool) => pool.max(sample),
  ...more
})

/** All of it together. */
export const total = (name: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit: '',
  of: (pool) => pool.sum(sample),
  ...more
})

/** The mean over everything that was noted. */
export const average = (name: string, unit: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit,
  of: (pool) => pool.mean(sample),
  ...more
})

/** Of a sample of zeros and ones. */
export const percent = (name: string, sample: string, more: Partial<Figure> = {}): Figure => ({
  name,
  unit: '%',
  of: (pool) => 100 * pool.mean(sample),
  ...more
})
