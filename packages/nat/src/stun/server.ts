import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'
import { answerStun, isUnspecified } from './answer.ts'
import type { ServerAddresses, SocketIndex } from './answer.ts'
import { encodeStun, isStun } from './codec.ts'
import { RATE_LIMITS, RateLimiter } from './rate-limiter.ts'
import type { RateLimits } from './rate-limiter.ts'

/** The sockets that a server answers on, all of one address family. They are not closed by it. */
export interface StunServerSockets {
  readonly primary: DatagramSocket
  /** The same host, another port. */
  readonly otherPort?: DatagramSocket
  /** Another host of this machine, the port of the primary. */
  readonly otherHost?: DatagramSocket
  /** The other host and the other port. */
  readonly otherBoth?: DatagramSocket
}

/** How a server answers. */
export interface StunServerOptions {
  /**
   * Answer questions of 20 bytes too, with 32 (60 with the IP header where there were 48): browsers ask so. The WebRTC that
   * nodes have asks with 40 bytes, and needs it for IPv6 alone. Off: no answer is ever bigger than its question.
   *
   * @default false
   */
  readonly answerShortQuestions?: boolean
  readonly limits?: RateLimits
  /** Counts for several servers together. @default one of its own, with `limits` */
  readonly limiter?: RateLimiter
  /** Milliseconds; does not go back. */
  readonly now?: () => number
}

/** What a server did so far. */
export interface StunServerStats {
  readonly answered: number
  /** Beyond the rate, malformed, or with no room for an answer. */
  readonly dropped: number
}

/** Answers STUN questions on sockets that may carry other things too. */
export class StunServer {
  readonly #sockets: ReadonlyMap<SocketIndex, DatagramSocket>
  readonly #addresses: ServerAddresses
  readonly #rules: { readonly answerShortQuestions: boolean }
  readonly #now: () => number
  readonly #limiter: RateLimiter
  #off: (() => void)[] = []
  #answered = 0
  #dropped = 0

  constructor(sockets: StunServerSockets, options: StunServerOptions = {}) {
    const { primary, otherPort, otherHost, otherBoth } = sockets
    const all = [primary, otherPort, otherHost, otherBoth] as const
    this.#sockets = new Map(all.flatMap((socket, index) => (socket ? [[index as SocketIndex, socket]] : [])))
    this.#addresses = Object.fromEntries([...this.#sockets].map(([index, { local }]) => [index, local]))
    this.#rules = { answerShortQuestions: options.answerShortQuestions ?? false }
    this.#now = options.now ?? (() => performance.now())
    this.#limiter = options.limiter ?? new RateLimiter(this.#now(), options.limits ?? RATE_LIMITS)
  }

  get stats(): StunServerStats {
    return { answered: this.#answered, dropped: this.#dropped }
  }

  /** The port of the primary socket, the other port, and the other host where its address is known. */
  get endpoints(): { port: number; otherPort?: number; otherHost?: string } {
    const [primary, port, host] = [this.#addresses[0], this.#addresses[1], this.#addresses[2]]
    return {
      port: primary?.port ?? 0,
      ...(port === undefined ? {} : { otherPort: port.port }),
      ...(host === undefined || isUnspecified(host.host) ? {} : { otherHost: host.host })
    }
  }

  start(): void {
    if (this.#off.length === 0) {
      this.#off = [...this.#sockets].map(([at, socket]) =>
        socket.handle((bytes, from) => this.#onDatagram(at, bytes, from))
      )
    }
  }

  stop(): void {
    for (const off of this.#off.splice(0)) {
      off()
    }
  }

  /**
   * Send one small message from the primary socket without having been asked over UDP; for whoever has proved to be at
   * `to.host` by other means. Whether it went out: the rates hold for it too.
   */
  knock(to: DatagramAddress, transactionId: Uint8Array): boolean {
    const primary = this.#sockets.get(0)
    if (primary === undefined || this.#off.length === 0 || !this.#limiter.take(to.host, this.#now())) {
      return false
    }
    primary.send(encodeStun({ class: 'indication', transactionId }), to)
    return true
  }

  #onDatagram(at: SocketIndex, bytes: Uint8Array, from: DatagramAddress): boolean {
    // answers are for the client that asked over the same socket
    if (!isStun(bytes) || bytes[0] !== 0 || bytes[1] !== 1) {
      return false
    }
    if (from.port !== 0 && this.#limiter.take(from.host, this.#now())) {
      const reply = this.#replyTo(at, bytes, from)
      const socket = reply === undefined ? undefined : this.#sockets.get(reply.via)
      if (reply !== undefined && socket !== undefined) {
        socket.send(reply.bytes, from)
        this.#answered += 1
        return true
      }
    }
    this.#dropped += 1
    return true
  }

  #replyTo(at: SocketIndex, bytes: Uint8Array, from: DatagramAddress): ReturnType<typeof answerStun> {
    try {
      return answerStun({ bytes, from, at }, this.#addresses, this.#rules)
    } catch {
      // who sends what is no message gets nothing, not even a complaint
      return undefined
    }
  }
}
