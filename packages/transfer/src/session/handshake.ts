import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { InvalidMessageError, P2PShareError } from '@p2pshare/interface'
import { lpStream } from '@libp2p/utils'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { TRANSFER_PROTOCOL } from '../constants.ts'
import { decodeMessage, encodeMessage } from '../wire/codec.ts'
import type { LaneName, Message, RejectReason } from '../wire/codec.ts'
import { MAX_CONTROL_BYTES, SESSION_ID_BYTES } from '../wire/limits.ts'

/** How long either side waits for the other's HELLO. */
export const HELLO_TIMEOUT_MS = 10_000

/** The peer answered a HELLO with a REJECT. */
export class SessionRejectedError extends P2PShareError {
  static override readonly name = 'SessionRejectedError'
  override readonly name = 'SessionRejectedError'
  readonly code = 'ERR_SESSION_REJECTED'
  readonly fault = 'remote'
  readonly reason: RejectReason

  constructor(reason: RejectReason, options?: ErrorOptions) {
    super(`the peer refused the session: ${reason}`, options)
    this.reason = reason
  }
}

export interface Hello {
  readonly root: CID
  readonly lane: LaneName
  readonly session: Uint8Array
}

export interface LanePair {
  readonly control: Stream
  readonly data: Stream
}

/** What an opener may say behind its HELLO, before the answer: all that a side without the map can say. */
export type FirstMessage = Message & { readonly type: 'get-nodes' }

/**
 * Open both lanes of a session and wait until the peer accepts it (SPEC.md#handshake). `first` goes in the same write as
 * the HELLO. Throws `SessionRejectedError`, `InvalidMessageError`, or what the streams threw; nothing stays open then.
 */
export async function openLanes(
  connection: Connection,
  root: CID,
  { first, ...options }: AbortOptions & { readonly first?: FirstMessage | undefined }
): Promise<LanePair> {
  const session = crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES))
  const opened: Stream[] = []
  let failed = false
  const open = async (): Promise<Stream> => {
    const stream = await connection.newStream(TRANSFER_PROTOCOL, { ...options, runOnLimitedConnection: true })
    opened.push(stream)
    if (failed) {
      stream.abort(new InvalidMessageError('the other lane of the session could not be opened'))
    }
    return stream
  }
  try {
    const [control, data] = await Promise.all([open(), open()])
    await Promise.all([
      writeMessage(control, { type: 'hello', root, lane: 'control', session }, options, first),
      writeMessage(data, { type: 'hello', root, lane: 'data', session }, options)
    ])
    const reply = await readMessage(control, options)
    if (reply.type === 'reject') {
      throw new SessionRejectedError(reply.reason)
    }
    if (reply.type !== 'hello' || !reply.root.equals(root)) {
      throw new InvalidMessageError(`${reply.type} where a hello was expected`)
    }
    return { control, data }
  } catch (error) {
    failed = true
    for (const stream of opened) {
      stream.abort(asError(error))
    }
    throw error
  }
}

/** The first message of a stream that a peer opened. */
export async function readHello(stream: Stream, options: AbortOptions): Promise<Hello> {
  const message = await readMessage(stream, options)
  if (message.type !== 'hello') {
    throw new InvalidMessageError(`${message.type} where a hello was expected`)
  }
  return message
}

/** Accept a session: the opener may speak now. */
export async function answerHello(stream: Stream, hello: Hello, options: AbortOptions): Promise<void> {
  await writeMessage(stream, { type: 'hello', ...hello }, options)
}

/** Refuse a session, saying why, and end the stream. */
export async function refuseHello(stream: Stream, reason: RejectReason, options: AbortOptions): Promise<void> {
  await writeMessage(stream, { type: 'reject', reason, runs: [], nodes: 0 }, options)
  await stream.close(options)
}

async function writeMessage(stream: Stream, message: Message, options: AbortOptions, next?: Message): Promise<void> {
  const lp = lpStream(stream)
  const all = next === undefined ? [message] : [message, next]
  await lp.writeV(all.map(encodeMessage), options)
  lp.unwrap()
}

/** Reads one message and leaves what follows it in the stream. */
async function readMessage(stream: Stream, options: AbortOptions): Promise<Message> {
  const lp = lpStream(stream, { maxDataLength: MAX_CONTROL_BYTES })
  const bytes = await lp.read(options)
  lp.unwrap()
  return decodeMessage(bytes.subarray())
}
