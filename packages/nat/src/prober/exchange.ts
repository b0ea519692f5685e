import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { anySignal } from 'any-signal'
import { INFO_TIMEOUT_MS, MAX_INFO_BYTES } from './constants.ts'

/** Ask one thing over a connection: a message out (or none), a message back. Throws what libp2p throws. */
export async function askPeer(
  connection: Connection,
  protocol: string,
  question: Uint8Array | undefined,
  parent: AbortSignal
): Promise<Uint8Array> {
  const signal = anySignal([parent, AbortSignal.timeout(INFO_TIMEOUT_MS)])
  try {
    const stream = await connection.newStream(protocol, { signal })
    try {
      const messages = lpStream(stream, { maxDataLength: MAX_INFO_BYTES })
      if (question !== undefined) {
        await messages.write(question, { signal })
      }
      const answer = await messages.read({ signal })
      messages.unwrap()
      await stream.close({ signal })
      return answer.subarray()
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  } finally {
    signal.clear()
  }
}

/** The other side: `answer` gets the question, or nothing where there is none. A throw resets the stream. */
export async function answerPeer(
  stream: Stream,
  parent: AbortSignal,
  withQuestion: boolean,
  answer: (question: Uint8Array) => Uint8Array
): Promise<void> {
  const signal = anySignal([parent, AbortSignal.timeout(INFO_TIMEOUT_MS)])
  try {
    const messages = lpStream(stream, { maxDataLength: MAX_INFO_BYTES })
    const question = withQuestion ? (await messages.read({ signal })).subarray() : new Uint8Array()
    await messages.write(answer(question), { signal })
    messages.unwrap()
    await stream.close({ signal })
  } finally {
    signal.clear()
  }
}
