import { InvalidMessageError } from '@p2pshare/interface'
import type { Range } from '../swarm/bitfield.ts'
import { MAX_RANGES } from './limits.ts'

/**
 * Ranges on the wire: pairs of unsigned varints, the gap since the end of the range before and the count, ascending
 * and disjoint (SPEC.md#ranges). A set of indices has exactly one form: adjacent ranges are joined.
 */
export function encodeRanges(ranges: readonly Range[]): Uint8Array<ArrayBuffer> {
  const out: number[] = []
  let end = 0
  for (const { start, count } of ranges) {
    pushVarint(out, start - end)
    pushVarint(out, count)
    end = start + count
  }
  return Uint8Array.from(out)
}

/** Throws `InvalidMessageError` unless `bytes` is the one form of at most `MAX_RANGES` ranges below `limit`. */
export function decodeRanges(bytes: Uint8Array, limit: number): Range[] {
  const ranges: Range[] = []
  let at = 0
  let end = 0
  while (at < bytes.byteLength) {
    if (ranges.length === MAX_RANGES) {
      throw new InvalidMessageError(`more than ${MAX_RANGES} ranges`)
    }
    const gap = readVarint(bytes, at)
    const count = readVarint(bytes, gap.next)
    const start = end + gap.value
    if (count.value === 0 || (gap.value === 0 && ranges.length > 0) || start + count.value > limit) {
      throw new InvalidMessageError(`range ${ranges.length}: ${count.value} from ${start}, limit ${limit}`)
    }
    ranges.push({ start, count: count.value })
    end = start + count.value
    at = count.next
  }
  return ranges
}

function pushVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.push(rest)
}

/** Unsigned 32-bit, minimal form only. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0
  for (let length = 0; length < 5; length++) {
    const byte = bytes[at + length]
    if (byte === undefined) {
      throw new InvalidMessageError('a range ends in the middle of a number')
    }
    value += (byte & 0x7f) * 2 ** (7 * length)
    if (byte < 0x80) {
      if ((byte === 0 && length > 0) || value > 0xffffffff) {
        break
      }
      return { value, next: at + length + 1 }
    }
  }
  throw new InvalidMessageError('a number in a range is too long')
}
