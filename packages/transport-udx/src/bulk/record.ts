import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { UdxBulkChannelError } from '../errors.ts'
import { MAX_RECORD_BYTES } from './constants.ts'
import { free } from './free.ts'

const CIPHER = 'aes-256-gcm'
const TAG_BYTES = 16
const NONCE_BYTES = 12

/** Type (1), bytes of the body (3), number (6). */
export const RECORD_HEADER_BYTES = 10

/** What a record has beside its body. */
export const RECORD_OVERHEAD_BYTES = RECORD_HEADER_BYTES + TAG_BYTES

/** `data`; `credit`, whose number says how many bytes were taken in all; `end`, behind the last data. */
export type RecordType = 'data' | 'credit' | 'end'

const TYPES: readonly RecordType[] = ['data', 'credit', 'end']

export interface BulkRecord {
  readonly type: RecordType
  /** Of data and end: counted from 0 over all lanes. Of credit: the bytes that were taken. */
  readonly number: number
  readonly body: Uint8Array
}

export interface RecordToSeal {
  readonly type: RecordType
  readonly number: number
  /** @default nothing */
  readonly parts?: readonly Uint8Array[]
}

/** What the head of a record says, before anybody knows whether it is true. */
export interface RecordHeader {
  readonly type: RecordType
  readonly number: number
  readonly bytes: number
}

/**
 * Writes one record to the start of `buffer` and returns it. The parts are its body, and are not referred to any more. No two
 * of one key have the same type and number, except for credits, which are the same then.
 */
export function sealRecord(
  key: KeyObject,
  { type, number, parts = [] }: RecordToSeal,
  buffer: Buffer = Buffer.allocUnsafe(RECORD_OVERHEAD_BYTES + sizeOf(parts))
): Buffer {
  const bytes = sizeOf(parts)
  buffer.writeUIntBE(TYPES.indexOf(type), 0, 1)
  buffer.writeUIntBE(bytes, 1, 3)
  buffer.writeUIntBE(number, 4, 6)
  const header = buffer.subarray(0, RECORD_HEADER_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonceOf(header))
  cipher.setAAD(header)
  let at = RECORD_HEADER_BYTES
  for (const part of parts) {
    const sealed = cipher.update(part)
    buffer.set(sealed, at)
    at += sealed.byteLength
    free(sealed)
  }
  cipher.final()
  buffer.set(cipher.getAuthTag(), at)
  return buffer.subarray(0, at + TAG_BYTES)
}

/** Throws `UdxBulkChannelError` for a head that no record has. */
export function readRecordHeader(bytes: Buffer): RecordHeader {
  const type = TYPES[bytes.readUIntBE(0, 1)]
  const length = bytes.readUIntBE(1, 3)
  if (type === undefined || length > MAX_RECORD_BYTES || (type === 'data') === (length === 0)) {
    throw new UdxBulkChannelError('protocol', `a record that cannot be, of ${length} bytes`)
  }
  return { type, number: bytes.readUIntBE(4, 6), bytes: length }
}

/** Reads a whole record. Throws `UdxBulkChannelError` when it was not sealed with the key. */
export function openRecord(key: KeyObject, record: Buffer): BulkRecord {
  if (record.byteLength < RECORD_OVERHEAD_BYTES) {
    throw new UdxBulkChannelError('protocol', `a record of ${record.byteLength} bytes`)
  }
  const { type, number, bytes } = readRecordHeader(record)
  if (record.byteLength !== RECORD_OVERHEAD_BYTES + bytes) {
    throw new UdxBulkChannelError('protocol', 'a record of another length than it says')
  }
  const header = record.subarray(0, RECORD_HEADER_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonceOf(header))
  decipher.setAAD(header)
  const end = RECORD_HEADER_BYTES + bytes
  decipher.setAuthTag(record.subarray(end, end + TAG_BYTES))
  try {
    const body = decipher.update(record.subarray(RECORD_HEADER_BYTES, end))
    decipher.final()
    return { type, number, body }
  } catch (error) {
    throw new UdxBulkChannelError('protocol', 'a record that was not sealed by the peer', { cause: error })
  }
}

/** Type and number, which together are never used twice. */
function nonceOf(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(header.subarray(0, 1), 0)
  nonce.set(header.subarray(4, RECORD_HEADER_BYTES), NONCE_BYTES - 6)
  return nonce
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
