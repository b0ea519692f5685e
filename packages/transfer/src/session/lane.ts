import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { asError } from '../as-error.ts'

/**
 * What may gather in a stream that is paused: libp2p resets one whose buffer is passed, and its default of 4 MiB is less
 * than a muxer lets a peer send ahead (16 MiB with yamux). A peer that keeps to our acknowledgements sends less.
 */
const PAUSED_BUFFER_BYTES = 17 * 1024 * 1024

/** A peer that does not read what is left within this time loses it. */
const CLOSE_TIMEOUT_MS = 5000

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
  /** Called with each chunk that arrives; it is the receiver's to keep. Set once. */
  receive(onChunk: (chunk: Uint8Array) => void): void
  /** Read no more, so that the peer stops sending in time. What was read before may still be handed over. */
  pause(): void
  resume(): void
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
  const close = (): void => {
    stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) }).catch((error: unknown) => {
      stream.abort(asError(error)) // no effect on one that was aborted before
    })
  }
  stream.maxReadBufferLength = Math.max(stream.maxReadBufferLength, PAUSED_BUFFER_BYTES)
  stream.addEventListener('close', (event) => {
    resolve(event.error)
  })
  stream.addEventListener('remoteCloseWrite', close)
  // both may have happened before anybody listened
  if (stream.status !== 'open') {
    resolve(undefined)
  } else if (stream.remoteWriteStatus === 'closed') {
    close()
  }

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
      // listeners of its own, removed again: a race against `closed` would leave one reaction for each wait
      await new Promise<void>((done) => {
        const settle = (): void => {
          stream.removeEventListener('drain', settle)
          stream.removeEventListener('close', settle)
          done()
        }
        stream.addEventListener('drain', settle)
        stream.addEventListener('close', settle)
      })
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
    pause() {
      if (stream.readStatus === 'readable') {
        stream.pause()
      }
    },
    resume() {
      if (stream.readStatus === 'paused') {
        stream.resume()
      }
    },
    end: close,
    abort(error) {
      stream.abort(error)
    }
  }
}
