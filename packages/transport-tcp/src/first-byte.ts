import type { Socket } from 'node:net'
import type { AbortOptions } from '@libp2p/interface'
import { DeadlineError } from '@p2pshare/interface'
import { ConnectionCutError } from './errors.ts'
import { settled } from './socket-events.ts'

/**
 * The first byte that somebody sends, which stays to be read. The socket is paused after it: whoever reads next, a data
 * listener that resumes it or a TLS socket around it, gets it with all that came with it.
 *
 * @throws DeadlineError when none comes in time
 * @throws ConnectionCutError when the socket ends instead
 */
export async function firstByte(socket: Socket, timeoutMs: number, options: AbortOptions): Promise<number> {
  let byte: number | undefined
  let stop: () => void = () => undefined
  try {
    await settled(options, (done) => {
      const onData = (bytes: Buffer): void => {
        byte = bytes[0]
        socket.pause()
        socket.unshift(bytes)
        done()
      }
      const onEnd = (): void => {
        done(new ConnectionCutError('the connection ended before its first byte'))
      }
      const deadline = setTimeout(() => {
        done(new DeadlineError('the first byte', timeoutMs))
      }, timeoutMs)
      socket.once('data', onData)
      socket.once('end', onEnd)
      socket.once('close', onEnd)
      stop = (): void => {
        clearTimeout(deadline)
        socket.off('data', onData)
        socket.off('end', onEnd)
        socket.off('close', onEnd)
      }
    })
  } finally {
    stop()
  }
  // a `data` event is never empty
  return byte ?? 0
}
