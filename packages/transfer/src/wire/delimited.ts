import { InvalidMessageError } from '@p2pshare/interface'

/** Prefix a message with its length as an unsigned varint, as all of libp2p does. */
export function delimit(message: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = message.byteLength
  while (rest >= 0x80) {
    prefix.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  prefix.push(rest)
  const out = new Uint8Array(prefix.length + message.byteLength)
  out.set(prefix)
  out.set(message, prefix.length)
  return out
}

/** Three varint bytes hold lengths up to 2 MiB: more than any limit passed to `Undelimiter`. */
const MAX_PREFIX_BYTES = 3

/**
 * Cuts a byte stream into length-prefixed messages. Nothing is allocated before the length was compared with
 * `maxBytes`; a longer one throws `InvalidMessageError`.
 */
export class Undelimiter {
  readonly #maxBytes: number
  #length = 0
  #prefixBytes = 0
  #body: Uint8Array | undefined
  #fill = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The next message in `chunk` from `at` on, and where it ends; `undefined` when more bytes are needed. */
  take(chunk: Uint8Array, at: number): { message: Uint8Array | undefined; next: number } {
    let next = at
    while (this.#body === undefined) {
      const byte = chunk[next]
      if (byte === undefined) {
        return { message: undefined, next }
      }
      next++
      this.#takePrefix(byte)
    }
    const piece = chunk.subarray(next, next + this.#body.byteLength - this.#fill)
    this.#body.set(piece, this.#fill)
    this.#fill += piece.byteLength
    next += piece.byteLength
    if (this.#fill < this.#body.byteLength) {
      return { message: undefined, next }
    }
    const message = this.#body
    this.#body = undefined
    this.#fill = 0
    return { message, next }
  }

  #takePrefix(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#prefixBytes)
    this.#prefixBytes++
    if (byte >= 0x80 && this.#prefixBytes < MAX_PREFIX_BYTES) {
      return
    }
    if (byte >= 0x80 || this.#length > this.#maxBytes) {
      throw new InvalidMessageError(`message longer than ${this.#maxBytes} bytes`)
    }
    this.#body = new Uint8Array(this.#length)
    this.#length = 0
    this.#prefixBytes = 0
  }
}
