import type { AbortOptions } from '@libp2p/interface'
import { InvalidMessageError, P2PShareError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import type { Intake } from '../rate/limiter.ts'
import type { Lane } from '../session/lane.ts'
import { AnswerReader } from './answer-reader.ts'
import { encodeBlockRequest } from './wire/codec.ts'
import type { BlockRefusal } from './wire/codec.ts'

/** Requests of one link that have no answer yet; a peer takes as many. */
export const MAX_BLOCK_REQUESTS = 16

/** The peer has no block for us. */
export class BlockRefusedError extends P2PShareError {
  static override readonly name = 'BlockRefusedError'
  override readonly name = 'BlockRefusedError'
  readonly code = 'ERR_BLOCK_REFUSED'
  readonly fault = 'remote'
  readonly reason: BlockRefusal

  constructor(reason: BlockRefusal, options?: ErrorOptions) {
    super(`the peer gave no block: ${reason}`, options)
    this.reason = reason
  }
}

/** The link ended before the answer came. */
export class BlockLinkClosedError extends P2PShareError {
  static override readonly name = 'BlockLinkClosedError'
  override readonly name = 'BlockLinkClosedError'
  readonly code = 'ERR_BLOCK_LINK_CLOSED'
  readonly fault = 'network'
}

interface Question {
  readonly resolve: (block: Uint8Array) => void
  readonly reject: (error: unknown) => void
}

/** An open block stream to a peer, seen from the side that asks (SPEC.md#small-content). */
export class BlockLink {
  /** Resolves when nothing more will be answered here. */
  readonly closed: Promise<Error | undefined>
  readonly #lane: Lane
  /** By request id; `undefined` stands for one that nobody waits for any more. */
  readonly #questions = new Map<number, Question | undefined>()
  #nextId = 1
  #open = true
  #resume: NodeJS.Timeout | undefined

  /** @param intake - is told of bytes that arrive, and for how many milliseconds to read no more. */
  constructor(lane: Lane, intake?: Intake) {
    this.#lane = lane
    const reader = new AnswerReader({
      state: (id) => {
        const question = this.#questions.get(id)
        return question !== undefined ? 'wanted' : this.#questions.has(id) ? 'unwanted' : undefined
      },
      block: (id, block) => {
        this.#take(id)?.resolve(block)
      },
      ended: (id, refusal) => {
        this.#take(id)?.reject(new BlockRefusedError(refusal ?? 'not-held'))
      }
    })
    this.closed = lane.closed.then((error) => {
      this.#end(error)
      return error
    })
    lane.receive((chunk) => {
      try {
        this.#rest(intake?.took(chunk.byteLength) ?? 0)
        reader.push(chunk)
      } catch (error) {
        this.#end(asError(error))
        lane.abort(asError(error))
      }
    })
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Requests without an answer, given up ones included: those occupy the peer all the same. */
  get pending(): number {
    return this.#questions.size
  }

  /**
   * Ask for a block, which is not verified here.
   *
   * @throws BlockRefusedError, BlockLinkClosedError, the signal's reason.
   */
  async ask(cid: CID, root: CID | undefined, { signal }: AbortOptions): Promise<Uint8Array> {
    signal?.throwIfAborted()
    if (!this.#open) {
      throw new BlockLinkClosedError('the link to the peer is closed')
    }
    if (this.#questions.size >= MAX_BLOCK_REQUESTS) {
      throw new BlockRefusedError('busy')
    }
    const id = this.#nextId
    this.#nextId = (this.#nextId % 0xff_ff_ff_ff) + 1
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    this.#questions.set(id, { resolve, reject })
    const giveUp = (): void => {
      this.#questions.set(id, undefined)
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', giveUp)
    try {
      this.#lane.send(encodeBlockRequest({ id, cid, ...(root && { root }) }))
      return await promise
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  close(): void {
    this.#end(undefined)
    this.#lane.end()
  }

  /** Read nothing for a while: a download cap says so. */
  #rest(ms: number): void {
    if (ms > 0) {
      this.#lane.pause()
      clearTimeout(this.#resume)
      this.#resume = setTimeout(() => {
        this.#lane.resume()
      }, Math.ceil(ms))
    }
  }

  #take(id: number): Question | undefined {
    const question = this.#questions.get(id)
    this.#questions.delete(id)
    return question
  }

  #end(cause: Error | undefined): void {
    this.#open = false
    clearTimeout(this.#resume)
    const error =
      cause instanceof InvalidMessageError
        ? cause
        : new BlockLinkClosedError('the link to the peer ended', cause && { cause })
    for (const question of this.#questions.values()) {
      question?.reject(error)
    }
    this.#questions.clear()
  }
}
