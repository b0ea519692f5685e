import { BlockKind } from '../block-kind.ts'
import { NotShareableError } from '../errors.ts'
import { pbLeafBytes } from '../leaf-envelope.ts'
import type { EncodedNode } from './encode.ts'
import { fileData, makeNode, pbKind } from './encode.ts'
import type { BlockRef } from './link-list.ts'
import { LinkList } from './link-list.ts'
import type { Profile } from './profile.ts'

/** Links of one level that have no parent yet. */
interface Level {
  readonly links: LinkList
  readonly blocksizes: number[]
}

/**
 * Builds the balanced DAG of one file (all leaves at the same depth) as its leaves come. Holds at most one node's worth
 * of links a level. Feed it one leaf for every chunk; an empty file has one, empty.
 */
export class FileDag {
  readonly #profile: Profile
  readonly #levels: Level[] = []
  /** The first leaf, while it is the only one: most files need no level at all. */
  #only: { readonly ref: BlockRef; readonly bytes: number } | undefined

  constructor(profile: Profile) {
    this.#profile = profile
  }

  /** Add the next leaf, with `bytes` bytes of the file; returns the nodes that this completed. */
  push(digest: Uint8Array, bytes: number): EncodedNode[] {
    const leaf = this.#profile.rawLeaves
      ? { kind: BlockKind.raw, digest, tsize: bytes }
      : { kind: pbKind(this.#profile), digest, tsize: pbLeafBytes(bytes) }
    const made: EncodedNode[] = []
    if (this.#levels.length === 0 && this.#only === undefined) {
      this.#only = { ref: leaf, bytes }
      return made
    }
    if (this.#only !== undefined) {
      this.#add(0, this.#only.ref, this.#only.bytes, made)
      this.#only = undefined
    }
    this.#add(0, leaf, bytes, made)
    return made
  }

  /** The file has no more leaves: what is left to make, and the root. */
  finish(): { readonly nodes: EncodedNode[]; readonly root: BlockRef } {
    if (this.#only !== undefined) {
      return { nodes: [], root: this.#only.ref }
    }
    const made: EncodedNode[] = []
    for (let depth = 0; depth < this.#levels.length; depth++) {
      const level = this.#level(depth)
      if (depth === this.#levels.length - 1 && level.links.length === 1) {
        return { nodes: made, root: level.links.ref(0) }
      }
      if (level.links.length > 0) {
        this.#flush(depth, made)
      }
    }
    throw new NotShareableError('', 'a file needs a leaf, an empty file an empty one')
  }

  #add(depth: number, ref: BlockRef, bytes: number, made: EncodedNode[]): void {
    const { links, blocksizes } = this.#level(depth)
    links.add('', ref)
    blocksizes.push(bytes)
    if (links.length === this.#profile.maxLinks) {
      this.#flush(depth, made)
    }
  }

  #flush(depth: number, made: EncodedNode[]): void {
    const { links, blocksizes } = this.#level(depth)
    const { node, ref } = makeNode(links, fileData(blocksizes), this.#profile)
    made.push(node)
    const bytes = blocksizes.reduce((sum, size) => sum + size, 0)
    links.clear()
    blocksizes.length = 0
    this.#add(depth + 1, ref, bytes, made)
  }

  #level(depth: number): Level {
    return (this.#levels[depth] ??= { links: new LinkList(), blocksizes: [] })
  }
}
