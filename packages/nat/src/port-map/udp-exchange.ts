import type { DatagramAddress } from '@p2pshare/interface'
import { askUdp } from './ask-udp.ts'

/** One question to a gateway, from a socket of its own: only datagrams of the gateway reach it. */
export interface UdpQuestion<T> {
  readonly bytes: Uint8Array
  readonly gateway: DatagramAddress
  /** The address the question leaves from. */
  readonly internalIp: string
  /** `undefined`: not the answer to this question, go on waiting. A throw ends the exchange with what was thrown. */
  readonly accept: (answer: Uint8Array) => T | undefined
}

/** Ask until an answer is accepted or the signal aborts. */
export async function askGateway<T>(question: UdpQuestion<T>, signal: AbortSignal): Promise<T> {
  const { bytes, gateway, internalIp, accept } = question
  return askUdp(
    {
      internalIp,
      prepare: (socket, begin) => {
        socket.connect(gateway.port, gateway.host, begin)
      },
      send: (socket) => {
        socket.send(bytes)
      },
      accept: (answer) => accept(answer)
    },
    signal
  )
}
