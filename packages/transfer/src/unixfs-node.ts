import { decode } from '@ipld/dag-pb'
import type { PBLink, PBNode } from '@ipld/dag-pb'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { BlockKind, blockKindOf } from './block-kind.ts'
import { MAX_LEAF_BYTES, MAX_NODE_BYTES, MAX_PATH_BYTES } from './constants.ts'
import { UnsupportedDagError } from './errors.ts'
import { FANOUT, readSlots, slotLabel } from './hamt-node.ts'
import { leafEnvelope, pbLeafBytes } from './leaf-envelope.ts'
import type { LeafWrap } from './leaf-map.ts'
import { readUnixFs, UnixFsType } from './unixfs-message.ts'
import type { UnixFsMessage } from './unixfs-message.ts'
import { MessageReader } from './varint.ts'

/** Field 2, bytes. */
const LINK_TAG = 0x12

/** A link with a CID of version 0, the shortest one of those that are supported. */
const MIN_LINK_BYTES = 36

/** Links shorter than that which are decoded, to say what is wrong with them: one of two bytes takes a kilobyte. */
export const MAX_SHORT_LINKS = 64

/** A link with its CID sorted. */
export interface DagLink {
  readonly cid: CID
  readonly kind: BlockKind
}

/** A link of a file node: the next `bytes` bytes of the file. */
export interface FileLink extends DagLink {
  readonly bytes: number
  /** Certainly a leaf; else the block must be looked at. */
  readonly leaf: boolean
}

/** A link of a directory. */
export interface EntryLink extends DagLink {
  readonly name: string
  /** Size of a raw child, which is a file of one leaf; `undefined` for dag-pb, whose block must be looked at. */
  readonly bytes: number | undefined
}

/** A link of a HAMT shard; with an empty name the child is the next level of the same directory. */
export interface ShardLink extends EntryLink {
  readonly slot: number
}

/** A block of a UnixFS DAG that passed every check that needs no other block. */
export type UnixFsNode =
  | { readonly type: 'leaf'; readonly wrap: LeafWrap; readonly data: Uint8Array }
  | { readonly type: 'file'; readonly bytes: number; readonly links: readonly FileLink[] }
  | { readonly type: 'directory'; readonly links: readonly EntryLink[] }
  | { readonly type: 'shard'; readonly links: readonly ShardLink[] }
  | { readonly type: 'symlink'; readonly target: string }

/** SHA-256 of nothing: the only block a link of size 0 may name. */
const EMPTY_DIGEST = Uint8Array.of(
  ...[0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24],
  ...[0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55]
)

const utf8 = new TextDecoder()

/**
 * Decode one block of a share. The caller has compared its hash with `cid`.
 *
 * @throws UnsupportedDagError for a DAG that cannot become files: other codecs, hashes, types, sizes that do not add up.
 * @throws InvalidMessageError for bytes that are no dag-pb or UnixFS message.
 */
export function readNode(cid: CID, block: Uint8Array): UnixFsNode {
  if (blockKindOf(cid) === BlockKind.raw) {
    checkLeafBytes(cid, block.byteLength)
    return { type: 'leaf', wrap: 'raw', data: block }
  }
  const node = readPbNode(cid, block)
  if (node.Data === undefined) {
    throw new UnsupportedDagError('dag-pb node without UnixFS data', cid)
  }
  const message = readUnixFs(node.Data, node.Links.length)
  switch (message.type) {
    case UnixFsType.raw:
    case UnixFsType.file:
      return node.Links.length === 0 ? leafOf(cid, block, message) : fileOf(cid, node, message)
    case UnixFsType.directory:
      return { type: 'directory', links: entriesOf(cid, block, node, message) }
    case UnixFsType.shard:
      return { type: 'shard', links: shardOf(cid, block, node, message) }
    case UnixFsType.symlink:
      return { type: 'symlink', target: targetOf(cid, node, message) }
    default:
      throw new UnsupportedDagError(`UnixFS type ${message.type} is not supported`, cid)
  }
}

function readPbNode(cid: CID, block: Uint8Array): PBNode {
  let node: PBNode
  checkLinks(cid, block)
  try {
    node = decode(block)
  } catch (error) {
    throw new InvalidMessageError(`${cid.toString()} is not a dag-pb node`, { cause: error })
  }
  // the data of a leaf has its own bound
  if (node.Links.length > 0 && block.byteLength > MAX_NODE_BYTES) {
    throw new UnsupportedDagError(`node of ${block.byteLength} bytes, at most ${MAX_NODE_BYTES} are supported`, cid)
  }
  return node
}

/** What cannot be links is not decoded as thousands of them. */
function checkLinks(cid: CID, block: Uint8Array): void {
  let short = 0
  for (const reader = new MessageReader(block); !reader.done;) {
    const tag = reader.varint()
    if (tag % 8 !== 2) {
      return // dag-pb has no such field: it is refused
    }
    if (reader.skipBytes() < MIN_LINK_BYTES && tag === LINK_TAG && ++short > MAX_SHORT_LINKS) {
      throw new UnsupportedDagError('links that are too short to have a hash that is supported', cid)
    }
  }
}

function leafOf(cid: CID, block: Uint8Array, message: UnixFsMessage): UnixFsNode {
  const data = message.data ?? new Uint8Array(0)
  checkLeafBytes(cid, data.byteLength)
  if (message.blocksizes.length > 0 || (message.filesize !== undefined && message.filesize !== data.byteLength)) {
    throw new UnsupportedDagError(`leaf of ${data.byteLength} bytes says it has another size`, cid)
  }
  const wrap = message.type === UnixFsType.file ? 'pb-file' : 'pb-raw'
  return { type: 'leaf', wrap: isCanonical(wrap, block, data) ? wrap : 'whole', data }
}

/** Whether the envelope rebuilds byte for byte: the parts around the data are all that can differ. */
function isCanonical(wrap: 'pb-file' | 'pb-raw', block: Uint8Array, data: Uint8Array): boolean {
  const { prefix, suffix } = leafEnvelope(wrap, data.byteLength)
  const end = block.byteLength - suffix.byteLength
  return (
    end === prefix.byteLength + data.byteLength &&
    Buffer.compare(block.subarray(0, prefix.byteLength), prefix) === 0 &&
    Buffer.compare(block.subarray(end), suffix) === 0
  )
}

function fileOf(cid: CID, node: PBNode, message: UnixFsMessage): UnixFsNode {
  if (message.data !== undefined && message.data.byteLength > 0) {
    throw new UnsupportedDagError('file node with both data and links', cid)
  }
  if (message.blocksizes.length !== node.Links.length) {
    throw new UnsupportedDagError(`${node.Links.length} links but ${message.blocksizes.length} block sizes`, cid)
  }
  let total = 0
  const links = node.Links.map((link, index): FileLink => {
    const bytes = message.blocksizes[index] ?? 0
    // no importer makes empty parts, and without them the number of leaves bounds the number of nodes
    if (bytes === 0) {
      throw new UnsupportedDagError('file node with an empty part', cid)
    }
    total += bytes
    const kind = blockKindOf(link.Hash)
    const leaf = kind === BlockKind.raw || (bytes <= MAX_LEAF_BYTES && link.Tsize === pbLeafBytes(bytes))
    if (leaf) {
      checkLeafBytes(cid, bytes)
    }
    return { cid: link.Hash, kind, bytes, leaf }
  })
  if (total !== message.filesize || !Number.isSafeInteger(total)) {
    throw new UnsupportedDagError(`block sizes add up to ${total}, file size is ${message.filesize ?? 'missing'}`, cid)
  }
  return { type: 'file', bytes: total, links }
}

function entriesOf(cid: CID, block: Uint8Array, node: PBNode, message: UnixFsMessage): EntryLink[] {
  if (message.data !== undefined && message.data.byteLength > 0) {
    throw new UnsupportedDagError('directory with data', cid)
  }
  const seen = new Set<string>()
  return node.Links.map((link): EntryLink => {
    const name = nameOf(cid, block, link)
    if (name === '') {
      throw new UnsupportedDagError('directory with an entry without a name', cid)
    }
    if (seen.has(name)) {
      throw new UnsupportedDagError(`directory with two entries named ${JSON.stringify(name)}`, cid)
    }
    seen.add(name)
    const kind = blockKindOf(link.Hash)
    return { cid: link.Hash, kind, name, bytes: rawFileBytes(cid, kind, link) }
  })
}

function shardOf(cid: CID, block: Uint8Array, node: PBNode, message: UnixFsMessage): ShardLink[] {
  if (message.fanout !== FANOUT) {
    throw new UnsupportedDagError(`HAMT fanout ${message.fanout ?? 'missing'}, only ${FANOUT} is supported`, cid)
  }
  const slots = readSlots(cid, message, node.Links.length)
  return node.Links.map((link, index): ShardLink => {
    const label = nameOf(cid, block, link)
    const slot = slots[index] ?? 0
    if (label.slice(0, 2) !== slotLabel(slot)) {
      throw new UnsupportedDagError(`HAMT link ${JSON.stringify(label)} is not in the slot that the bitfield says`, cid)
    }
    const name = label.slice(2)
    const kind = blockKindOf(link.Hash)
    if (name === '' && kind === BlockKind.raw) {
      throw new UnsupportedDagError('HAMT level that is a raw block', cid)
    }
    return { cid: link.Hash, kind, slot, name, bytes: rawFileBytes(cid, kind, link) }
  })
}

function targetOf(cid: CID, node: PBNode, message: UnixFsMessage): string {
  const target = message.data ?? new Uint8Array(0)
  if (node.Links.length > 0 || target.byteLength === 0 || target.byteLength > MAX_PATH_BYTES) {
    throw new UnsupportedDagError('symlink with links, or a target that is empty or too long', cid)
  }
  return utf8.decode(target)
}

/** The decoder puts U+FFFD for bytes that are not UTF-8; then the name it shows is not the name that was hashed. */
function nameOf(cid: CID, block: Uint8Array, link: PBLink): string {
  const name = link.Name ?? ''
  if (name.includes('\ufffd') && !Buffer.from(block.buffer, block.byteOffset, block.byteLength).includes(name)) {
    throw new UnsupportedDagError('a name is not UTF-8', cid)
  }
  return name
}

function rawFileBytes(cid: CID, kind: BlockKind, link: PBLink): number | undefined {
  if (kind !== BlockKind.raw) {
    return undefined
  }
  const bytes = link.Tsize
  if (bytes === undefined) {
    throw new UnsupportedDagError('link to a raw block without its size', cid)
  }
  checkLeafBytes(cid, bytes)
  if ((bytes === 0) !== (Buffer.compare(link.Hash.multihash.digest, EMPTY_DIGEST) === 0)) {
    throw new UnsupportedDagError('link to a raw block with a wrong size', cid)
  }
  return bytes
}

function checkLeafBytes(cid: CID, bytes: number): void {
  if (bytes > MAX_LEAF_BYTES) {
    throw new UnsupportedDagError(`leaf of ${bytes} bytes, at most ${MAX_LEAF_BYTES} are supported`, cid)
  }
}
