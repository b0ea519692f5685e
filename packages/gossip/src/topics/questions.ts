import type { Logger, PeerId, PrivateKey } from '@libp2p/interface'
import type { AnswerHandler, AskOptions, PeerAnswer } from '@p2pshare/interface'
import { InvalidOptionError } from '@p2pshare/interface'
import { randomBytes } from 'node:crypto'
import type { Direct } from '../wire/direct-codec.ts'
import { isQuestionTopic } from '../wire/network-codec.ts'
import type { QuestionMessage } from '../wire/network-codec.ts'
import type { Answer } from '../wire/topics.ts'
import {
  ASK_DEFAULTS,
  MAX_ANSWERING,
  MAX_ANSWERS,
  MAX_ANSWER_BYTES,
  MAX_ASKING,
  MAX_DEADLINE_MS,
  MAX_HANDLERS,
  MAX_OPEN_QUESTIONS,
  MAX_QUESTION_BYTES,
  MIN_DEADLINE_MS,
  QUESTION_ID_BYTES
} from './constants.ts'
import { TooManyAsksError } from './errors.ts'
import { KeyedQueue } from './queue.ts'
import { signAnswer, verifyAnswer } from './signed.ts'

/** A question that is open: where its answers go, how many may, and who answered. */
interface Open {
  /** The neighbour it was heard from; `undefined`: asked here. */
  readonly back: PeerId | undefined
  readonly asker: PeerId
  readonly endsAt: number
  readonly max: number
  readonly answered: Set<string>
  readonly queue?: KeyedQueue<PeerAnswer>
  readonly askedAt: number
}

export interface QuestionsInit {
  readonly self: { readonly peerId: PeerId; readonly privateKey: PrivateKey }
  readonly log: Logger
  readonly publish: (question: QuestionMessage) => Promise<void>
  /** To a neighbour; false: it is none. */
  readonly send: (peer: PeerId, message: Direct) => boolean
}

/**
 * Questions to all, and their answers. A question travels over the network topic; an answer goes straight to the asker
 * if that is a neighbour, else back the way the question came, from neighbour to neighbour: nobody is dialled, and
 * nobody but those on the way hears it.
 */
export class Questions {
  readonly #init: QuestionsInit
  readonly #handlers = new Map<string, AnswerHandler>()
  readonly #open = new Map<string, Open>()
  #answering = 0

  constructor(init: QuestionsInit) {
    this.#init = init
  }

  /** Answer what is asked under this name. Returns how to stop. */
  answer(topic: string, handler: AnswerHandler): () => void {
    checkTopic(topic)
    if (this.#handlers.has(topic)) {
      throw new InvalidOptionError('topic', `questions about ${topic} have a handler already`)
    }
    if (this.#handlers.size >= MAX_HANDLERS) {
      throw new TooManyAsksError('handlers', MAX_HANDLERS)
    }
    this.#handlers.set(topic, handler)
    return () => {
      if (this.#handlers.get(topic) === handler) {
        this.#handlers.delete(topic)
      }
    }
  }

  /** Ends at the deadline, with the last answer that was wanted, or when the signal aborts. */
  async *ask(
    topic: string,
    payload: Uint8Array,
    options: AskOptions = {}
  ): AsyncGenerator<PeerAnswer, void, undefined> {
    const { signal, deadlineMs, maxAnswers } = { ...ASK_DEFAULTS, ...options }
    checkTopic(topic)
    checkBounds({ payload, deadlineMs, maxAnswers })
    if (signal?.aborted === true) {
      return
    }
    if ([...this.#open.values()].filter(({ back }) => back === undefined).length >= MAX_ASKING) {
      throw new TooManyAsksError('questions', MAX_ASKING)
    }
    const id = Uint8Array.from(randomBytes(QUESTION_ID_BYTES))
    const queue = new KeyedQueue<PeerAnswer>(MAX_ANSWERS)
    const askedAt = Date.now()
    const asker = this.#init.self.peerId
    const key = keyOf(id)
    this.#open.set(key, {
      back: undefined,
      asker,
      askedAt,
      endsAt: askedAt + deadlineMs,
      max: maxAnswers,
      answered: new Set(),
      queue
    })
    const timer = setTimeout(queue.end, deadlineMs)
    signal?.addEventListener('abort', queue.end, { once: true })
    try {
      await this.#init.publish({ type: 'question', id, topic, payload, deadlineMs, maxAnswers })
      let left = maxAnswers
      for await (const answer of queue.drain()) {
        yield answer
        if (--left === 0) {
          return
        }
      }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', queue.end)
      this.#open.delete(key)
    }
  }

  /** A question of `asker` that `neighbour` brought. */
  heard(asker: PeerId, neighbour: PeerId, question: QuestionMessage, now: number): void {
    const { id, topic, deadlineMs, maxAnswers } = question
    const key = keyOf(id)
    this.#expire(now)
    if (this.#open.has(key) || this.#open.size >= MAX_OPEN_QUESTIONS) {
      return
    }
    const endsAt = now + deadlineMs
    this.#open.set(key, { back: neighbour, asker, askedAt: now, endsAt, max: maxAnswers, answered: new Set() })
    const handler = this.#handlers.get(topic)
    if (handler !== undefined && this.#answering < MAX_ANSWERING) {
      this.#answering++
      this.#reply(asker, question, handler)
        .catch((error: unknown) => {
          this.#init.log('no answer about %s for %p - %e', topic, asker, error)
        })
        .finally(() => {
          this.#answering--
        })
    }
  }

  /** An answer came: for this node, or on its way. False: it is not what it says, which is the bringer's fault. */
  async answered(answer: Answer, now: number): Promise<boolean> {
    const open = this.#open.get(keyOf(answer.question))
    if (open === undefined || open.endsAt <= now || open.answered.size >= open.max) {
      return true // late, or more than was asked for
    }
    const from = await verifyAnswer(answer)
    if (from === undefined) {
      return false
    }
    if (open.answered.has(from.toString()) || open.answered.size >= open.max) {
      return true
    }
    open.answered.add(from.toString())
    if (open.back === undefined) {
      const afterMs = Math.max(0, Date.now() - open.askedAt)
      open.queue?.push(from.toString(), { from, payload: answer.payload, afterMs })
    } else {
      this.#sendBack(open, answer)
    }
    return true
  }

  /** Ends all that was asked here. */
  end(): void {
    for (const { queue } of this.#open.values()) {
      queue?.end()
    }
    this.#open.clear()
  }

  async #reply(asker: PeerId, { id, payload, deadlineMs }: QuestionMessage, handler: AnswerHandler): Promise<void> {
    const answer = await handler({ from: asker, payload, signal: AbortSignal.timeout(deadlineMs) })
    const open = this.#open.get(keyOf(id))
    if (answer === undefined || open === undefined || open.endsAt <= Date.now()) {
      return
    }
    if (answer.byteLength > MAX_ANSWER_BYTES) {
      throw new InvalidOptionError('answer', `${answer.byteLength} bytes, at most ${MAX_ANSWER_BYTES}`)
    }
    this.#sendBack(open, await signAnswer(this.#init.self, id, answer))
  }

  #sendBack({ asker, back }: Open, answer: Answer): void {
    const message = { type: 'answer', ...answer } as const
    if (!this.#init.send(asker, message) && back !== undefined && !back.equals(asker)) {
      this.#init.send(back, message)
    }
  }

  #expire(now: number): void {
    for (const [key, { endsAt, back }] of this.#open) {
      if (endsAt <= now && back !== undefined) {
        this.#open.delete(key)
      }
    }
  }
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1')
}

function checkTopic(topic: string): void {
  if (!isQuestionTopic(topic)) {
    throw new InvalidOptionError('topic', `${JSON.stringify(topic)} is empty or too long`)
  }
}

function checkBounds({
  payload,
  deadlineMs,
  maxAnswers
}: Required<Pick<AskOptions, 'deadlineMs' | 'maxAnswers'>> & { readonly payload: Uint8Array }): void {
  if (payload.byteLength > MAX_QUESTION_BYTES) {
    throw new InvalidOptionError('payload', `${payload.byteLength} bytes, at most ${MAX_QUESTION_BYTES}`)
  }
  if (!Number.isInteger(deadlineMs) || deadlineMs < MIN_DEADLINE_MS || deadlineMs > MAX_DEADLINE_MS) {
    throw new InvalidOptionError('deadlineMs', `${deadlineMs} is not from ${MIN_DEADLINE_MS} to ${MAX_DEADLINE_MS}`)
  }
  if (!Number.isInteger(maxAnswers) || maxAnswers < 1 || maxAnswers > MAX_ANSWERS) {
    throw new InvalidOptionError('maxAnswers', `${maxAnswers} is not from 1 to ${MAX_ANSWERS}`)
  }
}
