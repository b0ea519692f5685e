import { crc32 } from 'node:zlib'
import { MAX_LEAVES } from '../constants.ts'
import { Bitfield } from '../swarm/bitfield.ts'

/*
 * The journal of a download: which leaves are on disk. A header, then records of one size, appended only.
 *
 *   header   "P2PSJRNL"  version u16  cid length u16  leaf count u32  cid  crc32 of all before it
 *   record   type u8  zero u24  first u32  second u32  crc32 u32 of the 12 bytes before it
 *
 * All numbers are little-endian. The checksum of a record is continued from that of the header, so a record of another
 * journal does not pass. Records at the end that do not pass are a torn tail: ignored, and written over. One that does
 * not pass with others after it means that the file was damaged, and nobody knows what it named: then nothing is
 * trusted, and whatever content there is gets hashed.
 */

const MAGIC = Buffer.from('P2PSJRNL', 'latin1')
const VERSION = 1
const FIXED_HEADER_BYTES = MAGIC.byteLength + 8
const CRC_BYTES = 4

/** Bytes of one record. */
export const RECORD_BYTES = 16
const RECORD_BODY_BYTES = RECORD_BYTES - CRC_BYTES

/** A CIDv1 with a 32-byte digest has 36 bytes; twice that leaves room for other hashes. */
export const MAX_JOURNAL_CID_BYTES = 72

/** The longest header. */
export const MAX_HEADER_BYTES = FIXED_HEADER_BYTES + MAX_JOURNAL_CID_BYTES + CRC_BYTES

/** Records beyond those for leaves: a checkpoint every 2 s for six days. */
export const EXTRA_JOURNAL_RECORDS = 256 * 1024

/** Records a journal may have: each leaf may be written, dropped and written again, one record each. */
export function maxJournalRecords(leafCount: number): number {
  return 4 * leafCount + EXTRA_JOURNAL_RECORDS
}

const HAVE = 1
const CHECKPOINT = 2
const DROP = 3

/** What a journal belongs to. */
export interface JournalHeader {
  /** Bytes of the root CID. */
  readonly root: Uint8Array
  readonly leafCount: number
}

/** What a record says. */
export type JournalRecord =
  /** The bytes of the leaves `[start, start + count)` were written. */
  | { readonly type: 'have'; readonly start: number; readonly count: number }
  /** Their bytes turned out to be wrong: whatever was said before about these leaves is void. */
  | { readonly type: 'drop'; readonly start: number; readonly count: number }
  /** The bytes named by the first `records` records of this journal have reached the disk. */
  | { readonly type: 'checkpoint'; readonly records: number }

/** What a journal says. */
export interface JournalState {
  /** Leaves that a checkpoint covers. */
  readonly trusted: Bitfield
  /** Leaves written after the last checkpoint: they have to be hashed before they count. Disjoint from `trusted`. */
  readonly unverified: Bitfield
  /** Where the next record goes: the torn tail is not counted. */
  readonly records: number
  /**
   * A record in the middle did not pass, or there are more than `maxJournalRecords`: `trusted` is empty, and
   * `unverified` may lack leaves.
   */
  readonly damaged: boolean
}

/** The header's bytes; its last four seed the checksum of every record (`journalSeed`). */
export function encodeHeader({ root, leafCount }: JournalHeader): Uint8Array {
  const bytes = Buffer.alloc(FIXED_HEADER_BYTES + root.byteLength + CRC_BYTES)
  MAGIC.copy(bytes)
  bytes.writeUInt16LE(VERSION, 8)
  bytes.writeUInt16LE(root.byteLength, 10)
  bytes.writeUInt32LE(leafCount, 12)
  bytes.set(root, FIXED_HEADER_BYTES)
  const end = FIXED_HEADER_BYTES + root.byteLength
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end)
  return bytes
}

/** The header at the start of `bytes`, or `undefined` when there is no intact one of this version. */
export function decodeHeader(bytes: Uint8Array): JournalHeader | undefined {
  const view = asBuffer(bytes)
  if (view.byteLength < FIXED_HEADER_BYTES || !view.subarray(0, MAGIC.byteLength).equals(MAGIC)) {
    return undefined
  }
  const cidBytes = view.readUInt16LE(10)
  const end = FIXED_HEADER_BYTES + cidBytes
  if (view.readUInt16LE(8) !== VERSION || cidBytes > MAX_JOURNAL_CID_BYTES || view.byteLength < end + CRC_BYTES) {
    return undefined
  }
  const leafCount = view.readUInt32LE(12)
  if (crc32(view.subarray(0, end)) !== view.readUInt32LE(end) || leafCount > MAX_LEAVES) {
    return undefined
  }
  return { root: Uint8Array.from(view.subarray(FIXED_HEADER_BYTES, end)), leafCount }
}

/** What the records of a journal with this header continue their checksum from. */
export function journalSeed(header: Uint8Array): number {
  return asBuffer(header).readUInt32LE(header.byteLength - CRC_BYTES)
}

/** One record after another, as they are appended. */
export function encodeRecords(records: readonly JournalRecord[], seed: number): Uint8Array {
  const bytes = Buffer.alloc(records.length * RECORD_BYTES)
  records.forEach((record, slot) => {
    const at = slot * RECORD_BYTES
    if (record.type === 'checkpoint') {
      bytes.writeUInt8(CHECKPOINT, at)
      bytes.writeUInt32LE(record.records, at + 4)
    } else {
      bytes.writeUInt8(record.type === 'have' ? HAVE : DROP, at)
      bytes.writeUInt32LE(record.start, at + 4)
      bytes.writeUInt32LE(record.count, at + 8)
    }
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + RECORD_BODY_BYTES), seed), at + RECORD_BODY_BYTES)
  })
  return bytes
}

/** What the records of one journal are read with. */
export interface ReplayContext {
  /** `journalSeed` of its header. */
  readonly seed: number
  readonly leafCount: number
}

/**
 * The record in `RECORD_BYTES` bytes, or `undefined` when it does not pass. `slot` is its number in the journal: a
 * checkpoint covers only what is before it.
 */
export function decodeRecord(bytes: Uint8Array, context: ReplayContext, slot: number): JournalRecord | undefined {
  return bytes.byteLength === RECORD_BYTES ? recordAt(asBuffer(bytes), 0, context, slot) : undefined
}

/** The body of a record whose checksum is computed: a view for each would be most of what reading a journal allocates. */
const body = Buffer.alloc(RECORD_BODY_BYTES)

function recordAt(view: Buffer, at: number, context: ReplayContext, slot: number): JournalRecord | undefined {
  const bodyEnd = at + RECORD_BODY_BYTES
  view.copy(body, 0, at, bodyEnd)
  if (crc32(body, context.seed) !== view.readUInt32LE(bodyEnd)) {
    return undefined
  }
  const type = view.readUInt32LE(at)
  const first = view.readUInt32LE(at + 4)
  const second = view.readUInt32LE(at + 8)
  if (type === CHECKPOINT) {
    return second === 0 && first <= slot ? { type: 'checkpoint', records: first } : undefined
  }
  if ((type !== HAVE && type !== DROP) || second === 0 || first + second > context.leafCount) {
    return undefined
  }
  return { type: type === HAVE ? 'have' : 'drop', start: first, count: second }
}

/** What the records after a header say together. Never throws: damage is part of the answer. */
export function replay(bytes: Uint8Array, context: ReplayContext): JournalState {
  const { records, durable, damaged } = survey(bytes, context)
  const trusted = new Bitfield(context.leafCount)
  const unverified = new Bitfield(context.leafCount)
  const view = asBuffer(bytes)
  for (let slot = 0; slot < records; slot++) {
    const record = recordAt(view, slot * RECORD_BYTES, context, slot)
    if (record === undefined || record.type === 'checkpoint') {
      continue
    }
    const covered = slot < durable && !damaged
    for (let index = record.start; index < record.start + record.count; index++) {
      if (record.type === 'drop') {
        trusted.clear(index)
        unverified.clear(index)
      } else if (covered) {
        trusted.set(index)
        unverified.clear(index)
      } else if (!trusted.has(index)) {
        unverified.set(index)
      }
    }
  }
  return { trusted, unverified, records, damaged }
}

/** Where the journal really ends, what its last checkpoint covers, and whether it is whole up to there. */
function survey(bytes: Uint8Array, context: ReplayContext): { records: number; durable: number; damaged: boolean } {
  const slots = Math.floor(bytes.byteLength / RECORD_BYTES)
  if (slots > maxJournalRecords(context.leafCount)) {
    return { records: 0, durable: 0, damaged: true }
  }
  let records = 0
  let durable = 0
  let passed = 0
  const view = asBuffer(bytes)
  for (let slot = 0; slot < slots; slot++) {
    const record = recordAt(view, slot * RECORD_BYTES, context, slot)
    if (record !== undefined) {
      passed++
      records = slot + 1
      durable = record.type === 'checkpoint' ? Math.max(durable, record.records) : durable
    }
  }
  return { records, durable, damaged: passed < records }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
