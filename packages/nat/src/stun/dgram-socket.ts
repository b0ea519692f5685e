import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import type { DatagramAddress, DatagramHandler, DatagramSocket } from '@p2pshare/interface'
import { BindFailedError } from './errors.ts'
import { canonicalIp } from './ip.ts'

/** What to open. */
export interface BindOptions {
  /** @default the wildcard of the family */
  readonly host?: string
  /** @default one of the system's choice */
  readonly port?: number
}

/** A UDP socket of Node as a `DatagramSocket`, bound. Throws `BindFailedError`. */
export async function bindDgram(family: 4 | 6, options: BindOptions = {}): Promise<DatagramSocket> {
  const { host = family === 4 ? '0.0.0.0' : '::', port = 0 } = options
  const socket = createSocket(family === 4 ? { type: 'udp4' } : { type: 'udp6', ipv6Only: true })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause) => {
      socket.close()
      reject(new BindFailedError(host, port, { cause }))
    })
    socket.bind({ port, address: host, exclusive: true }, resolve)
  })
  return new DgramSocket(family, socket)
}

class DgramSocket implements DatagramSocket {
  readonly family: 4 | 6
  readonly local: DatagramAddress
  readonly #socket: Socket
  readonly #handlers = new Set<DatagramHandler>()
  #closed = false

  constructor(family: 4 | 6, socket: Socket) {
    this.family = family
    this.#socket = socket
    const { address, port } = socket.address()
    this.local = { host: address, port }
    socket.removeAllListeners('error')
    // what a send or a receive failed with says nothing that silence would not
    socket.on('error', () => undefined)
    socket.on('message', (bytes, { address: from, port: fromPort }) => {
      const at = { host: canonicalIp(from), port: fromPort }
      for (const handler of this.#handlers) {
        if (handler(bytes, at)) {
          break
        }
      }
    })
  }

  send(bytes: Uint8Array, { host, port }: DatagramAddress): void {
    if (!this.#closed) {
      this.#socket.send(bytes, port, host, () => undefined)
    }
  }

  handle(handler: DatagramHandler): () => void {
    this.#handlers.add(handler)
    return () => {
      this.#handlers.delete(handler)
    }
  }

  close(): void {
    if (!this.#closed) {
      this.#closed = true
      this.#socket.close()
    }
  }
}
