import type { FileHandle } from 'node:fs/promises'
import { readBlockHead } from '@ipld/car/decoder'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { MAX_NODE_BYTES } from '../constants.ts'
import { errnoOf, readFully } from './fs.ts'

/** Bytes read at a time while looking for section heads: a few hundred small nodes, or one head between large ones. */
const WINDOW_BYTES = 64 * 1024

/** A CID has 36 bytes; the decoder asks for single fields, of which none is longer. */
const MAX_FIELD_BYTES = 128

/** Where the bytes of a node are in the file. */
export interface NodePlace {
  readonly offset: number
  readonly length: number
}

/** A whole section of a CAR file. */
export interface NodeSection {
  readonly cid: CID
  readonly place: NodePlace
}

/**
 * Call `onSection` for each whole section in `[start, size)`; returns where the last whole one ends. Only heads are
 * read.
 */
export async function scanSections(
  handle: FileHandle,
  start: number,
  size: number,
  onSection: (section: NodeSection) => void
): Promise<number> {
  const reader = new HeadReader(handle, start, size)
  let end = start
  while (end < size) {
    const head = await readHead(reader)
    if (head === undefined || head.blockLength < 0 || head.blockLength > MAX_NODE_BYTES) {
      break
    }
    const offset = reader.pos
    if (offset + head.blockLength > size) {
      break
    }
    onSection({ cid: head.cid, place: { offset, length: head.blockLength } })
    reader.seek(head.blockLength)
    end = reader.pos
  }
  return end
}

async function readHead(reader: HeadReader): Promise<{ cid: CID; blockLength: number } | undefined> {
  try {
    return await readBlockHead(reader)
  } catch (error) {
    // what the disk says is not about the section
    if (errnoOf(error) !== undefined) {
      throw error
    }
    return undefined
  }
}

/** The reader that `@ipld/car` wants, over a file in which most bytes are skipped. */
class HeadReader {
  readonly #handle: FileHandle
  readonly #size: number
  #window: Uint8Array = new Uint8Array()
  #windowAt = 0
  pos: number

  constructor(handle: FileHandle, pos: number, size: number) {
    this.#handle = handle
    this.#size = size
    this.pos = pos
  }

  async upTo(length: number): Promise<Uint8Array> {
    const wanted = Math.min(length, this.#size - this.pos)
    const from = this.pos - this.#windowAt
    if (from < 0 || from + wanted > this.#window.byteLength) {
      const window = new Uint8Array(Math.min(WINDOW_BYTES, this.#size - this.pos))
      this.#window = window.subarray(0, await readFully(this.#handle, window, this.pos))
      this.#windowAt = this.pos
    }
    const at = this.pos - this.#windowAt
    return this.#window.subarray(at, at + wanted)
  }

  async exactly(length: number, seek = false): Promise<Uint8Array> {
    if (length > MAX_FIELD_BYTES) {
      throw new InvalidMessageError(`a field of ${length} bytes in a section head`)
    }
    const bytes = await this.upTo(length)
    if (bytes.byteLength < length) {
      throw new InvalidMessageError('the file ends in a section head')
    }
    if (seek) {
      this.pos += length
    }
    return bytes
  }

  seek(length: number): void {
    this.pos += length
  }
}
