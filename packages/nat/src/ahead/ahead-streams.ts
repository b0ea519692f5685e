import type { Stream } from '@libp2p/interface'
import { selectAhead } from './select-ahead.ts'

interface Muxer {
  createStream: (options: { readonly protocol?: string }) => Promise<Stream>
}

const known = new WeakMap<Muxer, Set<string>>()

/**
 * Open streams of these protocols without waiting for the peer to agree, for protocols that it is known to speak. libp2p's
 * connections have a muxer, its interface does not: without it streams are opened as ever.
 */
export function aheadStreams(connection: object, protocols: readonly string[]): void {
  const muxer: unknown = Reflect.get(connection, 'muxer')
  if (!isMuxer(muxer)) {
    return
  }
  const before = known.get(muxer)
  if (before !== undefined) {
    protocols.forEach((protocol) => before.add(protocol))
    return
  }
  const spoken = new Set(protocols)
  known.set(muxer, spoken)
  const createStream = muxer.createStream.bind(muxer)
  muxer.createStream = async (options) => {
    const stream = await createStream(options)
    if (stream.protocol === '' && options.protocol !== undefined && spoken.has(options.protocol)) {
      selectAhead(stream)
    }
    return stream
  }
}

function isMuxer(value: unknown): value is Muxer {
  return typeof value === 'object' && value !== null && 'createStream' in value
}
