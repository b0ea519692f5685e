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
  const view = new DataView(out.buffer)
  view.setUint8(0, header.kind === 'data' ? KIND_DATA : KIND_NODE)
  view.setUint32(4, header.kind === 'data' ? header.leaf : header.request)
  view.setUint32(8, header.kind === 'data' ? header.firstBlock : header.ordinal)
  view.setUint32(12, header.bytes)
  return out
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

/** Receives what a `FrameParser` finds. Pieces are views that are only valid during the call. */
export interface FrameSink {
  header(header: FrameHeader): void
  /** Part of the body of the last header; `last` when it is complete. */
  body(piece: Uint8Array, last: boolean): void
}

/** Cuts a byte stream into headers and body pieces without copying bodies. */
export class FrameParser {
  readonly #sink: FrameSink
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES)
  #headerFill = 0
  #bodyLeft = 0

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      at += this.#bodyLeft > 0 ? this.#takeBody(chunk, at) : this.#takeHeader(chunk, at)
    }
  }

  #takeBody(chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + this.#bodyLeft)
    this.#bodyLeft -= piece.byteLength
    this.#sink.body(piece, this.#bodyLeft === 0)
    return piece.byteLength
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + FRAME_HEADER_BYTES - this.#headerFill)
    this.#header.set(piece, this.#headerFill)
    this.#headerFill += piece.byteLength
    if (this.#headerFill === FRAME_HEADER_BYTES) {
      this.#headerFill = 0
      const header = decodeFrameHeader(this.#header)
      this.#bodyLeft = header.bytes
      this.#sink.header(header)
      if (header.bytes === 0) {
        this.#sink.body(new Uint8Array(), true) // the block of an empty file
      }
    }
    return piece.byteLength
  }
}
