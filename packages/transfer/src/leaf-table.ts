import type { BlockKind } from './block-kind.ts'
import { DIGEST_BYTES } from './block-kind.ts'
import { MAX_LEAVES } from './constants.ts'
import { UnsupportedDagError } from './errors.ts'
import type { LeafWrap } from './leaf-map.ts'

const WRAPS = ['raw', 'pb-file', 'pb-raw', 'whole'] as const satisfies readonly LeafWrap[]

/** The columns of a leaf map: 41 bytes a leaf. */
export interface LeafColumns {
  readonly count: number
  /** 32 bytes a leaf; aligned, so that 4-byte words of it can be compared. */
  readonly digests: Uint8Array
  /** Where each leaf starts in all files laid end to end; one more for the end. */
  readonly starts: Float64Array
  /** `BlockKind` and `LeafWrap` of each leaf. */
  readonly flags: Uint8Array
}

/** The wrap in a `flags` entry. */
export function wrapOf(flags: number): LeafWrap {
  return WRAPS[flags & 3] ?? 'raw'
}

/** The kind in a `flags` entry. */
export function kindOf(flags: number): BlockKind {
  return (flags >> 2) as BlockKind
}

/** Collects leaves in order. */
export class LeafTable {
  readonly #limit: number
  #count = 0
  #bytes = 0
  #digests = new Uint8Array(64 * DIGEST_BYTES)
  #starts = new Float64Array(65)
  #flags = new Uint8Array(64)

  /** @param limit - at most `MAX_LEAVES`. */
  constructor(limit: number = MAX_LEAVES) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  /**
   * Add the next leaf; returns its index.
   *
   * @throws UnsupportedDagError past the limit.
   */
  add(kind: BlockKind, digest: Uint8Array, wrap: LeafWrap, bytes: number): number {
    const index = this.#count
    if (index === this.#limit) {
      throw new UnsupportedDagError(`more than ${this.#limit} leaves`)
    }
    if (index === this.#flags.length) {
      this.#resize(index * 2)
    }
    this.#digests.set(digest, index * DIGEST_BYTES)
    this.#flags[index] = WRAPS.indexOf(wrap) | (kind << 2)
    this.#bytes += bytes
    this.#count++
    this.#starts[this.#count] = this.#bytes
    return index
  }

  /** The columns, without spare room. The table must not be used afterwards. */
  finish(): LeafColumns {
    if (this.#flags.length > this.#count) {
      this.#resize(this.#count)
    }
    return { count: this.#count, digests: this.#digests, starts: this.#starts, flags: this.#flags }
  }

  #resize(leaves: number): void {
    const keep = Math.min(leaves, this.#count)
    const digests = new Uint8Array(leaves * DIGEST_BYTES)
    digests.set(this.#digests.subarray(0, keep * DIGEST_BYTES))
    const starts = new Float64Array(leaves + 1)
    starts.set(this.#starts.subarray(0, keep + 1))
    const flags = new Uint8Array(leaves)
    flags.set(this.#flags.subarray(0, keep))
    this.#digests = digests
    this.#starts = starts
    this.#flags = flags
  }
}
