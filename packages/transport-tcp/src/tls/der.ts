import { InvalidCertificateError } from './errors.ts'

/** The tags that certificates use (X.690). */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  printableString: 0x13,
  sequence: 0x30,
  set: 0x31,
  /** `[n]`, constructed. */
  context: (n: number): number => 0xa0 | n,
  /** `[n]`, primitive. */
  contextPrimitive: (n: number): number => 0x80 | n
} as const

/** One element: its tag, its value, and the whole of it as it stood in the input. */
export interface DerElement {
  readonly tag: number
  readonly value: Uint8Array
  readonly whole: Uint8Array
}

/** Large enough for `MAX_CERTIFICATE_BYTES`; the input is bounded by the caller. */
const MAX_LENGTH_OCTETS = 3
const HIGH_TAG_NUMBER = 0x1f
const LONG_FORM = 0x80

/**
 * Reads DER elements one after another: definite and minimal lengths only, one-octet tags only, never beyond its input.
 * It goes into nothing by itself, so no input can make it recurse. Views, no copies.
 */
export class DerReader {
  readonly #input: Uint8Array
  #at = 0

  constructor(input: Uint8Array) {
    this.#input = input
  }

  get atEnd(): boolean {
    return this.#at === this.#input.byteLength
  }

  /** The tag of the next element, or nothing at the end. */
  peek(): number | undefined {
    return this.#input[this.#at]
  }

  /** The next element, which must have this tag. */
  read(tag: number, what: string): DerElement {
    const start = this.#at
    if (this.#octet(what) !== tag || (tag & HIGH_TAG_NUMBER) === HIGH_TAG_NUMBER) {
      throw new InvalidCertificateError(`${what}: another type of element was expected`)
    }
    const length = this.#length(what)
    const from = this.#at
    if (length > this.#input.byteLength - from) {
      throw new InvalidCertificateError(`${what}: ends too early`)
    }
    this.#at = from + length
    return { tag, value: this.#input.subarray(from, this.#at), whole: this.#input.subarray(start, this.#at) }
  }

  /** The inside of the next element, which must have this tag. */
  enter(tag: number, what: string): DerReader {
    return new DerReader(this.read(tag, what).value)
  }

  /** Nothing may follow. */
  end(what: string): void {
    if (!this.atEnd) {
      throw new InvalidCertificateError(`${what}: something follows its end`)
    }
  }

  #length(what: string): number {
    const first = this.#octet(what)
    if (first < LONG_FORM) {
      return first
    }
    const octets = first & ~LONG_FORM
    if (octets === 0 || octets > MAX_LENGTH_OCTETS) {
      throw new InvalidCertificateError(`${what}: its length is out of bounds`)
    }
    let length = 0
    for (let i = 0; i < octets; i++) {
      length = length * 256 + this.#octet(what)
    }
    if (length < LONG_FORM || length < 256 ** (octets - 1)) {
      throw new InvalidCertificateError(`${what}: its length is not in the shortest form`)
    }
    return length
  }

  #octet(what: string): number {
    const octet = this.#input[this.#at]
    if (octet === undefined) {
      throw new InvalidCertificateError(`${what}: ends too early`)
    }
    this.#at += 1
    return octet
  }
}

/** The value of a BIT STRING of whole octets. */
export function wholeBits({ value }: DerElement, what: string): Uint8Array {
  if (value[0] !== 0) {
    throw new InvalidCertificateError(`${what}: not a whole number of octets`)
  }
  return value.subarray(1)
}

/** One element around what is given. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(parts)
  const size = value.byteLength
  if (size < LONG_FORM) {
    return Buffer.concat([Uint8Array.of(tag, size), value])
  }
  const octets =
    size < 256 ? [size] : size < 256 ** 2 ? [size >> 8, size & 0xff] : [size >> 16, (size >> 8) & 0xff, size & 0xff]
  return Buffer.concat([Uint8Array.of(tag, LONG_FORM | octets.length, ...octets), value])
}

/** An OBJECT IDENTIFIER from its dotted form. */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const octets = [first * 40 + second]
  for (const arc of rest) {
    const groups = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) {
      groups.unshift(0x80 | (left & 0x7f))
    }
    octets.push(...groups)
  }
  return der(Tag.oid, Uint8Array.from(octets))
}
