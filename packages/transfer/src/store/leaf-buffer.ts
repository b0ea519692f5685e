import type { BlobLayout } from '@p2pshare/interface'

/** An index, or a number of bytes, that the layout does not have. Its name stays `RangeError`, as `BlobStore` has it. */
export class OutOfLayoutError extends RangeError {
  readonly code = 'ERR_OUT_OF_LAYOUT'
  readonly fault = 'local'
}

/** @throws OutOfLayoutError unless `bytes` can be leaf `index` by its length. */
export function checkLeaf(layout: BlobLayout, index: number, bytes: Uint8Array): void {
  if (!Number.isInteger(index) || index < 0 || index >= layout.leafCount) {
    throw new OutOfLayoutError(`leaf ${index} of ${layout.leafCount}`)
  }
  const expected = layout.leafBytes(index)
  if (bytes.byteLength !== expected) {
    throw new OutOfLayoutError(`${bytes.byteLength} bytes for leaf ${index}, which has ${expected}`)
  }
}

/** `length` bytes to read a leaf into: a view of the caller's buffer, or a new one. */
export function leafBuffer(length: number, into: Uint8Array | undefined): Uint8Array {
  if (into === undefined) {
    return new Uint8Array(length)
  }
  if (into.byteLength < length) {
    throw new OutOfLayoutError(`a buffer of ${into.byteLength} bytes for a leaf of ${length}`)
  }
  return into.subarray(0, length)
}
