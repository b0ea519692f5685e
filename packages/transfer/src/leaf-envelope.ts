import { varintBytes, writeVarint } from './varint.ts'

// dag-pb: Data is field 1. UnixFS: Type, Data, filesize are fields 1, 2, 3.
const TAG_BYTES_1 = 0x0a
const TAG_VARINT_1 = 0x08
const TAG_BYTES_2 = 0x12
const TAG_VARINT_3 = 0x18

const UNIXFS_TYPE = { 'pb-raw': 0, 'pb-file': 2 } as const

/** Wraps whose block is an envelope around the file bytes. */
export type EnvelopeWrap = keyof typeof UNIXFS_TYPE

/** What stands before and after the file bytes in a leaf's block. */
export interface Envelope {
  readonly prefix: Uint8Array
  readonly suffix: Uint8Array
}

/** Bytes of the UnixFS message of a leaf with `n` bytes of data. An empty data field is left out, as Kubo does. */
function messageBytes(n: number): number {
  return 2 + (n === 0 ? 0 : 1 + varintBytes(n) + n) + 1 + varintBytes(n)
}

/** Bytes of the canonical dag-pb block around `n` bytes of file data; the same for UnixFS `File` and `Raw`. */
export function pbLeafBytes(n: number): number {
  const message = messageBytes(n)
  return 1 + varintBytes(message) + message
}

/** The canonical envelope around `n` bytes of file data. */
export function leafEnvelope(wrap: EnvelopeWrap, n: number): Envelope {
  const message = messageBytes(n)
  const prefix = new Uint8Array(1 + varintBytes(message) + 2 + (n === 0 ? 0 : 1 + varintBytes(n)))
  const suffix = new Uint8Array(1 + varintBytes(n))
  prefix[0] = TAG_BYTES_1
  let at = writeVarint(prefix, 1, message)
  prefix[at++] = TAG_VARINT_1
  prefix[at++] = UNIXFS_TYPE[wrap]
  if (n > 0) {
    prefix[at++] = TAG_BYTES_2
    writeVarint(prefix, at, n)
  }
  suffix[0] = TAG_VARINT_3
  writeVarint(suffix, 1, n)
  return { prefix, suffix }
}
