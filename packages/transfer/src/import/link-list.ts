import type { BlockKind } from '../block-kind.ts'
import { BlockKind as Kinds, DIGEST_BYTES } from '../block-kind.ts'

/** A block that was made, as its parent refers to it. */
export interface BlockRef {
  readonly kind: BlockKind
  readonly digest: Uint8Array
  /** Bytes of the block and of everything below it. */
  readonly tsize: number
}

const FIRST_CAPACITY = 16

/** Links of a node that is being made; compact, since a directory may have a million. */
export class LinkList {
  #length = 0
  #digests = new Uint8Array(FIRST_CAPACITY * DIGEST_BYTES)
  #kinds = new Uint8Array(FIRST_CAPACITY)
  #tsizes = new Float64Array(FIRST_CAPACITY)
  readonly #names: string[] = []

  get length(): number {
    return this.#length
  }

  add(name: string, ref: BlockRef): void {
    this.set(this.reserve(name), ref)
  }

  /** A place in the order for a block that is not made yet. */
  reserve(name: string): number {
    const index = this.#length++
    if (index === this.#kinds.length) {
      this.#grow()
    }
    this.#names[index] = name
    return index
  }

  set(index: number, { kind, digest, tsize }: BlockRef): void {
    this.#digests.set(digest, index * DIGEST_BYTES)
    this.#kinds[index] = kind
    this.#tsizes[index] = tsize
  }

  clear(): void {
    this.#length = 0
    this.#names.length = 0
  }

  name(index: number): string {
    return this.#names[index] ?? ''
  }

  /** A view; it is overwritten when the list is used again. */
  digest(index: number): Uint8Array {
    return this.#digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
  }

  kind(index: number): BlockKind {
    return (this.#kinds[index] ?? Kinds.raw) as BlockKind
  }

  tsize(index: number): number {
    return this.#tsizes[index] ?? 0
  }

  ref(index: number): BlockRef {
    return { kind: this.kind(index), digest: this.digest(index), tsize: this.tsize(index) }
  }

  #grow(): void {
    const capacity = this.#kinds.length * 2
    const digests = new Uint8Array(capacity * DIGEST_BYTES)
    digests.set(this.#digests)
    const kinds = new Uint8Array(capacity)
    kinds.set(this.#kinds)
    const tsizes = new Float64Array(capacity)
    tsizes.set(this.#tsizes)
    this.#digests = digests
    this.#kinds = kinds
    this.#tsizes = tsizes
  }
}
