import type { Socket } from 'node:net'
import { AbortError } from '@libp2p/interface'
import type { AbortOptions } from '@libp2p/interface'
import { ConnectionCutError } from './errors.ts'

type Done = (error?: Error | null) => void

const NOTHING = new Uint8Array(0)

/** Resolves when the socket is gone, for whatever reason. */
export async function closed(socket: Socket, options: AbortOptions = {}): Promise<void> {
  await settled(options, (done) => {
    if (socket.closed) {
      done()
    } else {
      socket.once('close', () => {
        done()
      })
    }
  })
}

/** Ends the socket; resolves when all that was written and the end itself have gone to the system. */
export async function ended(socket: Socket, options: AbortOptions = {}): Promise<void> {
  await settled(options, (done) => socket.end(done))
}

/** Resolves when all that was written before has gone to the system. */
export async function flushed(socket: Socket, options: AbortOptions): Promise<void> {
  await settled(options, (done) => socket.write(NOTHING, done))
}

/** What an aborted signal says, as an error. */
export function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new AbortError()
}

/** What a `catch` got, as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new ConnectionCutError(String(thrown), { cause: thrown })
}

/** One callback as a promise that a signal can cut short; leaves no listener on the signal. */
export async function settled({ signal }: AbortOptions, begin: (done: Done) => unknown): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const onAbort = (): void => {
    reject(signal === undefined ? new AbortError() : abortReason(signal))
  }
  signal?.addEventListener('abort', onAbort)
  try {
    begin((error) => {
      if (error) {
        reject(error)
      } else {
        resolve(undefined)
      }
    })
    await promise
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
