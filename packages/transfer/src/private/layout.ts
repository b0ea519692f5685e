import type { CID } from 'multiformats/cid'
import { UnsupportedDagError } from '../errors.ts'
import type { FileEntry, LeafMap, LeafPosition } from '../leaf-map.ts'
import { DATA_NAME, MANIFEST_NAME, SEALED_DATA_BYTES, TAG_BYTES } from './constants.ts'
import type { SealedPlace } from './leaf-cipher.ts'
import type { Manifest } from './manifest.ts'

/** Digits of a sealed file's number, so that the order of names is that of numbers. A share has a million files at most. */
const NUMBER_DIGITS = 7

const SEALED_PATH = new RegExp(`^${DATA_NAME}/(\\d{${NUMBER_DIGITS}})$`, 'u')

/** The name of the sealed file with this number. */
export function sealedName(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, '0')
}

/**
 * A private share as its owner sees it: real names and sizes over the leaves of the sealed DAG, which keep their indices.
 * Those of the manifest are behind all others, and not in it.
 */
export class PrivateLayout implements LeafMap {
  readonly root: CID
  readonly kind: 'file' | 'directory'
  readonly files: readonly FileEntry[]
  readonly directories: readonly string[]
  readonly symlinks = []
  readonly nodeCount: number
  readonly nodeBytes: number
  readonly leafCount: number
  readonly totalBytes: number
  readonly #sealed: LeafMap
  /** Numbers of the sealed files, by index into `files`. */
  readonly #numbers: readonly number[]

  /** @throws UnsupportedDagError when the DAG does not fit the manifest. */
  constructor(sealed: LeafMap, manifest: Manifest) {
    const { files, numbers } = matchFiles(sealed, manifest)
    this.#sealed = sealed
    this.#numbers = numbers
    this.root = sealed.root
    this.kind = manifest.kind
    this.files = files
    this.directories = manifest.directories
    this.nodeCount = sealed.nodeCount
    this.nodeBytes = sealed.nodeBytes
    this.leafCount = files.reduce((sum, file) => sum + file.leafCount, 0)
    this.totalBytes = files.reduce((sum, file) => sum + file.bytes, 0)
    checkLeaves(this, sealed)
  }

  leafBytes(index: number): number {
    return this.#sealed.leafBytes(index) - TAG_BYTES
  }

  position(index: number): LeafPosition {
    const { file } = this.#sealed.position(index)
    return { file, offset: (index - (this.files[file]?.firstLeaf ?? 0)) * SEALED_DATA_BYTES }
  }

  /** What the leaf is sealed with. */
  place(index: number): SealedPlace {
    const { file, offset } = this.position(index)
    return { part: 'data', file: this.#numbers[file] ?? 0, leaf: offset / SEALED_DATA_BYTES }
  }

  cid(index: number): CID {
    return this.#sealed.cid(index)
  }

  digest(index: number): Uint8Array {
    return this.#sealed.digest(index)
  }

  wrap(): 'raw' {
    return 'raw'
  }

  /** No two leaves are equal: their places are sealed into them. */
  canonical(index: number): number {
    return index
  }

  twins(index: number): readonly number[] {
    return [index]
  }

  find(cid: CID): number | undefined {
    const index = this.#sealed.find(cid)
    return index !== undefined && index < this.leafCount ? index : undefined
  }
}

/** The files of a manifest in the order of the sealed leaves; empty ones, which have none, are last. */
function matchFiles(sealed: LeafMap, manifest: Manifest): { files: FileEntry[]; numbers: number[] } {
  const full = manifest.files.filter(({ bytes }) => bytes > 0)
  const files: FileEntry[] = []
  const numbers: number[] = []
  for (const { path: name, firstLeaf, leafCount } of sealed.files) {
    if (name === MANIFEST_NAME) {
      continue
    }
    const number = Number(SEALED_PATH.exec(name)?.[1])
    const file = full[number]
    if (file === undefined || leafCount !== Math.ceil(file.bytes / SEALED_DATA_BYTES)) {
      throw new UnsupportedDagError('a private share that is not as its manifest says', sealed.root)
    }
    files.push({ path: file.path, bytes: file.bytes, firstLeaf, leafCount })
    numbers.push(number)
  }
  const isComplete = numbers.length === full.length && sealed.files.at(-1)?.path === MANIFEST_NAME
  if (!isComplete || sealed.symlinks.length > 0) {
    throw new UnsupportedDagError('a private share that lacks files of its manifest', sealed.root)
  }
  const firstLeaf = sealed.leafCount
  const empty = manifest.files.filter(({ bytes }) => bytes === 0)
  return { files: [...files, ...empty.map(({ path, bytes }) => ({ path, bytes, firstLeaf, leafCount: 0 }))], numbers }
}

/** Sizes decide where in a file a leaf goes: none is taken on trust. */
function checkLeaves(layout: PrivateLayout, sealed: LeafMap): void {
  for (let index = 0; index < layout.leafCount; index++) {
    const { file, offset } = layout.position(index)
    const expected = Math.min(SEALED_DATA_BYTES, (layout.files[file]?.bytes ?? 0) - offset)
    const isPlain = sealed.wrap(index) === 'raw' && sealed.canonical(index) === index
    if (!isPlain || layout.leafBytes(index) !== expected) {
      throw new UnsupportedDagError('a private share with a leaf that no key makes', sealed.root)
    }
  }
}
