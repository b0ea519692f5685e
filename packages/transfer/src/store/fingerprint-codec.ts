import { crc32 } from 'node:zlib'
import { InvalidMessageError } from '@p2pshare/interface'
import { decode, encode } from 'cborg'
import { BoundedTokenizer } from '../bounded-tokenizer.ts'
import { MAX_ENTRIES } from '../constants.ts'
import type { Fingerprints } from './fingerprint.ts'

const VERSION = 1
const DOUBLE_BYTES = 8

/** Two doubles a file, and what is around them. */
export const MAX_FINGERPRINTS_BYTES = 2 * DOUBLE_BYTES * MAX_ENTRIES + 1024

/** The map, its four names and their values. */
export const MAX_FINGERPRINTS_ELEMENTS = 9

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true
} as const

/** Fingerprints as CBOR: two byte strings of little-endian doubles, with a checksum. */
export function encodeFingerprints({ mtimeMs, ino }: Fingerprints): Uint8Array {
  const packed = { mtimeMs: pack(mtimeMs), ino: pack(ino) }
  return encode({ v: VERSION, crc32: checksum(packed.mtimeMs, packed.ino), ...packed })
}

/** @throws InvalidMessageError when these are not the fingerprints of a share of `files` files. */
export function decodeFingerprints(bytes: Uint8Array, files: number): Fingerprints {
  const { v, crc32: sum, mtimeMs, ino } = parse(bytes)
  if (v !== VERSION || !isDoubles(mtimeMs, files) || !isDoubles(ino, files)) {
    throw new InvalidMessageError('fingerprints: of another version or share')
  }
  if (sum !== checksum(mtimeMs, ino)) {
    throw new InvalidMessageError('fingerprints: the checksum does not match')
  }
  return { mtimeMs: unpack(mtimeMs), ino: unpack(ino) }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.byteLength > MAX_FINGERPRINTS_BYTES) {
    throw new InvalidMessageError(`fingerprints: ${bytes.byteLength} bytes`)
  }
  try {
    const tooMany = (): Error =>
      new InvalidMessageError(`fingerprints: more than ${MAX_FINGERPRINTS_ELEMENTS} elements`)
    const tokenizer = new BoundedTokenizer(bytes, STRICT, MAX_FINGERPRINTS_ELEMENTS, tooMany)
    const value: unknown = decode(bytes, { ...STRICT, tokenizer })
    if (typeof value === 'object' && value !== null) {
      return { ...value }
    }
  } catch (error) {
    throw new InvalidMessageError('fingerprints: not CBOR', { cause: error })
  }
  throw new InvalidMessageError('fingerprints: not a map')
}

function isDoubles(value: unknown, files: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength === files * DOUBLE_BYTES
}

function checksum(mtimeMs: Uint8Array, ino: Uint8Array): number {
  return crc32(ino, crc32(mtimeMs))
}

function pack(numbers: Float64Array): Uint8Array {
  const bytes = new Uint8Array(numbers.length * DOUBLE_BYTES)
  const view = new DataView(bytes.buffer)
  numbers.forEach((number, index) => {
    view.setFloat64(index * DOUBLE_BYTES, number, true)
  })
  return bytes
}

function unpack(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: bytes.byteLength / DOUBLE_BYTES }, (_, index) =>
    view.getFloat64(index * DOUBLE_BYTES, true)
  )
}
