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

/** The list as JSON; without an `until` for a ban that does not end. */
export function encodeBans(records: readonly BanRecord[]): Uint8Array {
  const bans = records.map(({ until, ...rest }) => ({ ...rest, ...(until !== Infinity && { until }) }))
  return Buffer.from(`${JSON.stringify({ version: VERSION, bans })}\n`)
}

/** @throws InvalidMessageError for anything but a list that `encodeBans` could have made */
export function decodeBans(bytes: Uint8Array): BanRecord[] {
  const value = parse(bytes)
  if (!isObject(value) || value['version'] !== VERSION || !Array.isArray(value['bans'])) {
    throw new InvalidMessageError('list of bans: of another kind')
  }
  const bans: readonly unknown[] = value['bans']
  if (bans.length > MAX_BANS) {
    throw new InvalidMessageError(`list of bans: ${bans.length}, at most ${MAX_BANS}`)
  }
  return bans.map(toRecord)
}

function parse(bytes: Uint8Array): unknown {
  if (bytes.byteLength > MAX_BANS_BYTES) {
    throw new InvalidMessageError(`list of bans: ${bytes.byteLength} bytes, at most ${MAX_BANS_BYTES}`)
  }
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch (cause) {
    throw new InvalidMessageError('list of bans: no JSON', { cause })
  }
}

function toRecord(value: unknown): BanRecord {
  if (isObject(value)) {
    const { peer, reason, since, until = Infinity, count } = value
    const isNamed = typeof peer === 'string' && peer.length <= MAX_PEER_LENGTH && typeof reason === 'string'
    const isTimed = isWhole(since) && (until === Infinity || isWhole(until))
    if (isNamed && isReason(reason) && isTimed && isWhole(count)) {
      return { peer, reason, since, until, count }
    }
  }
  throw new InvalidMessageError('list of bans: an entry that makes no sense')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isReason(value: string): value is BanReason {
  return REASONS.includes(value)
}
