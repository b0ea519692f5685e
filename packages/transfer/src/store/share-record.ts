import { crc32 } from 'node:zlib'
import { isAbsolute } from 'node:path'
import { InvalidMessageError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import { MAX_ENTRIES, MAX_LEAVES, MAX_NAME_BYTES } from '../constants.ts'
import { PROFILES } from '../import/profile.ts'
import type { ProfileName } from '../import/profile.ts'
import { toRanges } from '../swarm/bitfield.ts'
import type { Devices } from './whereabouts.ts'

/** The worst selection, every second file of a million, in decimal digits. */
export const MAX_RECORD_BYTES = 16 * 1024 * 1024

/** The longest path that Windows knows, in characters; other systems stop at 4,096 bytes. */
export const MAX_LOCATION_LENGTH = 32_767

const VERSION = 1

/** What a node remembers about a share between runs. */
export interface ShareRecord {
  readonly root: CID
  /** Suggested file or directory name. */
  readonly name: string
  /** Absolute path of the content; of a download that is not complete, the target. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly bytes: number
  readonly files: number
  readonly leaves: number
  /** Absent for a share that came from others. */
  readonly profile?: ProfileName
  /** Milliseconds since the Unix epoch. */
  readonly addedAt: number
  /** All that is wanted is at `path`. */
  readonly complete: boolean
  /** Sealed: what opens it is in a file beside this one. */
  readonly isPrivate?: true
  /** The file systems that it was on when it was looked at last. */
  readonly devices?: Devices
  /** Indices of the wanted files of a download with `select`, ascending; absent: all. */
  readonly wanted?: readonly number[]
}

/** A record as JSON with a checksum of itself. */
export function encodeShareRecord(record: ShareRecord): Uint8Array {
  const { wanted, ...rest } = record
  const share = {
    v: VERSION,
    ...rest,
    root: record.root.toString(),
    // first, count, first, count ...: a million indices are mostly runs
    ...(wanted && { wanted: toRanges(wanted).flatMap(({ start, count }) => [start, count]) })
  }
  return Buffer.from(`${JSON.stringify({ crc32: checksum(share), share })}\n`)
}

/** @throws InvalidMessageError for anything that `encodeShareRecord` did not write. */
export function decodeShareRecord(bytes: Uint8Array): ShareRecord {
  const file = parse(bytes)
  const share = file['share']
  if (!isObject(share) || file['crc32'] !== checksum(share)) {
    throw new InvalidMessageError('share record: the checksum does not match')
  }
  if (share['v'] !== VERSION) {
    throw new InvalidMessageError('share record: of another version')
  }
  const { kind, profile, complete, isPrivate, wanted } = share
  const files = count(share, 'files', MAX_ENTRIES)
  if ((kind !== 'file' && kind !== 'directory') || typeof complete !== 'boolean') {
    throw new InvalidMessageError('share record: kind or complete')
  }
  if (profile !== undefined && !isProfile(profile)) {
    throw new InvalidMessageError('share record: profile')
  }
  if (isPrivate !== undefined && isPrivate !== true) {
    throw new InvalidMessageError('share record: isPrivate')
  }
  const devices = share['devices']
  return {
    root: root(share['root']),
    name: text(share, 'name', MAX_NAME_BYTES),
    path: location(share),
    kind,
    bytes: count(share, 'bytes', Number.MAX_SAFE_INTEGER),
    files,
    leaves: count(share, 'leaves', MAX_LEAVES),
    ...(profile !== undefined && { profile }),
    addedAt: count(share, 'addedAt', Number.MAX_SAFE_INTEGER),
    complete,
    ...(isPrivate !== undefined && { isPrivate }),
    ...(devices !== undefined && { devices: toDevices(devices) }),
    ...(wanted !== undefined && { wanted: indices(wanted, files) })
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.byteLength > MAX_RECORD_BYTES) {
    throw new InvalidMessageError(`share record: ${bytes.byteLength} bytes`)
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(value)) {
      return value
    }
  } catch (error) {
    throw new InvalidMessageError('share record: not JSON', { cause: error })
  }
  throw new InvalidMessageError('share record: not an object')
}

/** `JSON.parse` keeps the order of keys, so what was written comes out the same. */
function checksum(share: Record<string, unknown>): string {
  return crc32(JSON.stringify(share)).toString(16).padStart(8, '0')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isProfile(value: unknown): value is ProfileName {
  return typeof value === 'string' && Object.hasOwn(PROFILES, value)
}

function count(share: Record<string, unknown>, field: string, max: number): number {
  const value = share[field]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw new InvalidMessageError(`share record: ${field}`)
  }
  return value
}

function text(share: Record<string, unknown>, field: string, maxLength: number): string {
  const value = share[field]
  if (typeof value !== 'string' || value.length === 0 || value.length > maxLength || value.includes('\0')) {
    throw new InvalidMessageError(`share record: ${field}`)
  }
  return value
}

function location(share: Record<string, unknown>): string {
  const path = text(share, 'path', MAX_LOCATION_LENGTH)
  if (!isAbsolute(path)) {
    throw new InvalidMessageError('share record: path is not absolute')
  }
  return path
}

function root(value: unknown): CID {
  try {
    return CID.parse(typeof value === 'string' ? value : '')
  } catch (error) {
    throw new InvalidMessageError('share record: root', { cause: error })
  }
}

function toDevices(value: unknown): Devices {
  const { parent, root: own } = isObject(value) ? value : {}
  if (!isDevice(parent) || !isDevice(own)) {
    throw new InvalidMessageError('share record: devices')
  }
  return { parent, root: own }
}

/** Any number that a system gives: some are longer than a double is exact, and only ever compared. */
function isDevice(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function indices(value: unknown, files: number): number[] {
  if (!Array.isArray(value) || value.length % 2 !== 0) {
    throw new InvalidMessageError('share record: wanted')
  }
  const wanted: number[] = []
  let floor = 0
  for (let at = 0; at < value.length; at += 2) {
    const [start, length] = [value[at] as unknown, value[at + 1] as unknown]
    // ascending, disjoint and inside the share: this also bounds the sum of the lengths
    if (!isIndex(start, floor) || !isIndex(length, 1) || start + length > files) {
      throw new InvalidMessageError('share record: wanted')
    }
    for (let index = start; index < start + length; index++) {
      wanted.push(index)
    }
    floor = start + length
  }
  return wanted
}

function isIndex(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min
}
