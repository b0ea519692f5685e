import type { AbortOptions, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { InvalidMessageError } from '@p2pshare/interface'
import { decodeKadMessage, encodeKadMessage } from '../wire/codec.ts'
import { MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage } from '../wire/messages.ts'

/** What may wait to be read: one answer, and the beginning of what should not come. */
const MAX_BUFFER_BYTES = 2 * MAX_MESSAGE_BYTES

/** Send requests one behind the other, without waiting in between, and read an answer to each. */
export async function askOver(
  stream: Stream,
  requests: readonly KadMessage[],
  options: AbortOptions
): Promise<KadMessage[]> {
  const messages = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES, maxBufferSize: MAX_BUFFER_BYTES })
  await messages.writeV(requests.map(encodeKadMessage), options)
  const answers: KadMessage[] = []
  for (const { type } of requests) {
    const answer = decodeKadMessage((await messages.read(options)).subarray())
    if (answer.type !== type) {
      throw new InvalidMessageError(`kad: answered ${type} with ${answer.type}`)
    }
    answers.push(answer)
  }
  return answers
}

/** Has an answer, and so tells that everything before it was taken. */
const PING: KadMessage = Object.freeze({ type: MessageType.PING, closer: [], providers: [] })

/**
 * Send messages that have no answer, and wait until the other end has taken them: requests of a stream are worked off one
 * after the other, so it answers the PING behind them, or at least closes its side when it has read the end of ours. It
 * resets the stream when it refuses one.
 */
export async function tellOver(stream: Stream, messages: readonly KadMessage[], options: AbortOptions): Promise<void> {
  const sink = lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES, maxBufferSize: MAX_BUFFER_BYTES })
  await sink.writeV([...messages, PING].map(encodeKadMessage), options)
  await stream.close(options)
  try {
    await sink.read(options)
  } catch (err) {
    // stock servers reset when they find the end of a stream where they hoped for a message
    const isEnd = err instanceof Error && err.name === 'UnexpectedEOFError'
    if (!isEnd || stream.status === 'reset' || stream.status === 'aborted') {
      throw new InvalidMessageError('kad: the stream was reset', { cause: err })
    }
  }
}
