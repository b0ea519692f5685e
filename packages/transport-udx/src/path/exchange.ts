import type { Connection, Stream } from '@libp2p/interface'
import { byteStream } from '@libp2p/utils'
import type { ByteStream } from '@libp2p/utils'
import { InvalidMessageError } from '@p2pshare/interface'
import { SECRET_BYTES, derivePathKeys } from './keys.ts'
import type { PathKeys } from './keys.ts'

/** Inside an encrypted connection its two ends agree here on the keys for datagrams beside it. */
export const MOVE_PROTOCOL = '/p2pshare/udx-move/1.0.0'

/** The ids of the connection's stream, and this end's part of the keys. */
export interface ExchangeInit {
  readonly localId: number
  readonly remoteId: number
  readonly secret: Uint8Array
  readonly signal: AbortSignal
}

/** Who dialled asks: sends its part, and reads the other. */
export async function askForKeys(connection: Connection, init: ExchangeInit): Promise<PathKeys> {
  const { localId, remoteId, secret, signal } = init
  const stream = await connection.newStream(MOVE_PROTOCOL, { signal, maxOutboundStreams: 1 })
  try {
    const bytes = byteStream(stream, { maxBufferSize: SECRET_BYTES })
    await bytes.write(secret, { signal })
    const theirs = await readSecret(bytes, signal)
    await stream.close({ signal })
    return derivePathKeys(
      { asked: { secret, streamId: localId }, answered: { secret: theirs, streamId: remoteId } },
      'asked'
    )
  } catch (error) {
    stream.abort(error instanceof Error ? error : new InvalidMessageError(String(error)))
    throw error
  }
}

/** Who was dialled reads the other part; `use` is called before its own goes out, so that it is ready when keys are used. */
export async function answerWithKeys(
  stream: Stream,
  { localId, remoteId, secret, signal }: ExchangeInit,
  use: (keys: PathKeys) => void
): Promise<void> {
  const bytes = byteStream(stream, { maxBufferSize: SECRET_BYTES })
  const theirs = await readSecret(bytes, signal)
  use(
    derivePathKeys(
      { asked: { secret: theirs, streamId: remoteId }, answered: { secret, streamId: localId } },
      'answered'
    )
  )
  await bytes.write(secret, { signal })
  await stream.close({ signal })
}

async function readSecret(bytes: ByteStream<Stream>, signal: AbortSignal): Promise<Uint8Array> {
  const read = await bytes.read({ bytes: SECRET_BYTES, signal })
  return Uint8Array.from(read.subarray())
}
