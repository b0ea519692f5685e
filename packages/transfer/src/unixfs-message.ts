import { InvalidMessageError } from '@p2pshare/interface'
import { MessageReader } from './varint.ts'

/** `DataType` of the UnixFS schema. */
export const UnixFsType = Object.freeze({
  raw: 0,
  directory: 1,
  file: 2,
  metadata: 3,
  symlink: 4,
  shard: 5
} as const)

/** The fields of a UnixFS `Data` message that decide what a node is. Mode and mtime are left alone. */
export interface UnixFsMessage {
  readonly type: number
  readonly data: Uint8Array | undefined
  readonly filesize: number | undefined
  readonly blocksizes: readonly number[]
  readonly hashType: number | undefined
  readonly fanout: number | undefined
}

const VARINT = 0
const BYTES = 2

/**
 * Read a UnixFS message from somebody else. (`ipfs-unixfs` drops the file size, which a leaf map must compare.)
 *
 * @param maxBlocksizes - links of the node that holds the message: each has one size.
 * @throws InvalidMessageError for bytes that are no such message.
 */
export function readUnixFs(bytes: Uint8Array, maxBlocksizes: number): UnixFsMessage {
  const reader = new MessageReader(bytes)
  const blocksizes: number[] = []
  let type: number | undefined
  let data: Uint8Array | undefined
  let filesize: number | undefined
  let hashType: number | undefined
  let fanout: number | undefined
  const addBlocksize = (size: number): void => {
    if (blocksizes.length === maxBlocksizes) {
      throw new InvalidMessageError(`more than ${maxBlocksizes} block sizes for as many links`)
    }
    blocksizes.push(size)
  }
  while (!reader.done) {
    const tag = reader.varint()
    const wireType = tag % 8
    const field = (tag - wireType) / 8
    if (field === 2 && wireType === BYTES) {
      data = reader.bytes()
    } else if (field === 4 && wireType === BYTES) {
      for (const packed = new MessageReader(reader.bytes()); !packed.done;) {
        addBlocksize(packed.varint())
      }
    } else if (field >= 1 && field <= 6 && field !== 2) {
      if (wireType !== VARINT) {
        throw new InvalidMessageError(`UnixFS field ${field} has wire type ${wireType}`)
      }
      const value = reader.varint()
      if (field === 1) {
        type = value
      } else if (field === 3) {
        filesize = value
      } else if (field === 4) {
        addBlocksize(value)
      } else if (field === 5) {
        hashType = value
      } else {
        fanout = value
      }
    } else if (field === 0 || field === 2) {
      throw new InvalidMessageError(`UnixFS field ${field} has wire type ${wireType}`)
    } else {
      reader.skip(wireType)
    }
  }
  if (type === undefined) {
    throw new InvalidMessageError('UnixFS message without a type')
  }
  return { type, data, filesize, blocksizes, hashType, fanout }
}
