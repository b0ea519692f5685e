import { randomBytes } from 'node:crypto'
import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'
import { decodeStun, encodeStun, isStun } from './codec.ts'
import {
  FIRST_WAIT_MS,
  LAST_WAIT_FACTOR,
  MAX_OPEN_QUESTIONS,
  MAX_SENDS,
  QUESTION_BYTES,
  TRANSACTION_ID_BYTES
} from './constants.ts'
import { NoStunAnswerError, TooManyQuestionsError } from './errors.ts'
import type { ChangeRequest, ReceivedStunMessage } from './message.ts'

/** When a question is sent, and when it is given up; milliseconds from its beginning. */
export interface SendSchedule {
  readonly sendAtMs: readonly number[]
  readonly giveUpAtMs: number
}

/** The schedule of RFC 8489 section 6.2.1: 0, 500, 1500, 3500 ... 31500, and given up at 39500 ms. Pure. */
export function rfcSchedule(firstWaitMs = FIRST_WAIT_MS): SendSchedule {
  const sendAtMs = Array.from({ length: MAX_SENDS }, (_, n) => (2 ** n - 1) * firstWaitMs)
  return { sendAtMs, giveUpAtMs: (sendAtMs.at(-1) ?? 0) + LAST_WAIT_FACTOR * firstWaitMs }
}

/** One question. */
export interface AskOptions {
  readonly signal: AbortSignal
  readonly change?: ChangeRequest
  /** @default that of RFC 8489 */
  readonly schedule?: SendSchedule
}

/** What came back. */
export interface StunAnswer {
  readonly message: ReceivedStunMessage
  /** Whoever knew the random id: with a changed answer it is not who was asked. */
  readonly from: DatagramAddress
  /** From the first sending. */
  readonly rttMs: number
}

type OnMessage = (message: ReceivedStunMessage, from: DatagramAddress) => void

/** Asks STUN servers over one socket, which may carry other things too and is not closed by it. */
export class StunClient {
  readonly socket: DatagramSocket
  readonly #now: () => number
  readonly #open = new Map<string, OnMessage>()
  #off: (() => void) | undefined

  constructor(socket: DatagramSocket, now: () => number = () => performance.now()) {
    this.socket = socket
    this.#now = now
  }

  /** Questions without an answer so far. */
  get pending(): number {
    return this.#open.size
  }

  /**
   * The answer of `server`, which may be an error of its; the question is filled up so that an answer has room. Throws
   * `NoStunAnswerError`, `TooManyQuestionsError` or the signal's reason.
   */
  async ask(server: DatagramAddress, { signal, change, schedule = rfcSchedule() }: AskOptions): Promise<StunAnswer> {
    signal.throwIfAborted()
    const transactionId = newTransactionId()
    const bytes = encodeStun({ class: 'request', transactionId, ...(change ? { change } : {}) }, QUESTION_BYTES)
    const { promise, resolve, reject } = Promise.withResolvers<StunAnswer>()
    const begun = this.#now()
    const forget = this.expect(transactionId, (message, from) => {
      // RFC 8489 section 6.3.3: what cannot be understood is as if it had not come
      if ((message.class === 'success' || message.class === 'error') && message.notUnderstood.length === 0) {
        resolve({ message, from, rttMs: this.#now() - begun })
      }
    })
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    const timers = schedule.sendAtMs.map((ms) => setTimeout(() => this.socket.send(bytes, server), ms))
    const giveUp = (): void => reject(new NoStunAnswerError(server))
    // a process that was held up looks at what came meanwhile first
    timers.push(setTimeout(() => setImmediate(giveUp), schedule.giveUpAtMs))
    try {
      return await promise
    } finally {
      timers.forEach(clearTimeout)
      signal.removeEventListener('abort', onAbort)
      forget()
    }
  }

  /** Be told of every message with this id. Returns the function that ends it. Throws `TooManyQuestionsError`. */
  expect(transactionId: Uint8Array, onMessage: OnMessage): () => void {
    if (this.#open.size >= MAX_OPEN_QUESTIONS) {
      throw new TooManyQuestionsError(MAX_OPEN_QUESTIONS)
    }
    const key = keyOf(transactionId)
    this.#open.set(key, onMessage)
    this.#off ??= this.socket.handle((bytes, from) => this.#onDatagram(bytes, from))
    return () => {
      this.#open.delete(key)
      if (this.#open.size === 0) {
        this.#off?.()
        this.#off = undefined
      }
    }
  }

  #onDatagram(bytes: Uint8Array, from: DatagramAddress): boolean {
    if (!isStun(bytes)) {
      return false
    }
    const onMessage = this.#open.get(keyOf(bytes.subarray(8, 8 + TRANSACTION_ID_BYTES)))
    if (onMessage === undefined) {
      return false
    }
    try {
      onMessage(decodeStun(bytes), from)
    } catch {
      // malformed with the right id: as if it had not come
    }
    return true
  }
}

/** What an answer is told by: nobody who has not seen the question can guess it. */
export function newTransactionId(): Uint8Array {
  return Uint8Array.from(randomBytes(TRANSACTION_ID_BYTES))
}

function keyOf(transactionId: Uint8Array): string {
  return Buffer.from(transactionId.buffer, transactionId.byteOffset, transactionId.byteLength).toString('hex')
}
