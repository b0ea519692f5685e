import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { AbortOptions } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { BlockKind, blockKindOf } from './block-kind.ts'
import { MAX_FILE_DEPTH, MAX_NODE_VISITS } from './constants.ts'
import { EntryList } from './entry-list.ts'
import { NodeNotFoundError, UnsupportedDagError } from './errors.ts'
import { MAX_HAMT_DEPTH, slotsOf } from './hamt-node.ts'
import { CompactLeafMap } from './leaf-map-compact.ts'
import type { BuiltLeafMap } from './leaf-map-compact.ts'
import { LeafTable } from './leaf-table.ts'
import { readNode } from './unixfs-node.ts'
import type { EntryLink, FileLink, ShardLink, UnixFsNode } from './unixfs-node.ts'

/** A block by its CID; `path` is where in the share it was met. `undefined` when it is not here. */
export type GetNode = (cid: CID, path: string) => Promise<Uint8Array | undefined>

export interface BuildLeafMapOptions extends AbortOptions {
  /** Throws for a name that must not become a path (`checkName` of paths.ts). */
  checkName: (name: string) => unknown
  /**
   * Bytes of a file that is one leaf without an unusual envelope, for those who know it without the block: an importer
   * has just read it. `undefined`: look at the block.
   */
  knownLeaf?: (cid: CID, path: string) => number | undefined
  /** Lower bounds than those of constants.ts. @default MAX_LEAVES, MAX_ENTRIES, MAX_NODE_VISITS */
  limits?: { readonly leaves?: number; readonly entries?: number; readonly visits?: number }
}

/** Work between two turns of the event loop: a map of a million entries must not hold up everything else. */
const STEPS_A_TURN = 1024
/** Hashing and decoding a node, counted in entries. */
const STEPS_A_NODE = 16

/**
 * Flatten the DAG under `root`, depth first, and check all of it. Every block is compared with its CID here, so the
 * map depends on `root` alone.
 *
 * @throws UnsupportedDagError for a DAG that cannot become files or exceeds a bound of constants.ts.
 * @throws InvalidMessageError for a block that does not match its CID, or is no dag-pb or UnixFS message.
 * @throws NodeNotFoundError when `getNode` does not have a block.
 */
export async function buildLeafMap(root: CID, getNode: GetNode, options: BuildLeafMapOptions): Promise<BuiltLeafMap> {
  return new Flattener(getNode, options).run(root)
}

class Flattener {
  readonly #getNode: GetNode
  readonly #options: BuildLeafMapOptions
  readonly #leaves: LeafTable
  readonly #entries: EntryList
  readonly #maxVisits: number
  readonly #inline: number[] = []
  readonly #dataDigests = new Map<number, Uint8Array>()
  /** Inner nodes seen, by digest: one that is linked twice is fetched once. */
  readonly #seen = new Set<string>()
  #visits = 0
  #steps = 0
  #nodeBytes = 0
  /** A sparse file links to the same node again and again. */
  #last: { readonly cid: CID; readonly node: UnixFsNode } | undefined

  constructor(getNode: GetNode, options: BuildLeafMapOptions) {
    this.#getNode = getNode
    this.#options = options
    this.#leaves = new LeafTable(options.limits?.leaves)
    this.#entries = new EntryList(options.checkName, options.limits?.entries)
    this.#maxVisits = options.limits?.visits ?? MAX_NODE_VISITS
  }

  async run(root: CID): Promise<BuiltLeafMap> {
    const isDirectory = await this.#child(root, '', 0)
    const parts = {
      root,
      kind: isDirectory ? 'directory' : 'file',
      files: this.#entries.files,
      directories: this.#entries.directories,
      symlinks: this.#entries.symlinks,
      nodeCount: this.#seen.size,
      nodeBytes: this.#nodeBytes,
      inline: this.#inline,
      dataDigests: this.#dataDigests
    } as const
    return new CompactLeafMap(parts, this.#leaves.finish())
  }

  /** The root, or the dag-pb child of a directory: only its block says what it is. True when it is a directory. */
  async #child(cid: CID, path: string, depth: number): Promise<boolean> {
    const known = this.#options.knownLeaf?.(cid, path)
    if (known !== undefined) {
      const firstLeaf = this.#leaves.count
      this.#addInline(cid, blockKindOf(cid) === BlockKind.raw ? 'raw' : 'pb-file', known)
      this.#endFile(path, firstLeaf, known)
      return false
    }
    const node = await this.#visit(cid, path)
    switch (node.type) {
      case 'leaf':
      case 'file': {
        const firstLeaf = this.#leaves.count
        await this.#fileNode(cid, node, path, 0)
        this.#endFile(path, firstLeaf, node.type === 'leaf' ? node.data.byteLength : node.bytes)
        return false
      }
      case 'directory':
      case 'shard':
        if (path !== '') {
          this.#entries.addDirectory(path)
        }
        await (node.type === 'shard'
          ? this.#shard(cid, node.links, path, depth, [])
          : this.#entriesOf(node.links, path, depth))
        return true
      case 'symlink':
        if (path === '') {
          throw new UnsupportedDagError('a symlink alone cannot be shared', cid)
        }
        this.#entries.addSymlink(path, node.target)
        return false
    }
  }

  async #entriesOf(links: readonly EntryLink[], path: string, depth: number): Promise<void> {
    for (const link of links) {
      await this.#entry(link, path, depth)
    }
  }

  async #entry(link: EntryLink, directory: string, depth: number): Promise<void> {
    await this.#step(1)
    const path = this.#entries.join(directory, link.name, depth + 1)
    if (link.bytes === undefined) {
      await this.#child(link.cid, path, depth + 1)
      return
    }
    const firstLeaf = this.#leaves.count
    if (link.bytes > 0) {
      this.#leaves.add(link.kind, link.cid.multihash.digest, 'raw', link.bytes)
    }
    this.#endFile(path, firstLeaf, link.bytes)
  }

  /** One level of a HAMT. `trail`: the slots that lead here, which every name below must hash to. */
  async #shard(
    cid: CID,
    links: readonly ShardLink[],
    path: string,
    depth: number,
    trail: readonly number[]
  ): Promise<void> {
    for (const link of links) {
      const slots = [...trail, link.slot]
      if (link.name === '') {
        await this.#subshard(link, path, depth, slots)
        continue
      }
      const hashed = slotsOf(link.name)
      if (!slots.every((slot, level) => slot === hashed[level])) {
        throw new UnsupportedDagError(`HAMT entry ${JSON.stringify(link.name)} is in a slot of another name`, cid)
      }
      await this.#entry(link, path, depth)
    }
  }

  async #subshard(link: ShardLink, path: string, depth: number, trail: readonly number[]): Promise<void> {
    if (trail.length === MAX_HAMT_DEPTH) {
      throw new UnsupportedDagError(`HAMT of more than ${MAX_HAMT_DEPTH} levels`, link.cid)
    }
    const node = await this.#visit(link.cid, path)
    // an empty level would let a few blocks unfold into any number of visits
    if (node.type !== 'shard' || node.links.length === 0) {
      throw new UnsupportedDagError('HAMT level that is not a shard, or is empty', link.cid)
    }
    await this.#shard(link.cid, node.links, path, depth, trail)
  }

  async #fileNode(cid: CID, node: UnixFsNode, path: string, level: number): Promise<void> {
    if (node.type === 'leaf') {
      const index = this.#addInline(cid, node.wrap, node.data.byteLength)
      if (index !== undefined && node.wrap === 'whole') {
        this.#dataDigests.set(index, hash('sha256', node.data, 'buffer'))
      }
      return
    }
    if (node.type !== 'file') {
      throw new UnsupportedDagError('part of a file that is not a file', cid)
    }
    if (level === MAX_FILE_DEPTH) {
      throw new UnsupportedDagError(`file of more than ${MAX_FILE_DEPTH} levels`, cid)
    }
    for (const link of node.links) {
      if (link.leaf) {
        this.#leaves.add(
          link.kind,
          link.cid.multihash.digest,
          link.kind === BlockKind.raw ? 'raw' : 'pb-file',
          link.bytes
        )
      } else {
        await this.#filePart(link, path, level)
      }
    }
  }

  async #filePart(link: FileLink, path: string, level: number): Promise<void> {
    const part = await this.#visit(link.cid, path)
    const bytes = part.type === 'file' ? part.bytes : part.type === 'leaf' ? part.data.byteLength : undefined
    if (bytes !== link.bytes) {
      throw new UnsupportedDagError(`part of ${bytes ?? 'no'} bytes where its parent says ${link.bytes}`, link.cid)
    }
    await this.#fileNode(link.cid, part, path, level + 1)
  }

  #addInline(cid: CID, wrap: 'raw' | 'pb-file' | 'pb-raw' | 'whole', bytes: number): number | undefined {
    if (bytes === 0) {
      return undefined
    }
    const index = this.#leaves.add(blockKindOf(cid), cid.multihash.digest, wrap, bytes)
    this.#inline.push(index)
    return index
  }

  #endFile(path: string, firstLeaf: number, bytes: number): void {
    this.#entries.addFile({ path, bytes, firstLeaf, leafCount: this.#leaves.count - firstLeaf })
  }

  async #visit(cid: CID, path: string): Promise<UnixFsNode> {
    if (++this.#visits > this.#maxVisits) {
      throw new UnsupportedDagError(`more than ${this.#maxVisits} nodes`)
    }
    if (this.#last?.cid.equals(cid) === true) {
      return this.#last.node
    }
    await this.#step(STEPS_A_NODE)
    // before anything is asked for: a CID of another kind is refused, not looked up
    blockKindOf(cid)
    const block = await this.#getNode(cid, path)
    if (block === undefined) {
      throw new NodeNotFoundError(cid)
    }
    const digest = hash('sha256', block, 'buffer')
    if (!digest.equals(cid.multihash.digest)) {
      throw new InvalidMessageError(`a block does not match its content id ${cid.toString()}`)
    }
    const node = readNode(cid, block)
    const key = digest.toString('latin1')
    if (node.type !== 'leaf' && !this.#seen.has(key)) {
      this.#seen.add(key)
      this.#nodeBytes += block.byteLength
    }
    this.#last = { cid, node }
    return node
  }

  async #step(steps: number): Promise<void> {
    this.#options.signal?.throwIfAborted()
    this.#steps += steps
    if (this.#steps >= STEPS_A_TURN) {
      this.#steps = 0
      await setImmediate()
    }
  }
}
