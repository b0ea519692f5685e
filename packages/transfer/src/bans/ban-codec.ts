import { InvalidMessageError } from '@p2pshare/interface'
import type { BanReason } from './ban.ts'
import { MAX_BANS } from './ban-list.ts'
import type { BanRecord } from './ban-list.ts'

/** `MAX_BANS` records of some 150 bytes, and as much again for what later versions add. */
export const MAX_BANS_BYTES = 4 * 1024 * 1024

/** No peer id is longer as text: the largest is a key in an identity hash. */
const MAX_PEER_LENGTH = 128

const REASONS: readonly string[] = ['wrong-bytes', 'broken-rules', 'user'] satisfies readonly BanReason[]

const VERSION = 1

/** The last moment that a `Date` can be: nothing that is printed lies behind it. */
export const MAX_TIME_MS = 8.64e15

/** What a file of bans says. */
export type BanContents =
  | {
      readonly kind: 'list'
      readonly records: readonly BanRecord[]
      /** Entries that make no sense, and are left out. */
      readonly skipped: number
    }
  /** A later version wrote it: it is not for this one to change. */
  | { readonly kind: 'later' }

/**
 * The list as JSON; without an `until` for a ban that does not end.
 *
 * @throws InvalidMessageError for a list that `decodeBans` would not give back
 */
export function encodeBans(records: readonly BanRecord[]): Uint8Array {
  const bans = records.map(({ until, ...rest }) => ({ ...rest, ...(until !== Infinity && { until }) }))
  requireFew(bans)
  if (bans.some((ban) => toRecord(ban) === undefined)) {
    throw new InvalidMessageError('list of bans: an entry that makes no sense')
  }
  return Buffer.from(`${JSON.stringify({ version: VERSION, bans })}\n`)
}

/** @throws InvalidMessageError for what is no such list */
export function decodeBans(bytes: Uint8Array): BanContents {
  const { version, bans } = parse(bytes)
  if (isWhole(version) && version > VERSION) {
    return { kind: 'later' }
  }
  if (version !== VERSION || !Array.isArray(bans)) {
    throw new InvalidMessageError('list of bans: of another kind')
  }
  requireFew(bans)
  const records = bans.map(toRecord).filter((record) => record !== undefined)
  return { kind: 'list', records, skipped: bans.length - records.length }
}

function requireFew({ length }: readonly unknown[]): void {
  if (length > MAX_BANS) {
    throw new InvalidMessageError(`list of bans: ${length}, at most ${MAX_BANS}`)
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.byteLength > MAX_BANS_BYTES) {
    throw new InvalidMessageError(`list of bans: ${bytes.byteLength} bytes, at most ${MAX_BANS_BYTES}`)
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new InvalidMessageError('list of bans: no JSON', { cause })
  }
  return isObject(value) ? value : {}
}

function toRecord(value: unknown): BanRecord | undefined {
  const { peer, reason, since, until = Infinity, count } = isObject(value) ? value : {}
  const isNamed = typeof peer === 'string' && peer.length <= MAX_PEER_LENGTH
  if (!isNamed || !isReason(reason) || !isTime(since) || !isWhole(count)) {
    return undefined
  }
  if (typeof until === 'number' && until > MAX_TIME_MS) {
    return { peer, reason, since, until: Infinity, count } // earlier versions wrote such, meant as for ever
  }
  return isTime(until) ? { peer, reason, since, until, count } : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isTime(value: unknown): value is number {
  return isWhole(value) && value <= MAX_TIME_MS
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isReason(value: unknown): value is BanReason {
  return typeof value === 'string' && REASONS.includes(value)
}
