import type { Connection, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import { isRelayed } from '../paths/choose-path.ts'

/** Whether bytes of a connection go straight to the peer. Pure. */
export function isDirect(connection: Pick<Connection, 'remoteAddr' | 'limits'>): boolean {
  return !isRelayed(connection)
}

/** The next direct connection to a peer that opens, whoever dials. Rejects with the signal's reason. */
export async function opened(
  { events }: { readonly events: TypedEventTarget<Libp2pEvents> },
  peer: PeerId,
  signal: AbortSignal
): Promise<Connection> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Connection>()
  const onOpen = ({ detail }: CustomEvent<Connection>): void => {
    if (detail.remotePeer.equals(peer) && isDirect(detail)) {
      resolve(detail)
    }
  }
  const onAbort = (): void => {
    reject(signal.reason as Error)
  }
  events.addEventListener('connection:open', onOpen)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    events.removeEventListener('connection:open', onOpen)
    signal.removeEventListener('abort', onAbort)
  }
}
