import { read } from 'node:fs'
import { promisify } from 'node:util'
import { SourceChangedError } from '../errors.ts'
import { onDisk } from '../store/fs.ts'
import type { OpenFile } from './read-file.ts'
import type { ReadSlots } from './read-slots.ts'

const readAt = promisify(read)

/** Pieces of one file that are read or hashed at once: the disk and every worker have something to do. */
const MAX_PIECES = 8

/** What becomes of the bytes of a piece; they are good until its promise has settled. */
export type UsePiece<T> = (bytes: Uint8Array) => Promise<T>

/** What was made of a piece. */
export interface UsedPiece<T> {
  readonly bytes: number
  readonly value: T
}

/**
 * Read a file piece by piece, several at once, and give the results of `use` in the order of the file. All pieces but
 * the last have `slots.bytes`.
 *
 * @throws SourceChangedError when the file ends before its size, or goes on behind it; DiskError; what `use` throws.
 */
export async function* readPieces<T>(
  file: OpenFile,
  slots: ReadSlots,
  use: UsePiece<T>
): AsyncGenerator<UsedPiece<T>, void, undefined> {
  const { size } = file.stats
  const pending: Promise<UsedPiece<T>>[] = []
  let position = 0
  try {
    while (position < size || pending.length > 0) {
      while (position < size && pending.length < MAX_PIECES) {
        const piece = readPiece(file, position, slots, use)
        // it is awaited later, or not at all when an earlier one fails
        piece.catch(() => undefined)
        pending.push(piece)
        position += slots.bytes
      }
      const [first] = pending
      if (first !== undefined) {
        const used = await first
        void pending.shift()
        yield used
      }
    }
  } finally {
    // the system, or a worker, may still have their slots
    await Promise.allSettled(pending)
  }
}

/** Read the piece of a file that begins at `position`, and have it used. */
export async function readPiece<T>(
  file: OpenFile,
  position: number,
  slots: ReadSlots,
  use: UsePiece<T>
): Promise<UsedPiece<T>> {
  const bytes = Math.min(slots.bytes, file.stats.size - position)
  const slot = await slots.take(bytes)
  try {
    await fill(file, slot, bytes, position)
    return { bytes, value: await use(slot.subarray(0, bytes)) }
  } finally {
    slots.give(slot)
  }
}

/** Read `length` bytes; at the end of the file one more is asked for, which must not come. */
async function fill(file: OpenFile, slot: Uint8Array, length: number, position: number): Promise<void> {
  const last = position + length === file.stats.size
  const room = last && length < slot.byteLength ? length + 1 : length
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await onDisk(file.place, async () =>
      readAt(file.fd, slot, filled, room - filled, position + filled)
    )
    if (bytesRead === 0) {
      throw new SourceChangedError(file.place, 'became shorter')
    }
    filled += bytesRead
  }
  if (filled > length) {
    throw new SourceChangedError(file.place, 'became longer')
  }
}
