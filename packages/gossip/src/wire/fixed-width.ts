import { InvalidMessageError } from '@p2pshare/interface'

/** Bytes of a claim id on the wire: 53 bits. */
export const ID_BYTES = 7
const HIGH_UNIT = 2 ** 32
const HIGH_MASK = 0x1fffff

/** Numbers below 2^53, 7 bytes each. */
export function packIds(ids: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ids.length * ID_BYTES)
  const view = new DataView(bytes.buffer)
  ids.forEach((id, index) => {
    const high = Math.floor(id / HIGH_UNIT)
    view.setUint8(index * ID_BYTES, high >>> 16)
    view.setUint16(index * ID_BYTES + 1, high & 0xffff)
    view.setUint32(index * ID_BYTES + 3, id >>> 0)
  })
  return bytes
}

/** Throws `InvalidMessageError` before it allocates. */
export function unpackIds(bytes: Uint8Array, max: number): number[] {
  const view = viewOf('ids', bytes, ID_BYTES, max)
  const ids: number[] = []
  for (let offset = 0; offset < bytes.byteLength; offset += ID_BYTES) {
    const high = view.getUint8(offset) * 0x10000 + view.getUint16(offset + 1)
    if (high > HIGH_MASK) {
      throw new InvalidMessageError('frame.ids: one has more than 53 bits')
    }
    ids.push(high * HIGH_UNIT + view.getUint32(offset + 3))
  }
  return ids
}

/** Numbers below 2^16 or 2^32, 2 or 4 bytes each. */
export function packNumbers(numbers: readonly number[], width: 2 | 4): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(numbers.length * width)
  const view = new DataView(bytes.buffer)
  numbers.forEach((value, index) => {
    if (width === 2) {
      view.setUint16(index * width, value)
    } else {
      view.setUint32(index * width, value >>> 0)
    }
  })
  return bytes
}

/** Throws `InvalidMessageError` before it allocates. */
export function unpackNumbers(bytes: Uint8Array, width: 2 | 4, max: number): number[] {
  const view = viewOf('buckets', bytes, width, max)
  const numbers: number[] = []
  for (let offset = 0; offset < bytes.byteLength; offset += width) {
    numbers.push(width === 2 ? view.getUint16(offset) : view.getUint32(offset))
  }
  return numbers
}

function viewOf(field: string, bytes: Uint8Array, width: number, max: number): DataView {
  if (bytes.byteLength % width !== 0) {
    throw new InvalidMessageError(`frame.${field}: ${bytes.byteLength} bytes, a multiple of ${width} is needed`)
  }
  if (bytes.byteLength / width > max) {
    throw new InvalidMessageError(`frame.${field}: ${bytes.byteLength / width} elements, at most ${max}`)
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
