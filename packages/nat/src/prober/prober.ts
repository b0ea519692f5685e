import type { ComponentLogger, Connection, Libp2pEvents, PeerStore, Startable } from '@libp2p/interface'
import type { Registrar, TransportManager } from '@libp2p/interface-internal'
import type { DatagramAddress, DatagramSocket } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { anySignal } from 'any-signal'
import { TypedEventEmitter } from 'main-event'
import type { TypedEventTarget } from 'main-event'
import { StunClient } from '../stun/client.ts'
import { bindDgram } from '../stun/dgram-socket.ts'
import { Trials } from '../trials.ts'
import type { NatClass, NatKnowledge, TcpOutside } from '../types.ts'
import type { ClockOffset } from './clock.ts'
import {
  ADDRESS_CHECK_MS,
  GATHER_MS,
  GRACE_MS,
  MAX_REPEATS,
  MAX_RETRY_MS,
  PROBE_INTERVAL_MS,
  RETRY_MS,
  SECOND_THOUGHT_MS
} from './constants.ts'
import { isDoubleNat } from './double-nat.ts'
import { findDatagramEndpoint, findLocalPortDialer } from './endpoints.ts'
import { PeerServers } from './peer-servers.ts'
import { probe, probeSchedule } from './probe.ts'
import { ServerBook, toFixedServer } from './server-book.ts'
import type { KnownServer } from './server-book.ts'
import { systemHosts } from './system-hosts.ts'
import { probeTcp } from './tcp-outside.ts'

/** By address family; those that were not probed are not in it. */
type TcpOutsides = ReadonlyMap<4 | 6, TcpOutside | undefined>

/** What the prober needs from the node. */
export interface ProberComponents {
  readonly registrar: Pick<Registrar, 'register' | 'unregister'>
  readonly transportManager: Pick<TransportManager, 'getTransports'>
  readonly peerStore: Pick<PeerStore, 'get'>
  readonly logger: ComponentLogger
  /** Tells when a transport begins or ends to listen. */
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** How a node finds out about its NAT. */
export interface ProberInit {
  /** STUN servers beside those that peers tell of: `/ip4/<host>/udp/<port>`. @default [] */
  readonly servers?: readonly Multiaddr[]
  /** Time between two probings of a network that stays the same, in milliseconds. @default 600_000 */
  readonly probeIntervalMs?: number
  /** Time between two looks at this machine's own addresses, in milliseconds; a change is probed at once. @default 10_000 */
  readonly addressCheckMs?: number
  /** How long a silence is waited out at least, against jitter, in milliseconds. @default 25 */
  readonly graceMs?: number
  /** The outside address that a port mapping protocol gave, if one did: it shows a second NAT. */
  readonly mappedHost?: (family: 4 | 6) => string | undefined
  /** Connections that are closed in a moment, as those that only try an address. @default none */
  readonly ignores?: (connection: Connection) => boolean
  /** Addresses of this machine. @default those of the system */
  readonly ownHosts?: () => readonly string[]
  /** Opens a further socket. @default a UDP socket of Node */
  readonly open?: (family: 4 | 6) => Promise<DatagramSocket>
  /** Milliseconds; does not go back. @default performance.now */
  readonly now?: () => number
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly clock?: () => number
}

/** What the prober tells. */
export interface ProberEvents {
  /** A probing ended, or the TCP side of one. */
  'nat:class': CustomEvent<NatClass>
}

/** Finds out what NAT is in front of this node, and keeps it up to date. */
export class Prober extends TypedEventEmitter<ProberEvents> implements NatKnowledge, Startable {
  readonly #components: ProberComponents
  readonly #init: ProberInit
  readonly #log: ReturnType<ComponentLogger['forComponent']>
  readonly #book: ServerBook
  readonly #peers: PeerServers
  readonly #classes = new Map<4 | 6, NatClass>()
  readonly #now: () => number
  readonly #trials = new Trials()
  #stopping = new AbortController()
  #timers: NodeJS.Timeout[] = []
  #gather: NodeJS.Timeout | undefined
  #running: Promise<readonly NatClass[]> | undefined
  #again = false
  /** What TCP shows, while it is asked for. */
  #tcp: Promise<TcpOutsides> | undefined
  #retryMs = RETRY_MS
  /** UDP seemed blocked, and it was looked at again once already. */
  #thoughtTwice = false
  #seen = ''

  constructor(components: ProberComponents, init: ProberInit = {}) {
    super()
    this.#components = components
    this.#init = init
    this.#log = components.logger.forComponent('p2pshare:nat:prober')
    this.#book = new ServerBook((init.servers ?? []).flatMap(toFixedServer))
    this.#now = init.now ?? (() => performance.now())
    this.#peers = new PeerServers({
      registrar: components.registrar,
      peerStore: components.peerStore,
      log: this.#log,
      now: this.#now,
      clock: init.clock ?? Date.now,
      ignores: init.ignores ?? (() => false),
      onServer: (server) => {
        if (this.#book.add(server)) {
          this.#probeSoon()
        }
      }
    })
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController()
    await this.#peers.start()
    this.#seen = this.#fingerprint()
    const { probeIntervalMs = PROBE_INTERVAL_MS, addressCheckMs = ADDRESS_CHECK_MS } = this.#init
    this.#timers = [
      setInterval(() => this.#probeSoon(), probeIntervalMs),
      setInterval(this.#checkAddresses, addressCheckMs)
    ]
    this.#timers.forEach((timer) => timer.unref())
    this.#components.events.addEventListener('transport:listening', this.#checkAddresses)
    this.#components.events.addEventListener('transport:close', this.#checkAddresses)
    this.#probeSoon()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#timers.splice(0).forEach(clearInterval)
    this.#components.events.removeEventListener('transport:listening', this.#checkAddresses)
    this.#components.events.removeEventListener('transport:close', this.#checkAddresses)
    clearTimeout(this.#gather)
    this.#gather = undefined
    this.#peers.stop()
    this.#trials.stop()
    await this.#running?.catch(() => undefined)
  }

  current(family: 4 | 6): NatClass | undefined {
    const found = this.#classes.get(family)
    if (found === undefined) {
      return undefined
    }
    const doubleNat = isDoubleNat(found, this.#init.mappedHost?.(family))
    return doubleNat === undefined ? found : { ...found, doubleNat }
  }

  get awaitsTcp(): boolean {
    return this.#tcp !== undefined && [...this.#classes.values()].every(({ tcpOutside }) => tcpOutside === undefined)
  }

  /** How far this machine's clock is from that of the servers, once one was asked. */
  clockOffset(): ClockOffset | undefined {
    return this.#peers.clockOffset()
  }

  /** The servers that would be asked now. */
  servers(): readonly KnownServer[] {
    return [...this.#book.of(4), ...this.#book.of(6)]
  }

  /** Whether a probing ended; waits for the first one, no longer than `waitMs`. Throws the signal's reason. */
  async ready({ signal, waitMs }: { readonly signal: AbortSignal; readonly waitMs: number }): Promise<boolean> {
    signal.throwIfAborted()
    if (this.#classes.size > 0) {
      return true
    }
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const onClass = (): void => resolve(true)
    const onAbort = (): void => reject(signal.reason as Error)
    const timer = setTimeout(() => resolve(false), waitMs)
    this.addEventListener('nat:class', onClass, { once: true })
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.removeEventListener('nat:class', onClass)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Probe now; while a probing runs, its result and then one more. A family without a server is left out. Resolves when UDP
   * is known; `nat:class` tells of the TCP side later.
   */
  async probe({ signal }: { signal?: AbortSignal } = {}): Promise<readonly NatClass[]> {
    signal?.throwIfAborted()
    this.#stopping.signal.throwIfAborted()
    this.#running ??= this.#probeAll().finally(() => {
      this.#running = undefined
      if (this.#takeAgain()) {
        this.#probeSoon() // changed after the last look
      }
    })
    if (signal === undefined) {
      return this.#running
    }
    const aborted = Promise.withResolvers<never>()
    const onAbort = (): void => aborted.reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([this.#running, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async learnOutside(parent: AbortSignal): Promise<readonly NatClass[]> {
    const sockets = findDatagramEndpoint(this.#components.transportManager)?.sockets() ?? []
    const signal = anySignal([parent, this.#stopping.signal])
    try {
      return await Promise.all(sockets.map(async (socket) => this.#outsideOf(socket, signal)))
    } finally {
      signal.clear()
    }
  }

  /** One answer is enough: a question to the best two servers, and the first one's answer. */
  async #outsideOf(socket: DatagramSocket, signal: AbortSignal): Promise<NatClass> {
    const { family } = socket
    const known = this.current(family) ?? { family, udp: true }
    const servers = this.#book.of(family).slice(0, 2)
    if (servers.length === 0) {
      return known
    }
    const client = new StunClient(socket, this.#now)
    const done = new AbortController()
    const either = anySignal([signal, done.signal])
    try {
      const { message } = await Promise.any(
        servers.map(async ({ address }) =>
          client.ask(address, { signal: either, schedule: probeSchedule(this.#retryMs) })
        )
      )
      return message.mapped === undefined ? known : this.#withOutside(known, message.mapped)
    } catch {
      signal.throwIfAborted()
      return { family, udp: false }
    } finally {
      done.abort()
      either.clear()
    }
  }

  /** Behind another address what else was found out may be wrong too. */
  #withOutside(known: NatClass, outside: DatagramAddress): NatClass {
    const { tcpOutside, ...rest } = known
    const isSame = known.outside === undefined || known.outside.host === outside.host
    if (!isSame) {
      this.#probeSoon()
    }
    return { ...rest, udp: true, outside, ...(isSame && tcpOutside !== undefined ? { tcpOutside } : {}) }
  }

  async #probeAll(): Promise<readonly NatClass[]> {
    let found = await this.#probeOnce()
    let repeats = MAX_REPEATS
    while (this.#takeAgain() || (repeats-- > 0 && found.some((one) => this.#isIncomplete(one)))) {
      found = await this.#probeOnce()
    }
    return found.map((one) => this.current(one.family) ?? one)
  }

  async #probeOnce(): Promise<readonly NatClass[]> {
    const found: NatClass[] = []
    // beside the questions over UDP: where those stay without an answer, TCP is what there is to tell of
    const tcp = this.#probeTcp()
    this.#tcp = tcp
    try {
      for (const family of [4, 6] as const) {
        const servers = this.#book.of(family)
        if (servers.length > 0) {
          found.push(await this.#probeFamily(family, servers, tcp))
        }
      }
      return found
    } finally {
      void tcp.then((outsides) => this.#foundTcp(tcp, outsides))
    }
  }

  /** Servers could have told the mapping, and too few of their answers came: a starved machine, a burst of loss. */
  #isIncomplete({ family, udp, mapping }: NatClass): boolean {
    const servers = this.#book.of(family)
    const canTell = servers.length > 1 || servers.some(({ otherPort }) => otherPort !== undefined)
    return udp && mapping === undefined && canTell
  }

  /** Whether something changed while a probing ran. */
  #takeAgain(): boolean {
    const again = this.#again
    this.#again = false
    return again
  }

  async #probeFamily(family: 4 | 6, servers: readonly KnownServer[], tcp: Promise<TcpOutsides>): Promise<NatClass> {
    const sockets = findDatagramEndpoint(this.#components.transportManager)?.sockets() ?? []
    const found = await probe({
      family,
      servers,
      ownHosts: this.#ownHosts(),
      listening: sockets.find((socket) => socket.family === family),
      open: this.#init.open ?? bindDgram,
      knockers: this.#peers.knockers(family),
      graceMs: this.#init.graceMs ?? GRACE_MS,
      retryMs: this.#retryMs,
      now: this.#now,
      signal: this.#stopping.signal
    })
    const tcpOutside = found.udp ? this.#classes.get(family)?.tcpOutside : (await tcp).get(family)
    const told = { ...found, udp: found.udp || this.#peers.isOverUdp(family) }
    this.#found(tcpOutside === undefined ? told : { ...told, tcpOutside })
    if (found.udp) {
      this.#thoughtTwice = false
    } else if (!this.#thoughtTwice) {
      this.#thoughtTwice = true
      void this.#thinkTwice(family, servers)
    }
    return found
  }

  /** Silence may be a slow line: a late answer shows by how much, and starts another probing that waits for it. */
  async #thinkTwice(family: 4 | 6, servers: readonly KnownServer[]): Promise<void> {
    try {
      const socket = await (this.#init.open ?? bindDgram)(family)
      try {
        const schedule = { sendAtMs: [0, 2 * RETRY_MS, 4 * RETRY_MS], giveUpAtMs: SECOND_THOUGHT_MS }
        const client = new StunClient(socket, this.#now)
        const { signal } = this.#stopping
        const answers = servers.slice(0, 2).map(async ({ address }) => client.ask(address, { signal, schedule }))
        const { rttMs } = await Promise.any(answers)
        this.#retryMs = Math.min(MAX_RETRY_MS, Math.max(2 * this.#retryMs, 2 * rttMs))
        this.#probeSoon()
      } finally {
        socket.close()
      }
    } catch (error) {
      this.#log('UDP is blocked - %e', error)
    }
  }

  async #probeTcp(): Promise<TcpOutsides> {
    const outsides = new Map<4 | 6, TcpOutside | undefined>()
    const dialer = findLocalPortDialer(this.#components.transportManager)
    try {
      for (const family of [4, 6] as const) {
        const servers = this.#book.of(family).flatMap(({ tcp }) => (tcp === undefined ? [] : [tcp]))
        if (dialer !== undefined && servers.length > 0 && this.#classes.get(family)?.mapping !== 'none') {
          const trials = this.#trials
          outsides.set(family, await probeTcp({ dialer, servers, signal: this.#stopping.signal, trials }))
        }
      }
    } catch (error) {
      this.#log('no outside address for TCP - %e', error)
    }
    return outsides
  }

  #foundTcp(asked: Promise<TcpOutsides>, outsides: TcpOutsides): void {
    if (this.#tcp !== asked) {
      return // by now it is asked anew
    }
    this.#tcp = undefined
    for (const [family, tcpOutside] of outsides) {
      const found = this.#classes.get(family)
      if (found !== undefined && found.mapping !== 'none' && found.tcpOutside !== tcpOutside) {
        const { tcpOutside: _before, ...rest } = found
        this.#found(tcpOutside === undefined ? rest : { ...rest, tcpOutside })
      }
    }
  }

  #found(found: NatClass): void {
    this.#classes.set(found.family, found)
    this.safeDispatchEvent('nat:class', { detail: this.current(found.family) ?? found })
  }

  /** Servers come in groups, as bootstrap nodes are met: one probing for all. */
  #probeSoon(): void {
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined
      this.probe().catch((error: unknown) => this.#log('could not probe - %e', error))
    }, GATHER_MS)
  }

  readonly #checkAddresses = (): void => {
    const fingerprint = this.#fingerprint()
    if (fingerprint !== this.#seen) {
      this.#seen = fingerprint
      this.#probeSoon()
    }
  }

  #fingerprint(): string {
    const sockets = findDatagramEndpoint(this.#components.transportManager)?.sockets() ?? []
    return [...this.#ownHosts(), ...sockets.map(({ local }) => `${local.host} ${local.port}`)].sort().join()
  }

  #ownHosts(): readonly string[] {
    return (this.#init.ownHosts ?? systemHosts)()
  }
}
