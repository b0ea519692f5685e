import { read } from 'node:fs'
import { promisify } from 'node:util'
import { SourceChangedError } from '../errors.ts'
import { onDisk } from '../store/fs.ts'
import type { OpenFile } from './read-file.ts'

const readAt = promisify(read)

/** Reads of one file that are on their way at once: the disk works while we hash. */
const READ_AHEAD = 4

/** Buffers that are used again; as many as were ever out at once. */
export class ReadBuffers {
  readonly bytes: number
  readonly #free: Buffer[] = []

  constructor(bytes: number) {
    this.bytes = bytes
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bytes)
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer)
  }
}

interface PendingRead {
  readonly buffer: Buffer
  readonly length: number
  readonly done: Promise<void>
}

/**
 * The bytes of a file in order, in views of buffers that are used again: each is good until the next is asked for. All
 * but the last are `buffers.bytes` long.
 *
 * @throws SourceChangedError when the file ends before its size, or goes on behind it.
 */
export async function* readChunks(file: OpenFile, buffers: ReadBuffers): AsyncGenerator<Uint8Array, void, undefined> {
  const pending: PendingRead[] = []
  let position = 0
  const readOn = (): void => {
    while (position < file.stats.size && pending.length < READ_AHEAD) {
      const buffer = buffers.take()
      const length = Math.min(buffers.bytes, file.stats.size - position)
      const done = fill(file, buffer, length, position)
      // it is awaited later, or not at all when an earlier one fails
      done.catch(() => undefined)
      pending.push({ buffer, length, done })
      position += length
    }
  }
  try {
    readOn()
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      await next.done
      yield next.buffer.subarray(0, next.length)
      pending.shift()
      buffers.give(next.buffer)
      readOn()
    }
  } finally {
    // the system may still write into them
    await Promise.allSettled(pending.map(async ({ done }) => done))
    for (const { buffer } of pending) {
      buffers.give(buffer)
    }
  }
}

/** Read `length` bytes; at the end of the file one more is asked for, which must not come. */
async function fill(file: OpenFile, buffer: Buffer, length: number, position: number): Promise<void> {
  const last = position + length === file.stats.size
  const room = last && length < buffer.byteLength ? length + 1 : length
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await onDisk(file.place, async () =>
      readAt(file.fd, buffer, filled, room - filled, position + filled)
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
