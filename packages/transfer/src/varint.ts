import { InvalidMessageError } from '@p2pshare/interface'

/** Bytes of an unsigned protobuf varint. `value` is a safe integer, not negative. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes++
  }
  return bytes
}

/** Write a varint at `at`; returns the position after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value
  let position = at
  while (rest >= 0x80) {
    target[position++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  target[position++] = rest
  return position
}

/**
 * Reads the parts of a protobuf message that somebody else made.
 * All methods throw `InvalidMessageError` when the bytes end early or a number is larger than a safe integer.
 */
export class MessageReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at >= this.#bytes.byteLength
  }

  varint(): number {
    let value = 0
    let scale = 1
    // 8 groups of 7 bits hold every safe integer; longer ones are larger or not canonical
    for (let groups = 0; groups < 8; groups++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) {
        throw new InvalidMessageError('message ends within a number')
      }
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) {
          break
        }
        return value
      }
      scale *= 0x80
    }
    throw new InvalidMessageError('message has a number above 2^53 - 1')
  }

  /** A view of the next length-delimited field. */
  bytes(): Uint8Array {
    return this.#take(this.varint())
  }

  /** Pass over the next length-delimited field. Returns its length. */
  skipBytes(): number {
    const length = this.varint()
    this.#pass(length)
    return length
  }

  /** Pass over a field of this wire type. */
  skip(wireType: number): void {
    switch (wireType) {
      case 0:
        this.#skipVarint()
        break
      case 1:
        this.#pass(8)
        break
      case 2:
        this.skipBytes()
        break
      case 5:
        this.#pass(4)
        break
      default:
        throw new InvalidMessageError(`message has a field of wire type ${wireType}`)
    }
  }

  #skipVarint(): void {
    for (let byte: number | undefined = 0x80; byte >= 0x80;) {
      byte = this.#bytes[this.#at++]
      if (byte === undefined) {
        throw new InvalidMessageError('message ends within a number')
      }
    }
  }

  #take(length: number): Uint8Array {
    this.#pass(length)
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #pass(length: number): void {
    if (this.#at + length > this.#bytes.byteLength) {
      throw new InvalidMessageError('message ends within a field')
    }
    this.#at += length
  }
}
