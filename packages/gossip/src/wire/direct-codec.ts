import { InvalidMessageError } from '@p2pshare/interface'
import {
  MAX_ANSWER_BYTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_EXCHANGE_BYTES,
  MAX_ID_BYTES,
  MAX_KEY_BYTES,
  MAX_NETWORK_MESSAGE_BYTES,
  MAX_PRESENCE_BYTES,
  MAX_RELAYED,
  MAX_SIGNATURE_BYTES,
  QUESTION_ID_BYTES,
  SEQNO_BYTES
} from '../topics/constants.ts'
import { DirectBatch, DirectMessage } from './topics.ts'
import type { Answer, Exchange, Relayed } from './topics.ts'

/** A message between two neighbours. */
export type Direct =
  ({ readonly type: 'exchange' } & Readonly<Exchange>) | ({ readonly type: 'answer' } & Readonly<Answer>)

/** Names of topics of shares are some 80 bytes. */
const MAX_TOPIC_BYTES = 256

/** Tag and length of a message in a batch. */
const BATCH_FRAMING_BYTES = 4

/** What a relayed message has around its data. */
const MAX_FRAMING_BYTES = 32

/** Bytes of one message among others. */
export function directBytes(message: Direct): number {
  return DirectMessage.encode(toWire(message)).byteLength + BATCH_FRAMING_BYTES
}

/** All of one stream; the caller keeps to the limits. */
export function encodeBatch(messages: readonly Direct[]): Uint8Array {
  return DirectBatch.encode({ messages: messages.map(toWire) })
}

/** Throws `InvalidMessageError` for everything that no honest node sends. Signatures are for the caller to check. */
export function decodeBatch(bytes: Uint8Array): Direct[] {
  if (bytes.byteLength > MAX_BATCH_BYTES) {
    throw new InvalidMessageError(`direct messages: ${bytes.byteLength} bytes, at most ${MAX_BATCH_BYTES}`)
  }
  return decode(bytes).messages.map(toDirect)
}

function toWire(message: Direct): DirectMessage {
  return message.type === 'exchange' ? { exchange: message } : { answer: message }
}

function toDirect({ exchange, answer }: DirectMessage): Direct {
  if (exchange !== undefined && answer === undefined) {
    checkExchange(exchange)
    return { type: 'exchange', ...exchange }
  }
  if (answer !== undefined && exchange === undefined) {
    checkAnswer(answer)
    return { type: 'answer', ...answer }
  }
  throw new InvalidMessageError('direct message: neither an exchange nor an answer')
}

/** What a newcomer in a topic is told: as many of the messages as fit beside the presence, from the first on. */
export function exchangeOf(topic: string, presence: Uint8Array<ArrayBuffer>, messages: readonly Relayed[]): Direct {
  return { type: 'exchange', topic, presence, messages: fitting(messages, MAX_EXCHANGE_BYTES - presence.byteLength) }
}

/** As many as fit into one message, from the first on. */
export function fitting(messages: readonly Relayed[], bytesLeft: number): Relayed[] {
  const taken: Relayed[] = []
  let left = bytesLeft
  for (const message of messages.slice(0, MAX_RELAYED)) {
    const { from, data, signature, key } = message
    left -= from.byteLength + data.byteLength + signature.byteLength + key.byteLength + SEQNO_BYTES + MAX_FRAMING_BYTES
    if (left < 0) {
      break
    }
    taken.push(message)
  }
  return taken
}

function decode(bytes: Uint8Array): DirectBatch {
  try {
    return DirectBatch.decode(bytes, {
      limits: { messages: MAX_BATCH_MESSAGES, messages$: { exchange: { messages: MAX_RELAYED } } }
    })
  } catch (cause) {
    throw new InvalidMessageError('direct messages: cannot be decoded', { cause })
  }
}

function checkExchange({ topic, presence, messages }: Exchange): void {
  const isGood =
    topic.length <= MAX_TOPIC_BYTES && presence.byteLength <= MAX_PRESENCE_BYTES && messages.every(isGoodRelayed)
  if (!isGood) {
    throw new InvalidMessageError('exchange: out of bounds')
  }
}

function isGoodRelayed({ seqno, data, ...signed }: Relayed): boolean {
  const mostData = Math.max(MAX_PRESENCE_BYTES, MAX_NETWORK_MESSAGE_BYTES)
  return isSigned(signed) && seqno.byteLength === SEQNO_BYTES && data.byteLength <= mostData
}

function checkAnswer({ question, payload, ...signed }: Answer): void {
  if (question.byteLength !== QUESTION_ID_BYTES || payload.byteLength > MAX_ANSWER_BYTES || !isSigned(signed)) {
    throw new InvalidMessageError('answer: out of bounds')
  }
}

function isSigned({ from, signature, key }: Pick<Relayed, 'from' | 'signature' | 'key'>): boolean {
  return (
    from.byteLength > 0 &&
    from.byteLength <= MAX_ID_BYTES &&
    signature.byteLength > 0 &&
    signature.byteLength <= MAX_SIGNATURE_BYTES &&
    key.byteLength <= MAX_KEY_BYTES
  )
}
