import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import type { LengthPrefixedStream } from '@libp2p/utils'
import { InvalidMessageError } from '@p2pshare/interface'
import { MAX_MESSAGE_BYTES, PUNCH_PROTOCOL } from './constants.ts'
import { PunchRefusedError, PunchUnsupportedError } from './errors.ts'
import type { PunchMessage } from './types.ts'
import { decodePunch, encodePunch } from './wire/codec.ts'

/** A stream of `PUNCH_PROTOCOL`. */
export class PunchStream {
  readonly #stream: Stream
  readonly #messages: LengthPrefixedStream<Stream>

  constructor(stream: Stream, messages = frame(stream)) {
    this.#stream = stream
    this.#messages = messages
  }

  async write(message: PunchMessage, options: AbortOptions): Promise<void> {
    await this.#messages.write(encodePunch(message), options)
  }

  /** Throws `InvalidMessageError`, or what libp2p throws when the stream ends. */
  async read<T extends PunchMessage['type']>(
    types: readonly T[],
    options: AbortOptions
  ): Promise<Extract<PunchMessage, { type: T }>> {
    const message = decodePunch((await this.#messages.read(options)).subarray())
    if (!isOneOf(message, types)) {
      throw new InvalidMessageError(`punch: ${message.type} instead of ${types.join(' or ')}`)
    }
    return message
  }

  async close(options: AbortOptions): Promise<void> {
    await this.#stream.close(options)
  }

  abort(error: Error): void {
    this.#stream.abort(error)
  }
}

type Ask = Extract<PunchMessage, { type: 'ask' }>
type Answer = Extract<PunchMessage, { type: 'answer' }>

/** What came of an ask. */
export interface Asked {
  readonly answer: Answer
  readonly stream: PunchStream
}

/**
 * Ask over a relayed connection. The first message goes out together with the protocol's name, and not a round trip
 * later.
 *
 * @throws PunchUnsupportedError when the peer does not know the protocol
 * @throws PunchRefusedError when it does not want to
 */
export async function ask(connection: Connection, message: Ask, options: Required<AbortOptions>): Promise<Asked> {
  const stream = await openAndSay(connection, message, options)
  try {
    const answer = await stream.read(['answer', 'refused'], options)
    if (answer.type === 'refused') {
      throw new PunchRefusedError(answer.refusal)
    }
    return { answer, stream }
  } catch (error) {
    stream.abort(error instanceof Error ? error : new InvalidMessageError('punch', { cause: error }))
    throw error
  }
}

async function openAndSay(connection: Connection, message: Ask, options: Required<AbortOptions>): Promise<PunchStream> {
  const muxer = muxerOf(connection)
  if (muxer === undefined) {
    const opened = new PunchStream(
      await connection.newStream(PUNCH_PROTOCOL, { ...options, runOnLimitedConnection: true })
    )
    await opened.write(message, options)
    return opened
  }
  const stream = await muxer.createStream(options)
  try {
    const messages = frame(stream)
    await messages.writeV([line(MULTISTREAM), line(PUNCH_PROTOCOL), encodePunch(message)], options)
    for (const expected of [MULTISTREAM, PUNCH_PROTOCOL]) {
      const said = new TextDecoder().decode((await messages.read(options)).subarray())
      if (said !== `${expected}\n`) {
        throw new PunchUnsupportedError('the peer does not know the punch protocol')
      }
    }
    stream.protocol = PUNCH_PROTOCOL
    return new PunchStream(stream, messages)
  } catch (error) {
    stream.abort(error instanceof Error ? error : new PunchUnsupportedError('no answer', { cause: error }))
    throw error
  }
}

/** The header of multistream-select 1.0, which names itself. */
const MULTISTREAM = '/multistream/1.0.0'

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`)
}

interface Muxer {
  createStream(options: AbortOptions): Promise<Stream>
}

/** libp2p's connections have it, its interface does not: without it a round trip more is waited. */
function muxerOf(connection: Connection): Muxer | undefined {
  const muxer: unknown = Reflect.get(connection, 'muxer')
  return typeof muxer === 'object' && muxer !== null && 'createStream' in muxer ? (muxer as Muxer) : undefined
}

function frame(stream: Stream): LengthPrefixedStream<Stream> {
  return lpStream(stream, { maxDataLength: MAX_MESSAGE_BYTES, maxBufferSize: 4 * MAX_MESSAGE_BYTES })
}

function isOneOf<T extends PunchMessage['type']>(
  message: PunchMessage,
  types: readonly T[]
): message is Extract<PunchMessage, { type: T }> {
  return types.some((type) => type === message.type)
}
