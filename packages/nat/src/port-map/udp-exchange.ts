import { createSocket } from 'node:dgram'
import type { DatagramAddress } from '@p2pshare/interface'
import { RETRANSMIT_MS } from './constants.ts'

/** One question to a gateway, from a socket of its own: only datagrams of the gateway reach it. */
export interface UdpQuestion<T> {
  readonly bytes: Uint8Array
  readonly gateway: DatagramAddress
  /** The address the question leaves from. */
  readonly internalIp: string
  /** `undefined`: not the answer to this question, go on waiting. A throw ends the exchange with what was thrown. */
  readonly accept: (answer: Uint8Array) => T | undefined
}

/**
 * Send it, again after 250 ms, 500 ms, 1 s and so on, until an answer is accepted or the signal aborts. RFC 6887 would
 * wait 3 s before the second time; on a local network that only makes a lost datagram cost 3 s.
 */
export async function askGateway<T>(question: UdpQuestion<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const socket = createSocket('udp4')
  let timer: NodeJS.Timeout | undefined
  const send = (delayMs: number): void => {
    socket.send(question.bytes)
    timer = setTimeout(send, delayMs, delayMs * 2)
  }
  const abort = (): void => {
    reject(signal.reason)
  }
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', reject)
  socket.on('message', (bytes) => {
    try {
      const answer = question.accept(bytes)
      if (answer !== undefined) {
        resolve(answer)
      }
    } catch (error) {
      reject(error)
    }
  })
  socket.bind({ address: question.internalIp, port: 0 }, () => {
    socket.connect(question.gateway.port, question.gateway.host, () => {
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
