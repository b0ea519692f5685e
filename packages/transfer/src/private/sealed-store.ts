import { hash } from 'node:crypto'
import type { AbortOptions } from '@libp2p/interface'
import type { BlobStore, ReadLeafOptions } from '@p2pshare/interface'
import { SealedLeafError, SourceChangedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { leafPart } from '../store/leaf-buffer.ts'
import type { LeafCipher } from './leaf-cipher.ts'
import type { PrivateLayout } from './layout.ts'

/** What a sealed store is made of. */
export interface SealedStoreInit<Inner extends BlobStore> {
  /** The DAG that others see. */
  readonly map: LeafMap
  readonly layout: PrivateLayout
  readonly cipher: LeafCipher
  /** Sealed leaves of the manifest, which are in no file. */
  readonly manifest: readonly Uint8Array[]
  /** Files as the owner sees them. */
  readonly inner: Inner
}

/**
 * The leaves of a private share as others see them, over files that only the owner can read: sealed when they are read,
 * opened when they are written. A leaf whose hash is not that of its CID is not handed out: the file was edited, and the
 * nonce of this leaf must not meet a second plaintext.
 */
export class SealedStore<Inner extends BlobStore = BlobStore> implements BlobStore {
  readonly layout: LeafMap
  /** Files and sizes as the owner sees them. */
  protected readonly plain: PrivateLayout
  protected readonly inner: Inner
  readonly #init: SealedStoreInit<Inner>

  constructor(init: SealedStoreInit<Inner>) {
    this.layout = init.map
    this.plain = init.layout
    this.inner = init.inner
    this.#init = init
  }

  get haveCount(): number {
    return this.inner.haveCount + this.#init.manifest.length
  }

  has(index: number): boolean {
    return this.#manifestLeaf(index) !== undefined || this.inner.has(index)
  }

  async read(index: number, options: ReadLeafOptions = {}): Promise<Uint8Array> {
    const sealed = this.#manifestLeaf(index) ?? (await this.#seal(index, options))
    const { start, buffer } = leafPart(sealed.byteLength, options)
    buffer.set(sealed.subarray(start, start + buffer.byteLength))
    return buffer
  }

  async write(index: number, bytes: Uint8Array, options: AbortOptions = {}): Promise<void> {
    if (this.#manifestLeaf(index) !== undefined) {
      return
    }
    const data = this.#init.cipher.open(this.plain.place(index), bytes)
    if (data === undefined) {
      throw new SealedLeafError(this.plain.root)
    }
    await this.inner.write(index, data, options)
  }

  async complete(options: AbortOptions = {}): Promise<void> {
    await this.inner.complete(options)
  }

  async close(): Promise<void> {
    await this.inner.close()
  }

  #manifestLeaf(index: number): Uint8Array | undefined {
    return this.#init.manifest[index - this.plain.leafCount]
  }

  async #seal(index: number, { signal }: AbortOptions): Promise<Uint8Array> {
    const data = await this.inner.read(index, { ...(signal && { signal }) })
    const sealed = this.#init.cipher.seal(this.plain.place(index), data)
    if (!hash('sha256', sealed, 'buffer').equals(this.plain.digest(index))) {
      throw new SourceChangedError(this.plain.files[this.plain.position(index).file]?.path ?? '', 'was modified')
    }
    return sealed
  }
}

/** Whether `data` are what leaf `index` opens to: what is on the disk is sealed again, and hashed. */
export function verifySealed(layout: PrivateLayout, cipher: LeafCipher, index: number, data: Uint8Array): boolean {
  return (
    data.byteLength === layout.leafBytes(index) &&
    hash('sha256', cipher.seal(layout.place(index), data), 'buffer').equals(layout.digest(index))
  )
}
