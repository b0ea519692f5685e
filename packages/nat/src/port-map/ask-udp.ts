import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { RETRANSMIT_MS } from './constants.ts'

/** A question over UDP from a socket of its own. */
export interface UdpAsk<T> {
  /** The address that it leaves from. */
  readonly internalIp: string
  /** Makes the bound socket ready, and calls `begin` then. */
  readonly prepare: (socket: Socket, begin: () => void) => void
  readonly send: (socket: Socket) => void
  /** `undefined`: not the answer to this question, go on waiting. A throw ends the exchange with what was thrown. */
  readonly accept: (bytes: Uint8Array, fromHost: string) => T | undefined
}

/**
 * Send it, again after 250 ms, 500 ms, 1 s and so on, until an answer is accepted or the signal aborts. RFC 6887 would
 * wait 3 s before the second time; on a local network that only makes a lost datagram cost 3 s.
 */
export async function askUdp<T>(ask: UdpAsk<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const socket = createSocket('udp4')
  let timer: NodeJS.Timeout | undefined
  const send = (delayMs: number): void => {
    ask.send(socket)
    timer = setTimeout(send, delayMs, delayMs * 2)
  }
  const abort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', reject)
  socket.on('message', (bytes, { address }) => {
    try {
      const answer = ask.accept(bytes, address)
      if (answer !== undefined) {
        resolve(answer)
      }
    } catch (error) {
      reject(error)
    }
  })
  socket.bind({ address: ask.internalIp, port: 0 }, () => {
    ask.prepare(socket, () => {
      send(RETRANSMIT_MS)
    })
  })
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    socket.close()
  }
}
