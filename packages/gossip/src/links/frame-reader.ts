import { InvalidMessageError } from '@p2pshare/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import { MAX_MESSAGE_BYTES } from '../membership/bounds.ts'

/** Seven bits a byte, as many bytes as the largest length takes. */
const MAX_LENGTH_BYTES = 3

/** Cuts a stream into frames, each after its length as a varint. Nothing is made larger than what has arrived. */
export class FrameReader {
  readonly #bytes = new Uint8ArrayList()

  push(chunk: Uint8Array | Uint8ArrayList): void {
    this.#bytes.append(chunk)
  }

  /** The next frame that is there as a whole. Throws `InvalidMessageError` for a length that no honest node sends. */
  next(): Uint8Array | undefined {
    const head = this.#length()
    if (head === undefined || this.#bytes.byteLength < head.width + head.length) {
      return undefined
    }
    const frame = this.#bytes.slice(head.width, head.width + head.length)
    this.#bytes.consume(head.width + head.length)
    return frame
  }

  #length(): { length: number; width: number } | undefined {
    let length = 0
    for (let width = 0; width < this.#bytes.byteLength; width++) {
      if (width === MAX_LENGTH_BYTES) {
        throw new InvalidMessageError('frame: its length has too many bytes')
      }
      const byte = this.#bytes.get(width)
      length += (byte & 0x7f) << (7 * width)
      if (byte < 0x80) {
        if (length === 0 || length > MAX_MESSAGE_BYTES) {
          throw new InvalidMessageError(`frame: ${length} bytes, from 1 to ${MAX_MESSAGE_BYTES}`)
        }
        return { length, width: width + 1 }
      }
    }
    return undefined
  }
}

/** The frame with its length before it. */
export function withLength(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const head: number[] = []
  let rest = frame.byteLength
  while (rest > 0x7f) {
    head.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  head.push(rest)
  const bytes = new Uint8Array(head.length + frame.byteLength)
  bytes.set(head)
  bytes.set(frame, head.length)
  return bytes
}
