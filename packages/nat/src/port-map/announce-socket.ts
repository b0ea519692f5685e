import { createSocket } from 'node:dgram'
import type { Socket } from 'node:dgram'
import { ANNOUNCE_GROUP } from './constants.ts'

/**
 * Hears what gateways say to all: that they restarted or have another address. Where the port is taken nothing is heard, and
 * the next check finds out.
 */
export class AnnounceSocket {
  readonly #joined = new Set<string>()
  readonly #port: number
  readonly #onAnnounced: (gateway: string) => void
  #socket: Socket | undefined

  /** `onAnnounced` is called with the address that a datagram came from, which may be anybody's. */
  constructor(port: number, onAnnounced: (gateway: string) => void) {
    this.#port = port
    this.#onAnnounced = onAnnounced
  }

  /** Listen in the network of `internalIp` too. */
  join(internalIp: string): void {
    if (this.#joined.has(internalIp)) {
      return
    }
    this.#joined.add(internalIp)
    if (this.#socket === undefined) {
      this.#open()
    } else {
      this.#addMembership(internalIp)
    }
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
    this.#joined.clear()
  }

  #open(): void {
    const socket = createSocket({ type: 'udp4', reuseAddr: true })
    this.#socket = socket
    socket.on('error', () => {
      if (this.#socket === socket) {
        this.close()
      }
    })
    socket.on('message', (_, { address }) => {
      this.#onAnnounced(address)
    })
    socket.bind({ port: this.#port, exclusive: false }, () => {
      for (const internalIp of this.#joined) {
        this.#addMembership(internalIp)
      }
    })
    socket.unref()
  }

  #addMembership(internalIp: string): void {
    try {
      this.#socket?.addMembership(ANNOUNCE_GROUP, internalIp)
    } catch {
      // the address went away, or the system has no multicast there: the next check finds out
    }
  }
}
