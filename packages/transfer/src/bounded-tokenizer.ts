import { Tokenizer } from 'cborg'
import type { DecodeOptions, Token } from 'cborg'

/** CBOR of so many items at most. The library bounds neither depth nor count: each item costs a frame of recursion at most. */
export class BoundedTokenizer extends Tokenizer {
  #left: number
  readonly #tooMany: () => Error

  constructor(bytes: Uint8Array, options: DecodeOptions, most: number, tooMany: () => Error) {
    super(bytes, options)
    this.#left = most
    this.#tooMany = tooMany
  }

  override next(): Token {
    if (this.#left-- === 0) {
      throw this.#tooMany()
    }
    return super.next()
  }
}
