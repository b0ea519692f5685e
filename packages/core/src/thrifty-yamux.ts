import type { StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { StreamState } from '@libp2p/yamux/stream'
import type { YamuxStream } from '@libp2p/yamux/stream'
import { guardedMuxer } from '@p2pshare/interface'

/** Half of the window that a stream begins with: the sender never waits for news of the other half. */
export const MAX_UNTOLD_BYTES = 128 * 1024

/**
 * Yamux that answers half a window with a window update, as those of other languages do: `@libp2p/yamux` answers each
 * frame, which for small messages costs both sides as much again as the messages.
 */
export function thriftyYamux(): () => StreamMuxerFactory {
  const create = yamux()
  return guardedMuxer(() => {
    const factory = create()
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        const muxer = factory.createStreamMuxer(connection)
        const onCreateStream = muxer.onCreateStream.bind(muxer)
        const onRemoteStream = muxer.onRemoteStream.bind(muxer)
        muxer.onCreateStream = () => thrifty(onCreateStream())
        muxer.onRemoteStream = (stream) => {
          onRemoteStream(thrifty(stream))
        }
        return muxer
      }
    }
  })
}

function thrifty(stream: YamuxStream): YamuxStream {
  const handleData = stream.handleData.bind(stream)
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)
  let untoldBytes = 0
  stream.handleData = (frame) => {
    untoldBytes += frame.header.length
    handleData(frame)
  }
  stream.sendWindowUpdate = () => {
    if (stream.state === StreamState.Established && untoldBytes < MAX_UNTOLD_BYTES) {
      return
    }
    // one that opens or accepts the stream tells of what has come, too; a stream that is paused says nothing
    if (stream.state !== StreamState.Paused) {
      untoldBytes = 0
    }
    sendWindowUpdate()
  }
  return stream
}
