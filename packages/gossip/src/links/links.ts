import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_LINKS_AT_ALL } from '../membership/bounds.ts'
import type { LinkEnd } from '../membership/types.ts'
import type { LinkComponents } from './components.ts'
import { MAX_REFUSED, MAX_SEND_QUEUES_BYTES, MAX_STREAMS_PER_LINK, REDIAL_WAIT_MS, REFUSE_MS } from './constants.ts'
import { isRefused, redialTargets } from './dial-outcome.ts'
import { Dialler } from './dialler.ts'
import { LinkFaultError } from './errors.ts'
import { LinkStream } from './link-stream.ts'
import type { StreamEnd } from './link-stream.ts'
import { Link, rankOf } from './link.ts'
import { PeerMeters } from './peer-meter.ts'
import type { PeerMeter } from './peer-meter.ts'

/** Who hears of links. Calls may come from within `send`. */
export interface LinkHandlers {
  up(peer: PeerId): void
  down(peer: PeerId, end: LinkEnd): void
  /** A promise holds the next frame of that peer back. What it throws, or rejects with, is the peer's fault. */
  frame(peer: PeerId, frame: Uint8Array): void | Promise<void>
  /** Where the peer says it can be dialled. */
  addresses(peer: PeerId): readonly Multiaddr[]
  /** Whether the end of its connection is news: it has not said goodbye. */
  isExpected(peer: PeerId): boolean
}

/** What links are made with. */
export interface LinksInit {
  readonly components: LinkComponents
  readonly protocol: string
  /** How long opening a link may take, dialling included. */
  readonly dialMs: number
  /** How long the peer of a lost connection may take to be there again. */
  readonly redialMs: number
  readonly handlers: LinkHandlers
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly log: Logger
}

/** The links of this node: streams of one protocol over whatever connections there are. */
export class Links {
  readonly #init: LinksInit
  readonly #links = new Map<string, Link>()
  readonly #dialler: Dialler
  readonly #meters: PeerMeters
  readonly #refusedUntil = new Map<string, number>()
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #topology: string | undefined
  #isRunning = false

  constructor(init: LinksInit) {
    this.#init = init
    this.#dialler = new Dialler(init.components, (peer) => init.handlers.addresses(peer), init.log)
    this.#meters = new PeerMeters(init.now())
  }

  /** Links that are up. */
  get size(): number {
    return this.up().length
  }

  up(): PeerId[] {
    return [...this.#links.values()].filter(({ best }) => best !== undefined).map(({ peer }) => peer)
  }

  meterOf(peer: PeerId): PeerMeter {
    return this.#meters.of(peer.toString(), this.#init.now())
  }

  /** Both of libp2p's registrations; links come up from here on. */
  async start(): Promise<void> {
    this.#isRunning = true
    const { components, protocol } = this.#init
    components.events.addEventListener('connection:open', this.#onConnection)
    await components.registrar.handle(protocol, this.#onStream, {
      maxInboundStreams: MAX_STREAMS_PER_LINK,
      maxOutboundStreams: MAX_STREAMS_PER_LINK,
      runOnLimitedConnection: true
    })
    this.#topology = await components.registrar.register(protocol, {
      notifyOnLimitedConnection: true,
      onConnect: this.#onPeer
    })
  }

  /** Nobody is told of links that end by this. */
  async stop(): Promise<void> {
    this.#isRunning = false
    const { components, protocol } = this.#init
    components.events.removeEventListener('connection:open', this.#onConnection)
    for (const timer of this.#timers) {
      clearTimeout(timer)
    }
    this.#timers.clear()
    for (const link of this.#links.values()) {
      link.opening?.abort()
      link.abort(new LinkFaultError('this node stops'))
    }
    this.#links.clear()
    if (this.#topology !== undefined) {
      components.registrar.unregister(this.#topology)
    }
    await components.registrar.unhandle(protocol)
  }

  /** Have a link to `peer`. `up` or `down` answers, unless it is up. */
  open(peer: PeerId): void {
    const link = this.#linkTo(peer)
    link.isWanted = true
    if (link.best === undefined && link.opening === undefined) {
      void this.#openOrTell(link, async (signal) => this.#dialler.dial(peer, signal))
    }
  }

  /** The link to `peer` is not needed. Its end is not told. */
  close(peer: PeerId): void {
    const link = this.#links.get(peer.toString())
    if (link !== undefined) {
      this.#drop(link)
      link.close()
    }
  }

  /** Nothing happens when there is no link. */
  send(peer: PeerId, frame: Uint8Array): void {
    const best = this.#links.get(peer.toString())?.best
    if (best === undefined) {
      return
    }
    best.send(frame)
    if (best.queuedBytes > 0 && this.#queuedBytes() > MAX_SEND_QUEUES_BYTES) {
      best.abort(new LinkFaultError('too much waits to be sent on all links'))
    }
  }

  /** Bytes that wait to be sent on all links. */
  #queuedBytes(): number {
    let bytes = 0
    for (const link of this.#links.values()) {
      bytes += link.queuedBytes
    }
    return bytes
  }

  /** The peer broke the rules: its link ends, and it gets none for a while. */
  refuse(peer: PeerId, reason: string): void {
    const key = peer.toString()
    this.#init.log('refusing %p for %d ms: %s', peer, REFUSE_MS, reason)
    this.#refusedUntil.delete(key)
    if (this.#refusedUntil.size >= MAX_REFUSED) {
      for (const oldest of this.#refusedUntil.keys()) {
        this.#refusedUntil.delete(oldest)
        break
      }
    }
    this.#refusedUntil.set(key, this.#init.now() + REFUSE_MS)
    const link = this.#links.get(key)
    if (link !== undefined) {
      link.abort(new LinkFaultError(reason))
      this.#down(link, 'closed')
    }
  }

  #isRefused(peer: PeerId): boolean {
    return (this.#refusedUntil.get(peer.toString()) ?? -Infinity) > this.#init.now()
  }

  #linkTo(peer: PeerId): Link {
    const key = peer.toString()
    const link = this.#links.get(key) ?? new Link(peer, this.#init.components.peerId)
    this.#links.set(key, link)
    return link
  }

  #isCurrent(link: Link): boolean {
    return this.#isRunning && this.#links.get(link.peer.toString()) === link
  }

  /** Forget it; what it still has open is closed by the caller. */
  #drop(link: Link): void {
    if (this.#isCurrent(link)) {
      this.#links.delete(link.peer.toString())
      link.opening?.abort()
      if (link.isToldUp || link.isWanted) {
        void this.#dialler.tag(link.peer, false)
      }
    }
  }

  #down(link: Link, end: LinkEnd): void {
    if (this.#isCurrent(link)) {
      const isNews = link.isToldUp || link.isWanted
      this.#drop(link)
      if (isNews) {
        this.#init.handlers.down(link.peer, end)
      }
    }
  }

  /** Identify says that the peer speaks the protocol. Who dialled opens: one stream and not two. */
  readonly #onPeer = (peer: PeerId, connection: Connection): void => {
    if (connection.direction === 'outbound' && !this.#isRefused(peer) && !this.#links.has(peer.toString())) {
      this.#introduce(peer, connection)
    }
  }

  #introduce(peer: PeerId, connection: Connection): void {
    if (!this.#hasRoom()) {
      return
    }
    void this.#openOrTell(this.#linkTo(peer), async () => connection)
  }

  #hasRoom(): boolean {
    return this.#links.size < MAX_LINKS_AT_ALL
  }

  /** A connection that is better than the one a link is on: the end that opened the link moves it. */
  readonly #onConnection = ({ detail: connection }: CustomEvent<Connection>): void => {
    const link = this.#links.get(connection.remotePeer.toString())
    const best = link?.best
    if (
      link !== undefined &&
      best?.isOurs === true &&
      link.opening === undefined &&
      rankOf(connection) > rankOf(best.connection)
    ) {
      void this.#open(link, async () => connection)
    }
  }

  readonly #onStream = (stream: Stream, connection: Connection): void => {
    const peer = connection.remotePeer
    const known = this.#links.get(peer.toString())
    const now = this.#init.now()
    if (!this.#isRunning || this.#isRefused(peer) || !this.#meters.of(peer.toString(), now).takeStream(now)) {
      stream.abort(new LinkFaultError('not now'))
    } else if ((known === undefined && !this.#hasRoom()) || (known?.size ?? 0) >= MAX_STREAMS_PER_LINK) {
      stream.abort(new LinkFaultError('too many links'))
    } else {
      this.#attach(this.#linkTo(peer), stream, connection, false)
    }
  }

  async #openOrTell(
    link: Link,
    connect: (signal: AbortSignal) => Promise<Connection>,
    isThroughRelay = false
  ): Promise<void> {
    const end = await this.#open(link, connect, isThroughRelay)
    if (end !== undefined) {
      this.#down(link, end)
    }
  }

  /** A stream on the connection that `connect` finds. When the link is not up after it, why. */
  async #open(
    link: Link,
    connect: (signal: AbortSignal) => Promise<Connection>,
    isThroughRelay = false
  ): Promise<LinkEnd | undefined> {
    let end: LinkEnd = 'closed'
    const controller = new AbortController()
    link.opening = controller
    const timer = this.#after(this.#init.dialMs, () => {
      controller.abort()
    })
    try {
      if (this.#isRefused(link.peer)) {
        throw new LinkFaultError('it broke the rules')
      }
      const connection = await connect(controller.signal)
      const stream = await connection.newStream(this.#init.protocol, {
        signal: controller.signal,
        runOnLimitedConnection: true
      })
      if (this.#isCurrent(link)) {
        this.#attach(link, stream, connection, true)
      } else {
        stream.abort(new LinkFaultError('not needed any more'))
      }
    } catch (error) {
      this.#init.log('no link to %p - %e', link.peer, error)
      end = isRefused(error, isThroughRelay) ? 'refused' : 'closed'
    } finally {
      this.#clear(timer)
      if (link.opening === controller) {
        link.opening = undefined
      }
    }
    return link.best === undefined ? end : undefined
  }

  #attach(link: Link, stream: Stream, connection: Connection, isOurs: boolean): void {
    const wasDown = link.best === undefined
    const wrapped = new LinkStream({
      stream,
      connection,
      isOurs,
      meter: this.meterOf(link.peer),
      now: this.#init.now,
      onFrame: (frame) => (this.#isCurrent(link) ? this.#init.handlers.frame(link.peer, frame) : undefined),
      onEnd: (end) => {
        link.remove(wrapped)
        this.#onStreamEnd(link, wrapped, end)
      }
    })
    link.add(wrapped)
    if (wasDown) {
      if (link.isToldUp) {
        // it was lost and is there again; what was sent in between is lost
        this.#init.handlers.down(link.peer, 'closed')
      }
      link.isToldUp = true
      void this.#dialler.tag(link.peer, true)
      this.#init.handlers.up(link.peer)
    }
  }

  #onStreamEnd(link: Link, stream: LinkStream, end: StreamEnd): void {
    if (!this.#isCurrent(link)) {
      return
    }
    if (end === 'fault') {
      this.refuse(link.peer, 'it broke the rules')
    } else if (link.best === undefined) {
      // whether the connection has ended too shows a turn later
      this.#after(0, () => {
        if (this.#isCurrent(link) && link.best === undefined && link.opening === undefined) {
          this.#onLost(link, stream.connection)
        }
      })
    }
  }

  #onLost(link: Link, lost: Connection): void {
    const other = this.#dialler.connectionTo(link.peer)
    if (lost.status === 'open') {
      // the peer closed the link alone, and knows why
      this.#down(link, 'closed')
    } else if (other !== undefined) {
      void this.#openOrTell(link, async () => other)
    } else if (this.#init.handlers.isExpected(link.peer)) {
      this.#redialSoon(link, lost)
    } else {
      this.#down(link, 'closed')
    }
  }

  /** Whether the peer is still there where it was. Who dialled before dials again; the other waits for that a little. */
  #redialSoon(link: Link, lost: Connection): void {
    this.#after(lost.direction === 'outbound' ? 0 : REDIAL_WAIT_MS, () => {
      void this.#redial(link, lost)
    })
  }

  async #redial(link: Link, lost: Connection): Promise<void> {
    const { addresses, areRelayed } = redialTargets(lost, await this.#dialler.known(link.peer))
    if (!this.#isCurrent(link) || link.best !== undefined || link.opening !== undefined) {
      return
    }
    await this.#openOrTell(
      link,
      async (signal) => {
        const timer = this.#after(this.#init.redialMs, () => {
          link.opening?.abort()
        })
        try {
          return await this.#dialler.ask(addresses, signal)
        } finally {
          this.#clear(timer)
        }
      },
      areRelayed
    )
  }

  #after(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
    return timer
  }

  #clear(timer: ReturnType<typeof setTimeout>): void {
    clearTimeout(timer)
    this.#timers.delete(timer)
  }
}
