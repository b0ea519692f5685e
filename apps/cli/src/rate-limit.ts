import { UsageError } from './errors.ts'

const UNIT_BYTES: Readonly<Record<string, number>> = Object.freeze({ '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 })

/** A slower peer is taken for a stalled one. */
export const MIN_RATE = 1024

/** No network is faster, and what is typed above it is a mistake. */
export const MAX_RATE = 1024 ** 4

const ADVICE = 'write bytes a second as 512K, 4M or 1.5G; without it there is no limit'

/**
 * Bytes a second of `512K`, `4M`, `1.5G`, `4MiB/s` (units of 1024); a bare number is bytes. Throws `UsageError` for
 * anything else, `4Mb` and `4Mbit` (bits) too, and outside `MIN_RATE` to `MAX_RATE`.
 */
export function parseRate(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgKMG]?)(?:i?B)?(?:\/s)?$/.exec(text.trim()) ?? []
  if (amount === undefined) {
    throw new UsageError(`'${text}' is not a rate`, ADVICE)
  }
  const bytes = Math.round(Number(amount) * (UNIT_BYTES[unit.toLowerCase()] ?? 1))
  if (bytes < MIN_RATE || bytes > MAX_RATE) {
    throw new UsageError(`'${text}' is not between 1K and 1024G a second`, ADVICE)
  }
  return bytes
}
