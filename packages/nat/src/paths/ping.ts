import type { AbortOptions, Connection, Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import { aheadStreams } from '../ahead/index.ts'
import { PING_BYTES, PING_PROTOCOL } from './constants.ts'
import { muxerPing } from './muxer-ping.ts'

type PingOptions = Required<AbortOptions> & { readonly now: () => number }

/**
 * The round trip of a connection in milliseconds, also of a relayed one; throws when none came. It is the muxer that is
 * asked where it can be; else a stream, and a peer without ping answers too, by saying so.
 */
export async function pingConnection(
  connection: Pick<Connection, 'newStream'>,
  { signal, now = () => performance.now() }: Required<AbortOptions> & { readonly now?: () => number }
): Promise<number> {
  return await (muxerPing(connection, { signal, now }) ?? streamPing(connection, { signal, now }))
}

async function streamPing(connection: Pick<Connection, 'newStream'>, { signal, now }: PingOptions): Promise<number> {
  let startedAt = now()
  let stream: Stream | undefined
  try {
    // every libp2p node answers it, so the protocol is not agreed on first: one round trip, where it were two
    aheadStreams(connection, [PING_PROTOCOL])
    stream = await connection.newStream(PING_PROTOCOL, { signal, runOnLimitedConnection: true })
    const bytes = byteStream(stream)
    startedAt = now()
    await Promise.all([
      bytes.write(crypto.getRandomValues(new Uint8Array(PING_BYTES)), { signal }),
      bytes.read({ bytes: PING_BYTES, signal })
    ])
    const rttMs = now() - startedAt
    await stream.close({ signal }).catch(() => undefined)
    return rttMs
  } catch (error) {
    stream?.abort(error instanceof Error ? error : new DOMException('ping failed', 'AbortError'))
    if (error instanceof Error && error.name === 'AheadRefusedError') {
      return now() - startedAt // to say no takes a round trip, too
    }
    if (error instanceof Error && error.name === 'UnsupportedProtocolError') {
      // where it was agreed on first: one round trip for multistream-select, one for the protocol
      return (now() - startedAt) / 2
    }
    throw error
  }
}
