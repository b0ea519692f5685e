import { InvalidOptionError } from '@p2pshare/interface'
import type { Random } from '../random.ts'
import { EventHash } from './event-hash.ts'
import { EventQueue } from './event-queue.ts'

/** A sender leaves a receiver alone whose downlink is this far behind, as TCP would make it. */
const DEFAULT_BACKLOG_MS = 60

/** Added to a time at which something should have become true, so that rounding does not bring it about too early. */
const ROUNDING_MS = 0.001

/** Something an uplink sends: it takes `bytes` of its time. */
export interface Parcel<Block> {
  readonly to: number
  readonly bytes: number
  readonly block: Block
}

/** What decides for one simulated node. All calls come from the network, one after the other, in virtual time. */
export interface Brain<Message, Block> {
  /** `peer` can be heard and sent to from now on. */
  joined(peer: number, rttMs: number): void
  /** The connection is gone, with what was on its way. */
  left(peer: number): void
  message(from: number, message: Message): void
  /** A block arrived whole. */
  block(from: number, block: Block): void
  /** The uplink is free: what goes next. Only to peers that `canTake`. */
  next(canTake: (peer: number) => boolean): Parcel<Block> | undefined
  /** The last byte of it has left. */
  sent(parcel: Parcel<Block>): void
  /** The time asked for with `wakeAt` has come. */
  wake(): void
}

/** How a node is connected to the world. */
export interface SimLink {
  /** One server: a parcel takes `bytes / rate`. `0`: it never sends. */
  readonly upBytesPerSecond: number
  /** A first-come-first-served server. @default Infinity */
  readonly downBytesPerSecond?: number
}

export interface SimNetworkInit {
  readonly random: Random
  /** Round trip between two nodes in milliseconds, asked once for each pair. */
  rttMs(a: number, b: number): number
  /** Added to the way of each control message, uniform from 0; a pair's messages keep their order. @default 0 */
  readonly jitterMs?: number
  /** @default 60 */
  readonly backlogMs?: number
}

interface SimNode<Message, Block> {
  readonly brain: Brain<Message, Block>
  upPerMs: number
  readonly downPerMs: number
  readonly links: Map<number, Link>
  alive: boolean
  sending: boolean
  pokeAt: number
  wakeAt: number
  /** When its downlink will have taken everything that was sent to it. */
  downFreeAt: number
  sentBytes: number
}

/** One direction of a pair. */
interface Link {
  readonly oneWayMs: number
  /** When the last control message arrives. */
  lastAt: number
}

type Event<Message, Block> =
  | {
      readonly kind: 'message'
      readonly from: number
      readonly to: number
      readonly link: Link
      readonly message: Message
    }
  | { readonly kind: 'sent'; readonly from: number; readonly parcel: Parcel<Block>; readonly arrivesAt: number }
  | { readonly kind: 'block'; readonly from: number; readonly to: number; readonly link: Link; readonly block: Block }
  | { readonly kind: 'left'; readonly from: number; readonly to: number; readonly link: Link }
  | { readonly kind: 'wake' | 'poke'; readonly to: number; readonly at: number }
  | { readonly kind: 'call'; readonly callback: () => void }

const KINDS = { message: 1, sent: 2, block: 3, left: 4, wake: 5, poke: 6, call: 7 } as const

/**
 * Nodes joined by links in virtual time: an uplink and a downlink each, one-way delays between pairs, control messages
 * that cost no bandwidth. No TCP, no loss, no disk. It knows nothing of what the messages and blocks mean. The same
 * seed gives the same run, and `digest` says whether it was.
 */
export class SimNetwork<Message, Block> {
  /** Control messages sent. */
  messages = 0
  readonly #init: SimNetworkInit
  readonly #events = new EventQueue<Event<Message, Block>>()
  readonly #nodes: Array<SimNode<Message, Block>> = []
  readonly #rtts = new Map<number, number>()
  readonly #hash = new EventHash()
  readonly #jitterMs: number
  readonly #backlogMs: number
  #now = 0

  constructor(init: SimNetworkInit) {
    this.#init = init
    this.#jitterMs = init.jitterMs ?? 0
    this.#backlogMs = init.backlogMs ?? DEFAULT_BACKLOG_MS
  }

  /** Milliseconds since the start. */
  get now(): number {
    return this.#now
  }

  /** Fingerprint of every event so far. */
  get digest(): string {
    return this.#hash.digest
  }

  /** Add a node that knows nobody yet. Returns its number. */
  add(link: SimLink, brain: Brain<Message, Block>): number {
    const { upBytesPerSecond, downBytesPerSecond = Infinity } = link
    this.#nodes.push({
      brain,
      upPerMs: upBytesPerSecond / 1000,
      downPerMs: downBytesPerSecond / 1000,
      links: new Map(),
      alive: true,
      sending: false,
      pokeAt: Infinity,
      wakeAt: Infinity,
      downFreeAt: 0,
      sentBytes: 0
    })
    return this.#nodes.length - 1
  }

  isAlive(node: number): boolean {
    return this.#node(node).alive
  }

  /** Bytes that have left the node's uplink. */
  sentBytes(node: number): number {
    return this.#node(node).sentBytes
  }

  rttMs(a: number, b: number): number {
    const key = Math.min(a, b) * 65536 + Math.max(a, b)
    const known = this.#rtts.get(key)
    const rtt = known ?? this.#init.rttMs(Math.min(a, b), Math.max(a, b))
    this.#rtts.set(key, rtt)
    return rtt
  }

  /** Both hear of it at once: connecting is not modelled. */
  connect(a: number, b: number): void {
    const [first, second] = [this.#node(a), this.#node(b)]
    if (a === b || !first.alive || !second.alive || first.links.has(b)) {
      return
    }
    const rtt = this.rttMs(a, b)
    first.links.set(b, { oneWayMs: rtt / 2, lastAt: 0 })
    second.links.set(a, { oneWayMs: rtt / 2, lastAt: 0 })
    first.brain.joined(b, rtt)
    second.brain.joined(a, rtt)
  }

  /** One side ends it; the other one hears of it after the way there. */
  disconnect(node: number, peer: number): void {
    const { links, brain } = this.#node(node)
    const link = links.get(peer)
    if (link !== undefined) {
      links.delete(peer)
      this.#push(this.#now + link.oneWayMs, { kind: 'left', from: node, to: peer, link })
      brain.left(peer)
    }
  }

  /** The node is gone; its peers hear of it after the way there. */
  leave(node: number): void {
    const gone = this.#node(node)
    gone.alive = false
    for (const [peer, link] of gone.links) {
      this.#push(this.#now + link.oneWayMs, { kind: 'left', from: node, to: peer, link })
    }
    gone.links.clear()
  }

  /** The node is gone and nobody is told: its peers hear nothing more, and what they send it is lost. */
  vanish(node: number): void {
    this.#node(node).alive = false
  }

  /** Nothing more leaves its uplink; what is being sent is lost. */
  stopUplink(node: number): void {
    this.#node(node).upPerMs = 0
  }

  send(from: number, to: number, message: Message): void {
    const link = this.#node(from).links.get(to)
    if (link === undefined || !this.#node(from).alive) {
      return
    }
    this.messages++
    const jitter = this.#jitterMs === 0 ? 0 : this.#init.random.float() * this.#jitterMs
    link.lastAt = Math.max(link.lastAt, this.#now + link.oneWayMs + jitter)
    this.#push(link.lastAt, { kind: 'message', from, to, link, message })
  }

  /** Let the node's brain know when this time has come; a call for an earlier time replaces the last one. */
  wakeAt(node: number, at: number): void {
    const sleeper = this.#node(node)
    if (at < sleeper.wakeAt) {
      sleeper.wakeAt = Math.max(at, this.#now)
      this.#push(sleeper.wakeAt, { kind: 'wake', to: node, at: sleeper.wakeAt })
    }
  }

  /** There is something to send. */
  poke(node: number): void {
    this.#serve(node)
  }

  /** Whether a block to the node would not wait long at its downlink. */
  canTake(node: number): boolean {
    return this.#node(node).downFreeAt - this.#now <= this.#backlogMs
  }

  after(ms: number, callback: () => void): void {
    this.#push(this.#now + ms, { kind: 'call', callback })
  }

  /** Run until `done`, or until virtual time is `limitMs`. Returns whether it was done. */
  run(done: () => boolean, limitMs: number): boolean {
    while (!done()) {
      const at = this.#events.nextAt
      const event = at === undefined || at > limitMs ? undefined : this.#events.pop()
      if (at === undefined || event === undefined) {
        this.#now = Math.max(this.#now, limitMs)
        return false
      }
      this.#now = at
      this.#note(event)
      this.#happen(event)
    }
    return true
  }

  #happen(event: Event<Message, Block>): void {
    switch (event.kind) {
      case 'message':
        this.#receiver(event)?.brain.message(event.from, event.message)
        return
      case 'block':
        this.#receiver(event)?.brain.block(event.from, event.block)
        return
      case 'left':
        if (this.#node(event.to).links.delete(event.from)) {
          this.#node(event.to).brain.left(event.from)
        }
        return
      case 'sent':
        this.#onSent(event.from, event.parcel, event.arrivesAt)
        return
      case 'wake':
        this.#onWake(event.to, event.at)
        return
      case 'poke':
        this.#node(event.to).pokeAt = Infinity
        this.#serve(event.to)
        return
      case 'call':
        event.callback()
    }
  }

  /** Who a message or block arrives at, if the connection it was sent over is still there. */
  #receiver({ from, to, link }: { from: number; to: number; link: Link }): SimNode<Message, Block> | undefined {
    const node = this.#node(to)
    // the sender's side may be gone already: what it sent before arrives before the news of it
    const side = this.#node(from).links.get(to) ?? link
    return node.alive && node.links.has(from) && side === link ? node : undefined
  }

  #onWake(node: number, at: number): void {
    const sleeper = this.#node(node)
    if (sleeper.alive && sleeper.wakeAt === at) {
      sleeper.wakeAt = Infinity
      sleeper.brain.wake()
    }
  }

  #serve(index: number): void {
    const node = this.#node(index)
    if (node.sending || !node.alive || node.upPerMs <= 0) {
      return
    }
    let freeAt = Infinity
    const parcel = node.brain.next((peer) => {
      const can = this.canTake(peer)
      freeAt = can ? freeAt : Math.min(freeAt, this.#node(peer).downFreeAt - this.#backlogMs)
      return can
    })
    if (parcel === undefined) {
      this.#pokeLater(index, freeAt)
      return
    }
    node.sending = true
    const to = this.#node(parcel.to)
    const sentAt = this.#now + parcel.bytes / node.upPerMs
    const takes = parcel.bytes / to.downPerMs
    const oneWay = this.rttMs(index, parcel.to) / 2
    // the downlink takes bytes as they come: when it is the faster one, it is done with the last of them
    const firstByteAt = oneWay + Math.max(this.#now, sentAt - takes)
    to.downFreeAt = Math.max(to.downFreeAt, firstByteAt) + takes
    this.#push(sentAt, { kind: 'sent', from: index, parcel, arrivesAt: to.downFreeAt })
  }

  /** Everybody who waits is behind with taking: try again when the first of them is not. */
  #pokeLater(index: number, at: number): void {
    const node = this.#node(index)
    if (at < node.pokeAt) {
      node.pokeAt = at + ROUNDING_MS
      this.#push(node.pokeAt, { kind: 'poke', to: index, at: node.pokeAt })
    }
  }

  #onSent(from: number, parcel: Parcel<Block>, arrivesAt: number): void {
    const node = this.#node(from)
    if (!node.alive || node.upPerMs === 0) {
      return
    }
    node.sending = false
    node.sentBytes += parcel.bytes
    const link = node.links.get(parcel.to)
    if (link !== undefined) {
      this.#push(arrivesAt, { kind: 'block', from, to: parcel.to, link, block: parcel.block })
    }
    node.brain.sent(parcel)
    this.#serve(from)
  }

  #push(at: number, event: Event<Message, Block>): void {
    this.#events.push(at, event)
  }

  #note(event: Event<Message, Block>): void {
    this.#hash.add(KINDS[event.kind])
    this.#hash.add(Math.round(this.#now * 1000) | 0)
    if ('from' in event) {
      this.#hash.add(event.from)
    }
    if ('to' in event) {
      this.#hash.add(event.to)
    }
  }

  #node(index: number): SimNode<Message, Block> {
    const node = this.#nodes[index]
    if (node === undefined) {
      throw new InvalidOptionError('node', `there are ${this.#nodes.length} nodes, no number ${index}`)
    }
    return node
  }
}
