import { isIP } from 'node:net'
import type { Logger } from '@libp2p/interface'
import type { DatagramSocket } from '@p2pshare/interface'
import { isUnspecified } from '../stun/answer.ts'
import type { BindOptions } from '../stun/dgram-socket.ts'
import { StunServer } from '../stun/server.ts'
import type { StunServerOptions, StunServerSockets, StunServerStats } from '../stun/server.ts'
import { MAX_STUN_HOSTS } from './constants.ts'
import { isInsideAddress } from './double-nat.ts'

/** What the servers of one address family are made with. */
export interface StunHostsInit {
  readonly family: 4 | 6
  readonly bind: (family: 4 | 6, options: BindOptions) => Promise<DatagramSocket>
  /** Of all hosts together. */
  readonly options: Required<Pick<StunServerOptions, 'limiter'>> & StunServerOptions
  readonly otherPort: number
  readonly otherHosts: readonly string[]
  /** `otherPort` is taken, and another one is used. */
  readonly onPortTaken?: ((taken: number, used: number) => void) | undefined
  readonly log: Logger
}

/**
 * The servers of one address family: one for each host of this machine that is listened on, all at the same two ports, since a
 * client asks the host that it has met. Two of them answer for each other, which shows what a NAT lets in.
 */
export class StunHosts {
  readonly #init: StunHostsInit
  readonly #hosts = new Set<string>()
  readonly #servers: StunServer[] = []
  #ports: { readonly first: number; readonly second: number } | undefined
  #work: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(init: StunHostsInit) {
    this.#init = init
  }

  /** The one that answers where this node was listened on first. */
  get #main(): StunServer | undefined {
    return this.#servers[0]
  }

  get stats(): StunServerStats {
    const all = this.#servers.map(({ stats }) => stats)
    return {
      answered: all.reduce((sum, { answered }) => sum + answered, 0),
      dropped: all.reduce((sum, { dropped }) => sum + dropped, 0)
    }
  }

  get endpoints(): readonly { port: number; otherPort?: number; otherHost?: string }[] {
    return this.#main === undefined ? [] : [this.#main.endpoints]
  }

  /** As `StunServer` has it. */
  knock(...knock: Parameters<StunServer['knock']>): boolean {
    return this.#main?.knock(...knock) ?? false
  }

  /** Answer on these sockets, those that are new. The first of all is the one others are told of. Throws `BindFailedError`. */
  async serve(sockets: readonly DatagramSocket[]): Promise<void> {
    const work = this.#work.then(async () => this.#serveNow(sockets))
    this.#work = work.catch(() => undefined)
    await work
  }

  /** For good. The sockets are closed by whoever opened them. */
  stop(): void {
    this.#isStopped = true
    this.#servers.splice(0).forEach((server) => server.stop())
  }

  async #serveNow(sockets: readonly DatagramSocket[]): Promise<void> {
    for (const socket of sockets) {
      if (this.#isStopped || this.#hosts.has(socket.local.host) || this.#hosts.size >= MAX_STUN_HOSTS) {
        continue
      }
      if (this.#ports === undefined) {
        await this.#serveFirst(socket, sockets)
      } else {
        await this.#serveBeside(socket, this.#ports)
      }
    }
  }

  async #serveFirst(primary: DatagramSocket, sockets: readonly DatagramSocket[]): Promise<void> {
    const { host } = primary.local
    const otherPort = await this.#bindOtherPort(host)
    const ports = { first: primary.local.port, second: otherPort.local.port }
    const other = this.#otherHost(primary, sockets)
    const others = other === undefined ? {} : await this.#onOther(primary, sockets, other, ports)
    this.#ports = ports
    this.#start(host, { primary, otherPort, ...others })
    if (other !== undefined && 'otherHost' in others) {
      this.#hosts.add(other.host)
    }
  }

  /** Without the port that was asked for a server is worth more than none. */
  async #bindOtherPort(host: string): Promise<DatagramSocket> {
    const { family, bind, otherPort: port, onPortTaken, log } = this.#init
    try {
      return await bind(family, { host, port })
    } catch (error) {
      if (port === 0) {
        throw error
      }
      const socket = await bind(family, { host, port: 0 })
      log.error('the second STUN port is %d - %e', socket.local.port, error)
      onPortTaken?.(port, socket.local.port)
      return socket
    }
  }

  /** The one that the user named, or another one that is listened on, in the same sort of network. */
  #otherHost(
    { local }: DatagramSocket,
    sockets: readonly DatagramSocket[]
  ): { readonly host: string; readonly isNamed: boolean } | undefined {
    const named = this.#init.otherHosts.find((host) => isIP(host) === this.#init.family)
    if (named !== undefined) {
      return { host: named, isNamed: true }
    }
    const found = sockets.find(
      ({ local: { host } }) =>
        host !== local.host &&
        !isUnspecified(local.host) &&
        !isUnspecified(host) &&
        isOwn(host) === isOwn(local.host) &&
        isInsideAddress(host) === isInsideAddress(local.host)
    )
    return found === undefined ? undefined : { host: found.local.host, isNamed: false }
  }

  async #onOther(
    { local }: DatagramSocket,
    sockets: readonly DatagramSocket[],
    { host, isNamed }: { readonly host: string; readonly isNamed: boolean },
    { first, second }: { readonly first: number; readonly second: number }
  ): Promise<Partial<StunServerSockets>> {
    const { family, bind } = this.#init
    try {
      const otherBoth = await bind(family, { host, port: second })
      // the port of the primary is taken on every host when it listens on all of them
      const otherHost = isUnspecified(local.host) ? undefined : await this.#at(host, first, sockets)
      return { otherBoth, ...(otherHost === undefined ? {} : { otherHost }) }
    } catch (error) {
      if (isNamed) {
        throw error
      }
      this.#init.log('no STUN from %s port %d - %e', host, second, error)
      return {}
    }
  }

  async #serveBeside(
    socket: DatagramSocket,
    { first, second }: { readonly first: number; readonly second: number }
  ): Promise<void> {
    const { family, bind, log } = this.#init
    const { host } = socket.local
    this.#hosts.add(host)
    try {
      const primary = await this.#at(host, first, [socket])
      this.#start(host, { primary, otherPort: await bind(family, { host, port: second }) })
    } catch (error) {
      log('no STUN at %s - %e', host, error)
    }
  }

  /** A socket at that port of the host: one of `sockets`, or a new one. */
  async #at(host: string, port: number, sockets: readonly DatagramSocket[]): Promise<DatagramSocket> {
    const there = sockets.find(({ local }) => local.host === host && local.port === port)
    return there ?? this.#init.bind(this.#init.family, { host, port })
  }

  #start(host: string, sockets: StunServerSockets): void {
    this.#hosts.add(host)
    if (this.#isStopped) {
      return
    }
    const server = new StunServer(sockets, this.#init.options)
    server.start()
    this.#servers.push(server)
  }
}

/** Reached from this machine alone. */
function isOwn(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}
