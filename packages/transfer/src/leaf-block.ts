import { createHash, hash } from 'node:crypto'
import { InvalidMessageError } from '@p2pshare/interface'
import type { Envelope, EnvelopeWrap } from './leaf-envelope.ts'
import { leafEnvelope } from './leaf-envelope.ts'
import type { LeafMap, LeafWrap } from './leaf-map.ts'
import type { BuiltLeafMap } from './leaf-map-compact.ts'

/** SHA-256 of the block of a leaf, from its file bytes and without copying them. */
export function leafDigest(wrap: 'raw' | EnvelopeWrap, data: Uint8Array): Buffer {
  if (wrap === 'raw') {
    return hash('sha256', data, 'buffer')
  }
  const { prefix, suffix } = leafEnvelope(wrap, data.byteLength)
  return createHash('sha256').update(prefix).update(data).update(suffix).digest()
}

/**
 * The block of a leaf from its file bytes. For `raw` the data itself is returned, not a copy.
 *
 * @throws InvalidMessageError for `whole`: such a block has more in it than its file bytes.
 */
export function rebuildLeaf(wrap: LeafWrap, data: Uint8Array): Uint8Array {
  switch (wrap) {
    case 'raw':
      return data
    case 'pb-file':
    case 'pb-raw': {
      const { prefix, suffix } = leafEnvelope(wrap, data.byteLength)
      const block = new Uint8Array(prefix.byteLength + data.byteLength + suffix.byteLength)
      block.set(prefix)
      block.set(data, prefix.byteLength)
      block.set(suffix, prefix.byteLength + data.byteLength)
      return block
    }
    case 'whole':
      throw new InvalidMessageError('a whole block cannot be rebuilt from its file bytes')
  }
}

/** A map of any origin; one whose maker saw `whole` leaves can check those too. */
export type VerifiableMap = LeafMap & Partial<Pick<BuiltLeafMap, 'dataDigest'>>

/**
 * Whether `data` are the file bytes of leaf `index`.
 *
 * A dag-pb leaf that was told by its size (`pb-file` in the map) may turn out to be of UnixFS type `Raw`, as in trickle
 * DAGs: both envelopes are tried.
 */
export function verifyLeaf(map: VerifiableMap, index: number, data: Uint8Array): boolean {
  if (data.byteLength !== map.leafBytes(index)) {
    return false
  }
  if (map.wrap(index) === 'whole') {
    const expected = map.dataDigest?.(index)
    return expected !== undefined && leafDigest('raw', data).equals(expected)
  }
  return envelopeOf(map, index, data) !== undefined
}

/** How a leaf is checked: what its hash must be, and the envelopes that may be around its bytes. */
export interface LeafCheck {
  readonly expected: Uint8Array
  /** `undefined` stands for none. Tried in order. */
  readonly envelopes: readonly (Envelope | undefined)[]
}

/** What `verifyLeaf` compares, for another thread. `undefined`: the leaf cannot be checked, so nothing is right. */
export function leafCheck(map: VerifiableMap, index: number): LeafCheck | undefined {
  const wrap = map.wrap(index)
  if (wrap === 'whole') {
    const expected = map.dataDigest?.(index)
    return expected === undefined ? undefined : { expected, envelopes: [undefined] }
  }
  const bytes = map.leafBytes(index)
  const envelopes = wrap === 'raw' ? [undefined] : [leafEnvelope('pb-file', bytes), leafEnvelope('pb-raw', bytes)]
  return { expected: map.digest(index), envelopes }
}

/**
 * The block of leaf `index` from its file bytes, for those who ask for it as a block. `undefined` when `data` are not
 * the leaf's bytes, or the block cannot be rebuilt from them (`whole`).
 */
export function leafBlock(map: LeafMap, index: number, data: Uint8Array): Uint8Array | undefined {
  if (data.byteLength !== map.leafBytes(index) || map.wrap(index) === 'whole') {
    return undefined
  }
  const wrap = envelopeOf(map, index, data)
  return wrap === undefined ? undefined : rebuildLeaf(wrap, data)
}

function envelopeOf(map: LeafMap, index: number, data: Uint8Array): 'raw' | EnvelopeWrap | undefined {
  const candidates = map.wrap(index) === 'raw' ? (['raw'] as const) : (['pb-file', 'pb-raw'] as const)
  const digest = map.digest(index)
  return candidates.find((candidate) => leafDigest(candidate, data).equals(digest))
}
