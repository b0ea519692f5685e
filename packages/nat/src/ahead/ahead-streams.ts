import type { Stream } from '@libp2p/interface'
import { selectAhead } from './select-ahead.ts'

interface Muxer {
  createStream: (options: { readonly protocol?: string }) => Promise<Stream>
}

/** Looks at what goes through a new stream once its protocol is agreed on. */
type Beneath = (stream: Stream) => void

const known = new WeakMap<Muxer, Map<string, Beneath | undefined>>()

/**
 * Open streams of these protocols without waiting for the peer to agree, for protocols that it is known to speak. libp2p's
 * connections have a muxer, its interface does not: without it streams are opened as ever.
 */
export function aheadStreams(connection: object, protocols: readonly string[], beneath?: Beneath): void {
  const muxer: unknown = Reflect.get(connection, 'muxer')
  if (!isMuxer(muxer)) {
    return
  }
  const before = known.get(muxer)
  if (before !== undefined) {
    protocols.forEach((protocol) => before.set(protocol, beneath))
    return
  }
  const spoken = new Map(protocols.map((protocol) => [protocol, beneath]))
  known.set(muxer, spoken)
  const createStream = muxer.createStream.bind(muxer)
  muxer.createStream = async (options) => {
    const stream = await createStream(options)
    if (stream.protocol === '' && options.protocol !== undefined && spoken.has(options.protocol)) {
      spoken.get(options.protocol)?.(stream)
      selectAhead(stream)
    }
    return stream
  }
}

function isMuxer(value: unknown): value is Muxer {
  return typeof value === 'object' && value !== null && 'createStream' in value
}
