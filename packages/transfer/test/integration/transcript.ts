import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Provider } from '@p2pshare/interface'
import { multiaddr } from '@multiformats/multiaddr'

/** A way to a node on which every byte is kept, in both directions: what a relay would see, and more where nothing is encrypted. */
export class Transcript {
  readonly #chunks: Buffer[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('data', (chunk) => this.#chunks.push(chunk))
        socket.on('error', () => undefined)
        socket.on('close', () => {
          near.destroy()
          far.destroy()
        })
      }
      near.pipe(far).pipe(near)
    })
  }

  /** In front of a provider that listens on TCP. */
  static async of(provider: Provider): Promise<{ transcript: Transcript; provider: Provider }> {
    const port = provider.multiaddrs[0]?.getComponents().find(({ name }) => name === 'tcp')?.value
    const transcript = new Transcript(Number(port))
    transcript.#server.listen(0, '127.0.0.1')
    await once(transcript.#server, 'listening')
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${(transcript.#server.address() as AddressInfo).port}`)
    return { transcript, provider: { id: provider.id, multiaddrs: [address] } }
  }

  /** Everything that passed, in the order of its arrival. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) {
      socket.destroy()
    }
  }
}
