import { InvalidMessageError } from '@p2pshare/interface'
import { Undelimiter } from '../wire/delimited.ts'
import { decodeBlockAnswer, MAX_BLOCK_ANSWER_BYTES } from './wire/codec.ts'
import type { BlockRefusal } from './wire/codec.ts'

/** Takes what an `AnswerReader` finds. */
export interface AnswerSink {
  /** `wanted`: keep the block. `unwanted`: it was asked for, and is dropped. `undefined`: it was never asked for. */
  state(id: number): 'wanted' | 'unwanted' | undefined
  /** A block that was wanted, not verified. */
  block(id: number, block: Uint8Array): void
  /** There is no block for this request, or it was dropped. */
  ended(id: number, refusal: BlockRefusal | undefined): void
}

interface Body {
  readonly id: number
  /** `undefined`: nobody wants it any more. */
  readonly block: Uint8Array | undefined
  left: number
}

/** Cuts what the answering side of a block stream sends into answers. Memory is taken only for what was asked for. */
export class AnswerReader {
  readonly #sink: AnswerSink
  readonly #headers = new Undelimiter(MAX_BLOCK_ANSWER_BYTES)
  #body: Body | undefined

  constructor(sink: AnswerSink) {
    this.#sink = sink
  }

  /** @throws InvalidMessageError for what nobody asked for, and for what breaks a rule. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.byteLength) {
      at = this.#body === undefined ? this.#takeHeader(chunk, at) : this.#takeBody(this.#body, chunk, at)
    }
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    const { message, next } = this.#headers.take(chunk, at)
    if (message === undefined) {
      return next
    }
    const answer = decodeBlockAnswer(message)
    const state = this.#sink.state(answer.id)
    if (state === undefined) {
      throw new InvalidMessageError(`an answer to request ${answer.id}, which nobody sent`)
    }
    if (answer.refusal !== undefined) {
      this.#sink.ended(answer.id, answer.refusal)
      return next
    }
    const block = state === 'wanted' ? new Uint8Array(answer.bytes) : undefined
    this.#body = { id: answer.id, block, left: answer.bytes }
    this.#finishIfWhole(this.#body)
    return next
  }

  #takeBody(body: Body, chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + body.left)
    body.block?.set(piece, body.block.byteLength - body.left)
    body.left -= piece.byteLength
    this.#finishIfWhole(body)
    return at + piece.byteLength
  }

  #finishIfWhole({ id, block, left }: Body): void {
    if (left > 0) {
      return
    }
    this.#body = undefined
    if (block === undefined) {
      this.#sink.ended(id, undefined)
    } else {
      this.#sink.block(id, block)
    }
  }
}
