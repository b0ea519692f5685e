import type { Connection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import type {
  DatagramAddress,
  DatagramConnectOptions,
  DatagramEndpoint,
  DatagramHandler,
  DatagramSocket
} from '@p2pshare/interface'
import type { VirtualTime } from './virtual-time.ts'

/** How a router behaves. `same`: one outside port for each inside one, the same number. */
export interface Nat {
  readonly mapping: 'same' | 'random'
  readonly filtering: 'anybody' | 'host' | 'host-and-port'
  readonly low?: number
  readonly high?: number
}

/** The internet between routers, in virtual time, with loss. */
export class NatWorld {
  readonly routers = new Map<string, Router>()
  /** Datagrams that left a router. */
  sent = 0
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #delayMs: number
  readonly #loss: number

  constructor(time: VirtualTime, random: () => number, { delayMs = 40, loss = 0 } = {}) {
    this.#time = time
    this.#random = random
    this.#delayMs = delayMs
    this.#loss = loss
  }

  endpoint(host: string, nat: Nat): FakeEndpoint {
    const router = new Router(host, nat, this, this.#random)
    this.routers.set(host, router)
    return new FakeEndpoint(router, this.#time)
  }

  carry(bytes: Uint8Array, from: DatagramAddress, to: DatagramAddress): void {
    this.sent++
    if (this.#random() >= this.#loss) {
      this.#time.after(this.#delayMs, () => this.routers.get(to.host)?.arrive(bytes, from, to.port))
    }
  }
}

class Router {
  readonly host: string
  readonly #nat: Nat
  readonly #world: NatWorld
  readonly #random: () => number
  readonly #outside = new Map<string, number>()
  /** By outside port, and for a symmetric router by destination too. */
  readonly #inside = new Map<string, { socket: FakeSocket; sentTo: Set<string> }>()

  constructor(host: string, nat: Nat, world: NatWorld, random: () => number) {
    this.host = host
    this.#nat = nat
    this.#world = world
    this.#random = random
  }

  leave(socket: FakeSocket, bytes: Uint8Array, to: DatagramAddress): void {
    const { mapping, low = 1024, high = 65_535 } = this.#nat
    const key = mapping === 'same' ? `${socket.local.port}` : `${socket.local.port} ${to.host} ${to.port}`
    let port = this.#outside.get(key)
    for (let tries = 0; port === undefined && tries < 200; tries++) {
      const chosen = mapping === 'same' ? socket.local.port : low + Math.floor(this.#random() * (high - low + 1))
      // a port serves many destinations, as in Linux, but not two sockets to one
      const taken = this.#inside.get(this.#key(chosen, to))
      port = taken !== undefined && taken.socket !== socket ? undefined : chosen
    }
    if (port === undefined) {
      // the pool is used up
      return
    }
    this.#outside.set(key, port)
    const entry = this.#inside.get(this.#key(port, to)) ?? { socket, sentTo: new Set<string>() }
    entry.sentTo.add(`${to.host} ${to.port}`).add(to.host)
    this.#inside.set(this.#key(port, to), entry)
    this.#world.carry(bytes, { host: this.host, port }, to)
  }

  arrive(bytes: Uint8Array, from: DatagramAddress, port: number): void {
    const entry = this.#inside.get(this.#key(port, from))
    const { filtering } = this.#nat
    const isOpen =
      filtering === 'anybody' || entry?.sentTo.has(filtering === 'host' ? from.host : `${from.host} ${from.port}`)
    if (entry !== undefined && isOpen === true) {
      entry.socket.receive(bytes, from)
    }
  }

  #key(port: number, { host, port: remote }: DatagramAddress): string {
    return this.#nat.mapping === 'same' ? `${port}` : `${port} ${host} ${remote}`
  }
}

class FakeSocket implements DatagramSocket {
  readonly family = 4
  readonly local: DatagramAddress
  isOpen = true
  readonly #router: Router
  readonly #handlers = new Set<DatagramHandler>()

  constructor(router: Router, port: number) {
    this.#router = router
    this.local = { host: '0.0.0.0', port }
  }

  send(bytes: Uint8Array, to: DatagramAddress): void {
    if (this.isOpen) {
      this.#router.leave(this, bytes, to)
    }
  }

  handle(handler: DatagramHandler): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  close(): void {
    this.isOpen = false
  }

  receive(bytes: Uint8Array, from: DatagramAddress): void {
    for (const handler of this.isOpen ? this.#handlers : []) {
      if (handler(bytes, from)) {
        return
      }
    }
  }
}

const HELLO = 0xee

/** A transport whose handshake is a hello from each side, said every second until it is heard. */
export class FakeEndpoint implements DatagramEndpoint {
  readonly opened: FakeSocket[] = []
  readonly listening: FakeSocket
  maxSockets = 300
  readonly #router: Router
  readonly #time: VirtualTime
  #port = 20_000

  constructor(router: Router, time: VirtualTime) {
    this.#router = router
    this.#time = time
    this.listening = new FakeSocket(router, 4001)
  }

  sockets(): readonly DatagramSocket[] {
    return [this.listening]
  }

  open(): DatagramSocket {
    if (this.opened.length >= this.maxSockets) {
      throw new Error('too many')
    }
    const socket = new FakeSocket(this.#router, this.#port++)
    this.opened.push(socket)
    return socket
  }

  reserveId(): number {
    return 1
  }

  releaseId(): void {
    // there are enough
  }

  async connect(socket: DatagramSocket, remote: DatagramAddress, options: DatagramConnectOptions): Promise<Connection> {
    const { localId, remoteId, signal, peer } = options
    const heard = new AbortController()
    const hello = (): void => socket.send(Uint8Array.of(HELLO, remoteId, localId, heard.signal.aborted ? 1 : 0), remote)
    // stays, as a connection does: the other end may not have heard of it yet
    socket.handle((bytes) => {
      const isMine = bytes[0] === HELLO && bytes[1] === localId && bytes[2] === remoteId
      if (isMine) {
        heard.abort()
        if (bytes[3] === 0) {
          hello()
        }
      }
      return isMine
    })
    while (!heard.signal.aborted) {
      hello()
      const either = anySignal([signal, heard.signal])
      await this.#time.sleep(1_000, either).catch(() => undefined)
      either.clear()
      signal.throwIfAborted()
    }
    const remoteAddr = multiaddr(`/ip4/${remote.host}/udp/${remote.port}/utp`)
    return { remotePeer: peer, remoteAddr, direction: options.initiator ? 'outbound' : 'inbound' } as Connection
  }
}
