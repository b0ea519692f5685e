import { InvalidMessageError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import { MAX_NODE_BYTES } from '../../constants.ts'
import { delimit } from '../../wire/delimited.ts'
import { MAX_CID_BYTES } from '../../wire/limits.ts'
import * as wire from './messages.ts'

/** A request: two CIDs of `MAX_CID_BYTES`, an id, their tags, and room for fields of later versions. */
export const MAX_BLOCK_REQUEST_BYTES = 128

/** What stands before a block in an answer: three numbers, and room for fields of later versions. */
export const MAX_BLOCK_ANSWER_BYTES = 64

/** Somebody wants a block (SPEC.md#small-content). */
export interface BlockRequest {
  /** The asker's own, not 0. */
  readonly id: number
  readonly cid: CID
  /** The share whose DAG has it. @default the block is itself the root of a share */
  readonly root?: CID
}

/** Why there is no block. */
export type BlockRefusal = 'not-held' | 'busy' | 'banned'

/** The answer to a request; `bytes` bytes of block follow it. */
export type BlockAnswer =
  | { readonly id: number; readonly bytes: number; readonly refusal?: undefined }
  | { readonly id: number; readonly refusal: BlockRefusal }

const REFUSALS: Readonly<Record<BlockRefusal, wire.Refusal>> = {
  'not-held': wire.Refusal.BLOCK_NOT_HELD,
  busy: wire.Refusal.BLOCK_BUSY,
  banned: wire.Refusal.BLOCK_BANNED
}

/** A request with its length before it. */
export function encodeBlockRequest({ id, cid, root }: BlockRequest): Uint8Array {
  const request = { id, cid: new Uint8Array(cid.bytes), ...(root && { root: new Uint8Array(root.bytes) }) }
  return delimit(wire.BlockRequest.encode(request))
}

/** Throws only `InvalidMessageError`, whatever the bytes are. */
export function decodeBlockRequest(bytes: Uint8Array): BlockRequest {
  const { id, cid, root } = parse('request', bytes, (input) => wire.BlockRequest.decode(input))
  return { id: toId(id), cid: toCid(cid), ...(root.byteLength > 0 && { root: toCid(root) }) }
}

/** What stands before the block, with its length before it. */
export function encodeBlockAnswer(answer: BlockAnswer): Uint8Array {
  const { id } = answer
  return delimit(
    wire.BlockAnswer.encode(
      answer.refusal === undefined ? { id, bytes: answer.bytes } : { id, refusal: REFUSALS[answer.refusal] }
    )
  )
}

/** Throws only `InvalidMessageError`, whatever the bytes are. */
export function decodeBlockAnswer(header: Uint8Array): BlockAnswer {
  const { id, bytes, refusal } = parse('answer', header, (input) => wire.BlockAnswer.decode(input))
  if (refusal !== wire.Refusal.REFUSAL_UNSPECIFIED) {
    if (bytes !== 0) {
      throw new InvalidMessageError(`a refused block of ${bytes} bytes`)
    }
    return { id: toId(id), refusal: toRefusal(refusal) }
  }
  if (bytes > MAX_NODE_BYTES) {
    throw new InvalidMessageError(`a block of ${bytes} bytes, at most ${MAX_NODE_BYTES}`)
  }
  return { id: toId(id), bytes }
}

function parse<T>(what: string, bytes: Uint8Array, decode: (bytes: Uint8Array) => T): T {
  try {
    return decode(bytes)
  } catch (error) {
    throw new InvalidMessageError(`a block ${what} does not decode`, { cause: error })
  }
}

function toId(id: number): number {
  if (id === 0) {
    throw new InvalidMessageError('a block message without an id')
  }
  return id
}

function toCid(bytes: Uint8Array): CID {
  if (bytes.byteLength > MAX_CID_BYTES) {
    throw new InvalidMessageError(`CID of ${bytes.byteLength} bytes, at most ${MAX_CID_BYTES}`)
  }
  return parse('CID', bytes, (input) => CID.decode(input))
}

/** One that this version does not know says at least that there is no block. */
function toRefusal(refusal: wire.Refusal): BlockRefusal {
  switch (refusal) {
    case wire.Refusal.BLOCK_BUSY:
      return 'busy'
    case wire.Refusal.BLOCK_BANNED:
      return 'banned'
    default:
      return 'not-held'
  }
}
