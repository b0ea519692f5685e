import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Provider } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Seen } from '../support/seen-bytes.ts'

/** A way to a node on which every byte that comes from it is seen, with the time: what really is on the wire. */
export class Tap {
  readonly seen: Seen[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      far.on('data', (chunk) => this.seen.push({ at: performance.now(), bytes: chunk.byteLength }))
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => {
          near.destroy()
          far.destroy()
        })
      }
    })
  }

  /** In front of a provider that listens on TCP. */
  static async to(provider: Provider): Promise<{ tap: Tap; provider: Provider }> {
    const port = provider.multiaddrs[0]?.getComponents().find(({ name }) => name === 'tcp')?.value
    const tap = new Tap(Number(port))
    tap.#server.listen(0, '127.0.0.1')
    await once(tap.#server, 'listening')
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${(tap.#server.address() as AddressInfo).port}`)
    return { tap, provider: { id: provider.id, multiaddrs: [address] } }
  }

  get bytes(): number {
    return this.seen.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Nothing passes any more, in either direction, and nobody is told. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  /** Every connection through it is cut. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.destroy()
    }
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) {
      socket.destroy()
    }
  }
}
