import { InvalidMessageError } from '@p2pshare/interface'
import { BLOCK_BYTES, MAX_LEAF_BYTES, MAX_LEAVES, MAX_NODE_BYTES } from '../constants.ts'
import { MAX_NODE_CIDS } from './limits.ts'

/** Bytes of the header before each body on the data lane (SPEC.md#data-lane). */
export const FRAME_HEADER_BYTES = 16

const KIND_DATA = 1
const KIND_NODE = 2

/**
 * What follows a header on the data lane. `data`: a run of consecutive blocks of one leaf, file bytes only. `node`: the
 * block for the CID at place `ordinal` of GET_NODES `request`.
 */
export type FrameHeader =
  | { readonly kind: 'data'; readonly leaf: number; readonly firstBlock: number; readonly bytes: number }
  | { readonly kind: 'node'; readonly request: number; readonly ordinal: number; readonly bytes: number }

/** u8 kind, 3 zero bytes, then three big-endian u32: leaf or request, first block or ordinal, body bytes. */
export function encodeFrameHeader(header: FrameHeader): Uint8Array {
  const out = new Uint8Array(FRAME_HEADER_BYTES)
  writeFrameHeader(out, header)
  return out
}

/** The same at the start of `out`. */
export function writeFrameHeader(out: Uint8Array, header: FrameHeader): void {
  const view = new DataView(out.buffer, out.byteOffset, FRAME_HEADER_BYTES)
  view.setUint32(0, (header.kind === 'data' ? KIND_DATA : KIND_NODE) << 24)
  view.setUint32(4, header.kind === 'data' ? header.leaf : header.request)
  view.setUint32(8, header.kind === 'data' ? header.firstBlock : header.ordinal)
  view.setUint32(12, header.bytes)
}

/**
 * Throws `InvalidMessageError` for unknown kinds, reserved bytes that are set, bodies over 2 MiB, empty data, and
 * subjects that no message can have named.
 */
export function decodeFrameHeader(header: Uint8Array): FrameHeader {
  if (header.byteLength !== FRAME_HEADER_BYTES) {
    throw new InvalidMessageError(`frame header of ${header.byteLength} bytes, expected ${FRAME_HEADER_BYTES}`)
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  const word = view.getUint32(0)
  const subject = view.getUint32(4)
  const position = view.getUint32(8)
  const bytes = view.getUint32(12)
  if (bytes > MAX_NODE_BYTES) {
    throw new InvalidMessageError(`frame body of ${bytes} bytes, at most ${MAX_NODE_BYTES}`)
  }
  switch (word) {
    case KIND_DATA << 24:
      if (subject >= MAX_LEAVES || bytes === 0 || position * BLOCK_BYTES + bytes > MAX_LEAF_BYTES) {
        throw new InvalidMessageError(`data frame of ${bytes} bytes from block ${position} of leaf ${subject}`)
      }
      return { kind: 'data', leaf: subject, firstBlock: position, bytes }
    case KIND_NODE << 24:
      if (subject === 0 || position >= MAX_NODE_CIDS) {
        throw new InvalidMessageError(`node frame for place ${position} of get-nodes ${subject}`)
      }
      return { kind: 'node', request: subject, ordinal: position, bytes }
    default:
      throw new InvalidMessageError(`frame of unknown kind 0x${word.toString(16)}`)
  }
}

/** Where the body of one frame goes. */
export interface FrameBody {
  /** Where the next bytes belong; never empty. It is the lane's to write to until `filled` or `end`. */
  room(): Uint8Array
  /** The first `bytes` of the last room are bytes of the body. */
  filled(bytes: number): void
  /** Nothing more comes: the body is complete, or else its lane ended before. */
  end(isComplete: boolean): void
}

/** Takes what a `FrameReader` finds. */
export interface FrameSink {
  /**
   * A header was read. `undefined`: there is no room for its body now. The lane stops, `wake` is called when there may
   * be, and then the same header comes again.
   *
   * @throws InvalidMessageError for a frame that must not be sent
   */
  open(header: FrameHeader, wake: () => void): FrameBody | undefined
}
