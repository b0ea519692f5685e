import type { BlobLayout, ReadLeafOptions } from '@p2pshare/interface'

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

/** What of a leaf is read, and where it goes: a view of the caller's buffer, or a new one. */
export interface LeafPart {
  readonly start: number
  readonly buffer: Uint8Array
}

/** @throws OutOfLayoutError for a part that the leaf does not have, and for a buffer that is too short for it. */
export function leafPart(leafBytes: number, { into, start = 0, bytes = leafBytes - start }: ReadLeafOptions): LeafPart {
  if (!Number.isInteger(start) || !Number.isInteger(bytes) || start < 0 || bytes < 0 || start + bytes > leafBytes) {
    throw new OutOfLayoutError(`${bytes} bytes from ${start} of a leaf of ${leafBytes}`)
  }
  if (into === undefined) {
    return { start, buffer: new Uint8Array(bytes) }
  }
  if (into.byteLength < bytes) {
    throw new OutOfLayoutError(`a buffer of ${into.byteLength} bytes for ${bytes}`)
  }
  return { start, buffer: into.subarray(0, bytes) }
}
