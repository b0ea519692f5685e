import { UnsupportedProtocolError } from '@libp2p/interface'
import type { Stream, StreamMuxerFactory } from '@libp2p/interface'

/** First line of a negotiation, on both sides (https://github.com/multiformats/multistream-select). */
const HEADER = '/multistream/1.0.0'

/** What arrives: one of libp2p's two kinds of bytes. */
interface Data {
  readonly byteLength: number
  subarray(begin: number, end?: number): Uint8Array
}

/** What a stream of libp2p's own base takes its bytes by. */
type Receiving = Stream & { onData?: (data: Data) => void }

/**
 * A muxer whose streams for these protocols are used at once. The peer says yes by the very words it was asked with, and
 * what is said to it meanwhile waits there: a request takes one round trip where it took two. A peer that says anything
 * else has its stream aborted with `UnsupportedProtocolError`, so this is for protocols with somebody else to ask.
 */
export function eagerStreams(inner: () => StreamMuxerFactory, protocols: readonly string[]): () => StreamMuxerFactory {
  return () => {
    const factory = inner()
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        const muxer = factory.createStreamMuxer(connection)
        const create = muxer.createStream.bind(muxer)
        muxer.createStream = async (options) => {
          const stream: Receiving = await create(options)
          const protocol = options?.protocol
          if (protocol !== undefined && protocols.includes(protocol) && stream.protocol === '') {
            begin(stream, protocol)
          }
          return stream
        }
        return muxer
      }
    }
  }
}

function begin(stream: Receiving, protocol: string): void {
  const { onData } = stream
  if (onData === undefined) {
    return // of another base: libp2p negotiates
  }
  const words = Buffer.concat([line(HEADER), line(protocol)])
  let heard = 0
  stream.onData = (data) => {
    if (heard === words.byteLength) {
      onData.call(stream, data)
      return
    }
    const answer = data.subarray(0, Math.min(data.byteLength, words.byteLength - heard)) // a list takes no more than there is
    if (!words.subarray(heard, heard + answer.byteLength).equals(answer)) {
      stream.abort(new UnsupportedProtocolError(`the peer does not speak ${protocol}`))
      return
    }
    heard += answer.byteLength
    if (answer.byteLength < data.byteLength) {
      onData.call(stream, data.subarray(answer.byteLength))
    }
  }
  stream.protocol = protocol
  stream.send(words)
}

/** Its length, of one byte for all that is short, and a line. */
function line(text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`, 'latin1')
}
