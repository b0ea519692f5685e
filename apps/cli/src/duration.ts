import { UsageError } from './errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000

const UNIT_MS: Readonly<Record<string, number>> = Object.freeze({
  ms: 1,
  s: 1000,
  m: 60 * 1000,
  h: 60 * 60 * 1000,
  d: DAY_MS
})

/** The longest delay a timer takes; past it Node fires at once. */
export const MAX_DURATION_MS = 2 ** 31 - 1

/**
 * Milliseconds of `500ms`, `30s`, `1.5m`, `2h`, `1d`, `1m30s`; a bare number is seconds. Throws `UsageError` for
 * anything else, for zero and for more than `maxMs`.
 *
 * @param maxMs - of what no timer waits for, another bound. @default MAX_DURATION_MS
 */
export function parseDuration(text: string, maxMs: number = MAX_DURATION_MS): number {
  const trimmed = text.trim()
  const bare = /^\d+(\.\d+)?$/.exec(trimmed)
  const parts = bare === null ? [...trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)] : []
  if (bare === null && (parts.length === 0 || parts.map(([all]) => all).join('') !== trimmed)) {
    throw new UsageError(`'${text}' is not a duration`, 'write it as 30s, 2m or 1m30s')
  }
  const ms =
    bare === null
      ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0)
      : Number(trimmed) * 1000
  if (ms < 1 || ms > maxMs) {
    throw new UsageError(
      `'${text}' is not between 1ms and ${Math.floor(maxMs / DAY_MS)}d`,
      'write it as 30s, 2m or 1m30s'
    )
  }
  return Math.round(ms)
}
