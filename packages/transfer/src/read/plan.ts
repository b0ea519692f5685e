import { InvalidOptionError } from '@p2pshare/interface'
import { OffsetBeyondEndError, PathIsDirectoryError, PathNotFoundError } from '../errors.ts'
import type { FileEntry, LeafMap } from '../leaf-map.ts'

/** Bytes of one file of a share. */
export interface ReadRange {
  /** From the root of the share. @default the file that the share is */
  readonly path?: string
  /** @default 0 */
  readonly offset?: number
  /** What is behind the end of the file is left out. @default all from `offset` on */
  readonly length?: number
}

/** Where those bytes are. */
export interface ReadPlan {
  /** Index of the file. */
  readonly file: number
  /** First byte in it, and the one behind the last. */
  readonly start: number
  readonly end: number
  /** First leaf, and the one behind the last; equal when there is nothing to read. */
  readonly firstLeaf: number
  readonly endLeaf: number
}

/** Throws `InvalidOptionError` for a range of no file. */
export function checkRange({ offset = 0, length = 0 }: ReadRange): void {
  for (const [name, value] of Object.entries({ offset, length })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new InvalidOptionError(name, `${String(value)} is not a whole number from 0 on`)
    }
  }
}

/**
 * The leaves that a range is in.
 *
 * @throws PathNotFoundError, PathIsDirectoryError, OffsetBeyondEndError
 */
export function planRead(layout: LeafMap, { path = '', offset = 0, length = Infinity }: ReadRange): ReadPlan {
  const index = findFile(layout, path)
  const file = layout.files[index]
  if (file === undefined) {
    throw new PathNotFoundError(path)
  }
  if (offset > file.bytes) {
    throw new OffsetBeyondEndError(offset, file.bytes)
  }
  const end = Math.min(file.bytes, offset + length)
  const firstLeaf = leafAt(layout, file, offset)
  return {
    file: index,
    start: offset,
    end,
    firstLeaf,
    endLeaf: end > offset ? leafAt(layout, file, end - 1) + 1 : firstLeaf
  }
}

function findFile(layout: LeafMap, path: string): number {
  const wanted = path.replace(/^\/+|\/+$/gu, '').normalize('NFC')
  const index = layout.files.findIndex((file) => file.path.normalize('NFC') === wanted)
  const isDirectory =
    index < 0 && (wanted === '' || layout.directories.some((each) => each.normalize('NFC') === wanted))
  if (isDirectory) {
    throw new PathIsDirectoryError(wanted)
  }
  return index
}

/** The leaf of the file that has this byte; leaves of one file may have any sizes. */
function leafAt(layout: LeafMap, { firstLeaf, leafCount }: FileEntry, byte: number): number {
  let low = firstLeaf
  let high = firstLeaf + leafCount
  while (low < high) {
    const middle = (low + high) >>> 1
    if (layout.position(middle).offset <= byte) {
      low = middle + 1
    } else {
      high = middle
    }
  }
  return Math.max(firstLeaf, low - 1)
}
