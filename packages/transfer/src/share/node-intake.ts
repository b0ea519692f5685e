import type { CID } from 'multiformats/cid'
import { MAX_FILE_DEPTH, MAX_PATH_DEPTH } from '../constants.ts'
import { UnsupportedDagError } from '../errors.ts'
import { MAX_HAMT_DEPTH } from '../hamt-node.ts'
import { nodeKey } from '../store/node-key.ts'
import type { NodeStore } from '../store/node-store.ts'

/** Inner nodes of one share: every entry and every 1,024 leaves need one; the rest is a hostile DAG. */
export const MAX_NODES = 2_000_000

/** Bytes of all inner nodes together. The default profile needs 60 MiB for a tebibyte. */
export const MAX_MAP_BYTES = 4 * 1024 * 1024 * 1024

/**
 * Levels of inner nodes: as deep as paths may be, each directory a HAMT, and a file at the end. Each level takes a round
 * trip, so a chain of millions of nodes would keep a download busy for hours before its map could be refused.
 */
export const MAX_DAG_DEPTH = MAX_PATH_DEPTH * (1 + MAX_HAMT_DEPTH) + MAX_FILE_DEPTH

export interface NodeIntakeInit {
  readonly nodes: Pick<NodeStore, 'put'>
  /** Children of a verified node that must be fetched too; throws for a node that cannot be. */
  needed(cid: CID, block: Uint8Array): CID[]
  /** A node that was not named before is wanted. */
  wanted(cid: CID): void
  /** A node is in the store, and what is below it is wanted. */
  stored(): void
  /** The DAG is not one we can use, or the store refuses. */
  failed(error: unknown): void
  /** Fewer, for tests. @default MAX_NODES */
  readonly maxNodes?: number
}

/** Verified inner nodes go into the store, and what is below them is wanted, each once, within bounds. */
export class NodeIntake {
  readonly #init: NodeIntakeInit
  /** Nodes that were named, and how far below the root they were named first. */
  readonly #depths = new Map<string, number>()
  #storing = 0
  #bytes = 0

  constructor(init: NodeIntakeInit) {
    this.#init = init
  }

  /** Bytes of nodes that were taken. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether a node is on its way to the store. */
  get isBusy(): boolean {
    return this.#storing > 0
  }

  /** @param depth - levels below the root */
  want(cid: CID, depth = 0): void {
    const key = nodeKey(cid)
    if (this.#depths.has(key)) {
      return
    }
    const { maxNodes = MAX_NODES } = this.#init
    if (this.#depths.size >= maxNodes) {
      this.#init.failed(new UnsupportedDagError(`the map has more than ${maxNodes} nodes`))
      return
    }
    if (depth > MAX_DAG_DEPTH) {
      this.#init.failed(new UnsupportedDagError(`the map is more than ${MAX_DAG_DEPTH} levels deep`, cid))
      return
    }
    this.#depths.set(key, depth)
    this.#init.wanted(cid)
  }

  /** A node that is in the store already, or was just put there: want what is below it. */
  expand(cid: CID, block: Uint8Array): void {
    const depth = this.#depths.get(nodeKey(cid)) ?? 0
    try {
      for (const child of this.#init.needed(cid, block)) {
        this.want(child, depth + 1)
      }
    } catch (error) {
      this.#init.failed(error)
    }
  }

  store(cid: CID, block: Uint8Array): void {
    this.#bytes += block.byteLength
    if (this.#bytes > MAX_MAP_BYTES) {
      this.#init.failed(new UnsupportedDagError(`the map is larger than ${MAX_MAP_BYTES} bytes`))
      return
    }
    this.#storing++
    this.#init.nodes
      .put(cid, block)
      .then(() => {
        this.#storing--
        this.expand(cid, block)
        this.#init.stored()
      })
      .catch((error: unknown) => {
        this.#init.failed(error)
      })
  }
}
