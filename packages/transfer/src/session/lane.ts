import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { asError } from '../as-error.ts'

/**
 * One direction-less byte lane of a session. Over libp2p streams by `streamLane`; a transport may hand in a faster
 * one for data (docs/adr). Errors of the peer or the network arrive by `closed`, never as a throw of `send`.
 */
export interface Lane {
  /**
   * Queue bytes. `false`: the lane is full, wait for `drained()` before sending more. The lane may keep a reference
   * to `bytes` until the peer has them.
   */
  send(bytes: Uint8Array | Uint8ArrayList): boolean
  /** Resolves when more may be sent, or when the lane is closed. */
  drained(): Promise<void>
  /** Bytes that wait here because the peer does not read. */
  readonly backlogBytes: number
  /** Called with each chunk that arrives; views are valid during the call. Set once. */
  receive(onChunk: (chunk: Uint8Array) => void): void
  /** Resolves once, when the lane ended in either way; the error if there was one. */
  readonly closed: Promise<Error | undefined>
  /** Send what is queued, then end. */
  end(): void
  /** Drop what is queued and end at once. */
  abort(error: Error): void
}

/**
 * A libp2p stream as a lane. `stream.onDrain()` gives no back-pressure after its first drain in libp2p 3.3, so this
 * waits for the `drain` event itself.
 */
export function streamLane(stream: Stream): Lane {
  const { promise: closed, resolve } = Promise.withResolvers<Error | undefined>()
  stream.addEventListener('close', (event) => {
    resolve(event.error)
  })
  stream.addEventListener('remoteCloseWrite', () => {
    stream.close().catch(() => {
      // closing an aborted stream: the close event has the reason
    })
  })

  return {
    closed,
    send(bytes) {
      if (stream.writeStatus !== 'writable') {
        return true // gone: `closed` tells
      }
      try {
        return stream.send(bytes)
      } catch (error) {
        stream.abort(asError(error))
        return true
      }
    },
    async drained() {
      if (!stream.writableNeedsDrain || stream.writeStatus !== 'writable') {
        return
      }
      const drain = Promise.withResolvers<undefined>()
      const onDrain = (): void => {
        drain.resolve(undefined)
      }
      stream.addEventListener('drain', onDrain, { once: true })
      await Promise.race([drain.promise, closed])
      stream.removeEventListener('drain', onDrain)
    },
    get backlogBytes() {
      return stream.writeBufferLength
    },
    receive(onChunk) {
      stream.addEventListener('message', (event) => {
        for (const chunk of event.data instanceof Uint8Array ? [event.data] : event.data) {
          onChunk(chunk)
        }
      })
    },
    end() {
      stream.close().catch(() => {
        // as above
      })
    },
    abort(error) {
      stream.abort(error)
    }
  }
}
