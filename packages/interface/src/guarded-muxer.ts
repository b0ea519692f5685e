import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'

/**
 * A muxer for `streamMuxers` that survives connections that end while a stream is opened. `@libp2p/yamux` says hello for a
 * new stream in a microtask of its own; when the connection ended in between, what that throws reaches nobody and ends the
 * process. Who opens streams on links that may be dying, as `@p2pshare/nat` does to find out, meets this sooner or later.
 *
 * @example
 *
 * ```ts
 * await createLibp2p({ streamMuxers: [guardedMuxer(yamux())], services: { nat: nat() } })
 * ```
 */
export function guardedMuxer(create: () => StreamMuxerFactory): () => StreamMuxerFactory {
  return () => {
    const factory = create()
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        guardConnection(connection)
        return factory.createStreamMuxer(connection)
      }
    }
  }
}

/** What is written to a connection that is over is dropped; whoever wrote hears of it by the `close` of its stream. */
function guardConnection(connection: MessageStream): void {
  const send = connection.send.bind(connection)
  connection.send = (data) => (connection.status === 'open' ? send(data) : true)
}
