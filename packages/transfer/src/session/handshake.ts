import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { InvalidMessageError, P2PShareError } from '@p2pshare/interface'
import { lpStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { TRANSFER_PROTOCOL } from '../constants.ts'
import { decodeMessage, encodeMessage } from '../wire/codec.ts'
import type { HelloMove, LaneName, Message, RejectReason } from '../wire/codec.ts'
import { MAX_CONTROL_BYTES, SESSION_ID_BYTES } from '../wire/limits.ts'

/** How long either side waits for the other's HELLO. */
export const HELLO_TIMEOUT_MS = 10_000

/**
 * A HELLO: a CID, a session id and four small numbers take under 100 bytes; the rest is for later versions. Of a stream
 * that has not said it this much is kept.
 */
export const MAX_HELLO_BYTES = 1024

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

export interface Hello extends HelloMove {
  readonly root: CID
  readonly lane: LaneName
  readonly session: Uint8Array
}

/** Both lanes of a session, after their HELLOs. */
export interface LanePair {
  readonly control: Stream
  readonly data: Stream
  /** Its name. */
  readonly session: Uint8Array
  /** The other side can move it. */
  readonly moves: boolean
  /** Number of the move that brought the lanes; 0 for the first ones. */
  readonly move: number
  /** Messages of the session that the other side said it has heard. */
  readonly heardThere: number
  /** What was said behind the HELLO. */
  readonly first?: FirstMessage | undefined
}

/** A session that is to go on over new lanes. */
export interface MoveInit {
  readonly session: Uint8Array
  /** Number of the move, from 1 on. */
  readonly move: number
  /** Messages of the peer that this side has heard. */
  readonly heard: number
}

/** What an opener may say behind its HELLO, before the answer: all that a side without the map can say. */
export type FirstMessage = Message & { readonly type: 'get-nodes' }

/** How one message is read, and how much may be there then. */
interface ReadOptions extends AbortOptions {
  readonly maxDataLength?: number
  readonly maxBufferSize?: number
}

export interface OpenLanesOptions extends AbortOptions {
  readonly first?: FirstMessage | undefined
  /** Of a session that is there, instead of a new one. */
  readonly move?: MoveInit | undefined
}

/**
 * Open both lanes of a session and wait until the peer accepts it (SPEC.md#handshake). `first` goes in the same write as
 * the HELLO. Throws `SessionRejectedError`, `InvalidMessageError`, or what the streams threw; nothing stays open then.
 */
export async function openLanes(
  connection: Connection,
  root: CID,
  { first, move, ...options }: OpenLanesOptions
): Promise<LanePair> {
  const session = move?.session ?? crypto.getRandomValues(new Uint8Array(SESSION_ID_BYTES))
  const moving: HelloMove = { moves: true, ...(move && { move: move.move, heard: move.heard }) }
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
      writeMessage(control, { type: 'hello', root, lane: 'control', session, ...moving }, options, first),
      writeMessage(data, { type: 'hello', root, lane: 'data', session, ...moving }, options)
    ])
    const reply = await readMessage(control, options)
    if (reply.type === 'reject') {
      throw new SessionRejectedError(reply.reason)
    }
    if (reply.type !== 'hello' || !reply.root.equals(root)) {
      throw new InvalidMessageError(`${reply.type} where a hello was expected`)
    }
    return {
      control,
      data,
      session,
      moves: reply.moves === true,
      move: move?.move ?? 0,
      heardThere: reply.heard ?? 0,
      first
    }
  } catch (error) {
    failed = true
    for (const stream of opened) {
      stream.abort(asError(error))
    }
    throw error
  }
}

/** The first message of a stream that a peer opened, which may have `maxBufferSize` bytes with what came behind it. */
export async function readHello(stream: Stream, options: ReadOptions): Promise<Hello> {
  const message = await readMessage(stream, { ...options, maxDataLength: MAX_HELLO_BYTES })
  if (message.type !== 'hello') {
    throw new InvalidMessageError(`${message.type} where a hello was expected`)
  }
  return message
}

/** Accept a session, or a move of one of which so much was `heard`: the opener may speak now. */
export async function answerHello(
  stream: Stream,
  { root, lane, session, move }: Hello,
  { heard, ...options }: AbortOptions & { readonly heard?: number }
): Promise<void> {
  const moving: HelloMove = { moves: true, ...(move !== undefined && { move, heard: heard ?? 0 }) }
  await writeMessage(stream, { type: 'hello', root, lane, session, ...moving }, options)
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

/**
 * A length as far as it has come; NaN while there has to be another byte. libp2p's own decoder throws then, and libp2p goes on
 * for as long as it does, whatever the bound: of bytes that never end a number it would read all that ever come.
 */
function decodeLength(bytes: Uint8Array | Uint8ArrayList): number {
  const read = bytes.subarray()
  return (read.at(-1) ?? 0x80) >= 0x80
    ? Number.NaN
    : read.reduceRight((length, byte) => length * 0x80 + (byte & 0x7f), 0)
}

/** Reads one message and leaves what follows it in the stream. */
async function readMessage(
  stream: Stream,
  { maxDataLength = MAX_CONTROL_BYTES, maxBufferSize, ...options }: ReadOptions
): Promise<Message> {
  const lp = lpStream(stream, {
    maxDataLength,
    lengthDecoder: decodeLength,
    ...(maxBufferSize !== undefined && { maxBufferSize })
  })
  const bytes = await lp.read(options)
  lp.unwrap()
  return decodeMessage(bytes.subarray())
}
