import { hash } from 'node:crypto'
import { UnixFS } from 'ipfs-unixfs'
import { BlockKind, CID_PREFIX, cidBytes } from '../block-kind.ts'
import { FANOUT, MURMUR3, writeSlots } from '../hamt-node.ts'
import { varintBytes, writeVarint } from '../varint.ts'
import type { BlockRef, LinkList } from './link-list.ts'
import type { Profile } from './profile.ts'

/** A block ready to be kept. */
export interface EncodedNode {
  readonly kind: BlockKind
  readonly digest: Uint8Array
  readonly bytes: Uint8Array
}

// dag-pb: PBNode.Data is field 1, Links 2; PBLink.Hash, Name, Tsize are 1, 2, 3
const TAG_BYTES_1 = 0x0a
const TAG_BYTES_2 = 0x12
const TAG_VARINT_3 = 0x18

/** The kind of every dag-pb block of a profile. */
export function pbKind(profile: Profile): BlockKind {
  return profile.cidVersion === 0 ? BlockKind.pbV0 : BlockKind.pbV1
}

function linkBodyBytes(nameBytes: number, kind: BlockKind, tsize: number): number {
  const cid = cidBytes(kind)
  return 1 + varintBytes(cid) + cid + 1 + varintBytes(nameBytes) + nameBytes + 1 + varintBytes(tsize)
}

/** Bytes a link takes in its node. */
export function linkBytes(nameBytes: number, kind: BlockKind, tsize: number): number {
  const body = linkBodyBytes(nameBytes, kind, tsize)
  return 1 + varintBytes(body) + body
}

/**
 * A dag-pb node, byte for byte as Kubo writes it: links in the order given, each with hash, name and size, then data.
 * (`@ipld/dag-pb` needs a CID object for each link; a large directory has none to spare.)
 */
export function encodePbNode(links: LinkList, data: Uint8Array): Uint8Array {
  let size = 1 + varintBytes(data.byteLength) + data.byteLength
  for (let index = 0; index < links.length; index++) {
    size += linkBytes(Buffer.byteLength(links.name(index)), links.kind(index), links.tsize(index))
  }
  const bytes = new Uint8Array(size)
  const text = Buffer.from(bytes.buffer)
  let at = 0
  for (let index = 0; index < links.length; index++) {
    const kind = links.kind(index)
    const name = links.name(index)
    const nameBytes = Buffer.byteLength(name)
    bytes[at++] = TAG_BYTES_2
    at = writeVarint(bytes, at, linkBodyBytes(nameBytes, kind, links.tsize(index)))
    bytes[at++] = TAG_BYTES_1
    at = writeVarint(bytes, at, cidBytes(kind))
    bytes.set(CID_PREFIX[kind], at)
    at += CID_PREFIX[kind].byteLength
    bytes.set(links.digest(index), at)
    at += links.digest(index).byteLength
    bytes[at++] = TAG_BYTES_2
    at = writeVarint(bytes, at, nameBytes)
    at += text.write(name, at)
    bytes[at++] = TAG_VARINT_3
    at = writeVarint(bytes, at, links.tsize(index))
  }
  bytes[at++] = TAG_BYTES_1
  at = writeVarint(bytes, at, data.byteLength)
  bytes.set(data, at)
  return bytes
}

/** Encode and hash; `tsize` of the result counts everything below too. */
export function makeNode(
  links: LinkList,
  data: Uint8Array,
  profile: Profile
): { readonly node: EncodedNode; readonly ref: BlockRef } {
  const bytes = encodePbNode(links, data)
  const digest = hash('sha256', bytes, 'buffer')
  const kind = pbKind(profile)
  let tsize = bytes.byteLength
  for (let index = 0; index < links.length; index++) {
    tsize += links.tsize(index)
  }
  return { node: { kind, digest, bytes }, ref: { kind, digest, tsize } }
}

/** UnixFS message of a file node with links. */
export function fileData(blocksizes: readonly number[]): Uint8Array {
  return new UnixFS({ type: 'file', blockSizes: blocksizes.map(BigInt) }).marshal()
}

/** UnixFS message of every basic directory. */
export const DIRECTORY_DATA: Uint8Array = new UnixFS({ type: 'directory' }).marshal()

/** UnixFS message of a symlink; the target as the system has it, of any encoding. */
export function symlinkData(target: Uint8Array): Uint8Array {
  return new UnixFS({ type: 'symlink', data: target }).marshal()
}

/** UnixFS message of a HAMT node that uses these slots. */
export function shardData(slots: readonly number[]): Uint8Array {
  return new UnixFS({
    type: 'hamt-sharded-directory',
    data: writeSlots(slots),
    fanout: BigInt(FANOUT),
    hashType: BigInt(MURMUR3)
  }).marshal()
}
