import type { CID } from 'multiformats/cid'
import { cidOf, CODEC_DAG_PB, CODEC_RAW, DIGEST_BYTES, SHA2_256 } from './block-kind.ts'
import { LeafIndex } from './leaf-index.ts'
import type { FileEntry, LeafMap, LeafPosition, LeafWrap, SymlinkEntry } from './leaf-map.ts'
import { kindOf, wrapOf } from './leaf-table.ts'
import type { LeafColumns } from './leaf-table.ts'

/** A leaf map together with what is known only to the one who saw the nodes. */
export interface BuiltLeafMap extends LeafMap {
  /**
   * Leaves whose block was fetched as a node (a raw root; dag-pb files of one leaf in a directory), ascending. Their
   * bytes are to be stored without asking for them again: see `inlineLeaves`.
   */
  readonly inline: readonly number[]
  /** SHA-256 of the file bytes of a `whole` leaf, whose CID covers more than them; `undefined` for all others. */
  dataDigest(index: number): Uint8Array | undefined
}

/** What a flattened DAG consists of besides its leaves. */
export interface LeafMapParts {
  readonly root: CID
  readonly kind: 'file' | 'directory'
  readonly files: readonly FileEntry[]
  readonly directories: readonly string[]
  readonly symlinks: readonly SymlinkEntry[]
  readonly nodeCount: number
  readonly nodeBytes: number
  readonly inline: readonly number[]
  readonly dataDigests: ReadonlyMap<number, Uint8Array>
}

/** A leaf index outside `[0, leafCount)`. */
export class LeafRangeError extends RangeError {
  static override readonly name = 'LeafRangeError'
  override readonly name = 'LeafRangeError'
  readonly code = 'ERR_LEAF_RANGE'
  readonly fault = 'local'
}

/** A leaf map in typed arrays. The index behind `canonical`, `twins` and `find` is made when first asked for. */
export class CompactLeafMap implements BuiltLeafMap {
  readonly root: CID
  readonly kind: 'file' | 'directory'
  readonly files: readonly FileEntry[]
  readonly directories: readonly string[]
  readonly symlinks: readonly SymlinkEntry[]
  readonly nodeCount: number
  readonly nodeBytes: number
  readonly inline: readonly number[]
  readonly leafCount: number
  readonly totalBytes: number
  readonly #columns: LeafColumns
  readonly #dataDigests: ReadonlyMap<number, Uint8Array>
  #index: LeafIndex | undefined

  constructor(parts: LeafMapParts, columns: LeafColumns) {
    this.root = parts.root
    this.kind = parts.kind
    this.files = parts.files
    this.directories = parts.directories
    this.symlinks = parts.symlinks
    this.nodeCount = parts.nodeCount
    this.nodeBytes = parts.nodeBytes
    this.inline = parts.inline
    this.leafCount = columns.count
    this.totalBytes = columns.starts[columns.count] ?? 0
    this.#columns = columns
    this.#dataDigests = parts.dataDigests
  }

  leafBytes(index: number): number {
    return this.#start(this.#check(index) + 1) - this.#start(index)
  }

  cid(index: number): CID {
    return cidOf(kindOf(this.#flags(index)), this.digest(index))
  }

  digest(index: number): Uint8Array {
    const at = this.#check(index) * DIGEST_BYTES
    return this.#columns.digests.subarray(at, at + DIGEST_BYTES)
  }

  wrap(index: number): LeafWrap {
    return wrapOf(this.#flags(index))
  }

  position(index: number): LeafPosition {
    this.#check(index)
    // empty files have the first leaf of the next one: the last file that starts at or before the leaf has it
    let low = 0
    let high = this.files.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.files[middle]?.firstLeaf ?? 0) <= index) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    const file = low - 1
    return { file, offset: this.#start(index) - this.#start(this.files[file]?.firstLeaf ?? 0) }
  }

  canonical(index: number): number {
    return this.#lookup().first(this.#check(index))
  }

  twins(index: number): readonly number[] {
    return this.#lookup().all(this.#check(index))
  }

  find(cid: CID): number | undefined {
    const supported = cid.code === CODEC_RAW || cid.code === CODEC_DAG_PB
    if (!supported || cid.multihash.code !== SHA2_256 || cid.multihash.digest.byteLength !== DIGEST_BYTES) {
      return undefined
    }
    return this.#lookup().find(cid.multihash.digest, cid.code === CODEC_RAW)
  }

  dataDigest(index: number): Uint8Array | undefined {
    return this.#dataDigests.get(this.#check(index))
  }

  #lookup(): LeafIndex {
    this.#index ??= new LeafIndex(this.#columns)
    return this.#index
  }

  #flags(index: number): number {
    return this.#columns.flags[this.#check(index)] ?? 0
  }

  #start(index: number): number {
    return this.#columns.starts[index] ?? 0
  }

  #check(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.leafCount) {
      throw new LeafRangeError(`leaf ${index} of ${this.leafCount}`)
    }
    return index
  }
}
