import type { Logger, PeerId } from '@libp2p/interface'
import { InvalidMessageError, LeafNotFoundError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import { verifyLeaf } from '../leaf-block.ts'
import type { Session } from '../session/session.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import type { Range } from '../swarm/bitfield.ts'
import { Leech } from '../swarm/leech.ts'
import type { PeerKey } from '../swarm/leech.ts'
import { Seed } from '../swarm/seed.ts'
import type { Message } from '../wire/codec.ts'
import { MAX_RANGES, MAX_RUNS } from '../wire/limits.ts'
import { BufferPool } from './buffer-pool.ts'
import { heldIndex, heldLeaves, largestLeaf, leafBlockOf, wholeLeaf } from './content.ts'
import type { Content } from './content.ts'
import { hear } from './hear.ts'
import type { Machines, SwarmEffect } from './hear.ts'
import { MAX_EARLY_MESSAGES } from './member.ts'
import type { SwarmMember } from './member.ts'
import type { NodeExchange } from './node-exchange.ts'
import { Receiver } from './receiver.ts'
import { Uploader } from './uploader.ts'

/** Leaves stored within this time are announced in one message; simulated, up to 50 ms makes a swarm 0.2 % slower. */
const HAVE_BATCH_MS = 15

/** How often the machines look at their deadlines. */
const TICK_MS = 250

/** What a download or the node wants to know. */
export interface SwarmEvents {
  joined(peer: PeerId): void
  left(peer: PeerId, reason: string): void
  /** Wrong bytes or repeated stalls: not to be asked again. */
  dropped(peer: PeerId, reason: 'wrong-bytes' | 'stalled'): void
  /** A leaf of `bytes` came from `peer`; with its twins it is `done` bytes of the content. */
  stored(done: number, bytes: number, peer: PeerId): void
  /** Verified bytes were written: a leaf, or one of the many places of one. */
  alive(): void
  /** Bytes arrived: leaves, nodes, wanted or not. */
  received(bytes: number): void
  sent(bytes: number): void
  /** Nothing is missing any more. */
  completed(): void
  /** The store cannot go on. */
  failed(error: Error): void
}

export interface SwarmInit {
  readonly root: CID
  readonly self: PeerId
  /** An inner node this node has. */
  node(cid: CID): Promise<Uint8Array | undefined>
  readonly log: Logger
  readonly events: SwarmEvents
}

/**
 * The peers of one share: gives what they say to the pure machines (`Leech`, `Seed`), and does what those decide. The
 * only place where the two meet streams, stores and the clock.
 */
export class Swarm {
  readonly root: CID
  readonly #init: SwarmInit
  readonly #members = new Map<PeerKey, SwarmMember>()
  #content: Content | undefined
  #machines: Machines | undefined
  #exchange: NodeExchange | undefined
  #pool = new BufferPool(0)
  /** Leaves that can be served, by every index; kept here since finding a held twin takes a scan. */
  #held = new Bitfield(0)
  #ticker: NodeJS.Timeout | undefined
  #announcer: NodeJS.Timeout | undefined
  readonly #fresh: number[] = []
  #stopped = false

  constructor(init: SwarmInit) {
    this.root = init.root
    this.#init = init
  }

  get members(): readonly PeerId[] {
    return [...this.#members.values()].map((member) => member.session.peer)
  }

  session(peer: PeerId): Session | undefined {
    return this.#members.get(peer.toString())?.session
  }

  /** Leaves still to fetch. */
  get missing(): number {
    return this.#machines?.leech.missing ?? 0
  }

  /** Whether somebody connected holds something this node misses. */
  get hasSource(): boolean {
    return this.#machines?.leech.hasSource ?? false
  }

  /** Fetch inner nodes from members that know the map. */
  useExchange(exchange: NodeExchange | undefined): void {
    this.#exchange = exchange
    for (const member of this.#members.values()) {
      if (member.knowsMap) {
        exchange?.addSource(member.session)
      }
    }
  }

  /** The map is known: begin to offer, ask and answer. */
  activate(content: Content): void {
    const { map, missing } = content
    const { leafCount } = map
    // whoever has everything already wants nothing, and says so
    this.#content = missing.count === 0 ? { ...content, wants: new Bitfield(leafCount) } : content
    this.#pool = new BufferPool(largestLeaf(map))
    this.#held = heldLeaves(content)
    const leafBytes = (leaf: number): number => map.leafBytes(leaf)
    const leech = new Leech({ leafCount, leafBytes, missing: missing.indices(), random: Math.random })
    const seed = new Seed({ leafCount, leafBytes, have: heldLeaves(content), firstOffer: this.#firstOffer(leafCount) })
    this.#machines = { map, leech, seed }
    for (const member of [...this.#members.values()]) {
      this.#introduce(member)
    }
  }

  add(session: Session): void {
    if (this.#stopped) {
      session.close('this node is stopping')
      return
    }
    const former = this.#members.get(session.key)?.session
    if (former !== undefined) {
      this.#remove(former, 'replaced by a newer session')
      former.fail(new InvalidMessageError('replaced by a newer session'))
    }
    const member = this.#member(session)
    this.#members.set(session.key, member)
    void session.closed.then((reason) => {
      this.#remove(session, reason)
    })
    session.start({
      message: (message) => {
        this.#onMessage(member, message)
      },
      header: (header) => {
        member.receiver.header(header)
      },
      body: (piece, last) => {
        member.receiver.body(piece, last)
      }
    })
    this.#startTicking()
    this.#init.events.joined(session.peer)
    if (this.#content !== undefined) {
      this.#introduce(member)
    }
  }

  stop(reason: string): void {
    this.#stopped = true
    clearInterval(this.#ticker)
    clearTimeout(this.#announcer)
    for (const { session } of this.#members.values()) {
      session.close(reason)
    }
  }

  /** A peer that sent wrong inner nodes too often. */
  drop(peer: PeerKey): void {
    const member = this.#members.get(peer)
    if (member !== undefined) {
      this.#do(member, { type: 'drop', peer, reason: 'wrong-bytes' })
    }
  }

  /** The share is no longer served: tell everybody. */
  withdraw(): void {
    for (const { session } of this.#members.values()) {
      session.reject('gone')
    }
    this.stop('no longer shared')
  }

  #member(session: Session): SwarmMember {
    const receiver = new Receiver({
      pool: {
        acquire: (bytes: number) => this.#pool.acquire(bytes),
        release: (buffer: Uint8Array) => {
          this.#pool.release(buffer)
        }
      },
      expects: (leaf) =>
        this.#machines?.leech.isAskedOf(leaf, session.key) === true ? this.#content?.map.leafBytes(leaf) : undefined,
      leaf: (leaf, bytes, release) => {
        this.#onLeaf(session, leaf, bytes, release)
      },
      expectsNode: (request, ordinal) => this.#exchange?.expects(session.key, request, ordinal) ?? false,
      node: (request, ordinal, block) => this.#exchange?.onNode(session.key, request, ordinal, block),
      received: (bytes, wanted) => {
        this.#init.events.received(bytes)
        if (wanted) {
          this.#machines?.leech.onBytes(session.key, bytes, performance.now())
        }
      }
    })
    const uploader = new Uploader(session, {
      leafBytes: (leaf) => this.#content?.map.leafBytes(leaf) ?? 0,
      has: (leaf) => this.#holds(leaf),
      read: (leaf, into) => this.#read(leaf, into),
      node: (cid) => this.#node(cid),
      sent: (bytes) => {
        this.#machines?.seed.onProgress(session.key, performance.now())
        this.#init.events.sent(bytes)
      },
      failed: (error) => {
        this.#init.events.failed(error)
      }
    })
    return { session, receiver, uploader, early: [], knowsMap: false, wantsNothing: false }
  }

  /** Tell a peer what we want, and let the machines know it; then what it said before we knew the map. */
  #introduce(member: SwarmMember): void {
    const { session } = member
    const now = performance.now()
    this.#sendRanges(session, 'want', this.#content?.wants.ranges() ?? [])
    this.#machines?.leech.peerJoined(session.key, now)
    this.#doAll(this.#machines?.seed.peerJoined(session.key, now) ?? [])
    try {
      for (const message of member.early.splice(0)) {
        this.#onMessage(member, message)
      }
    } catch (error) {
      session.fail(asError(error)) // what the peer broke ends its session, and nothing else
    }
  }

  #remove(session: Session, reason: string): void {
    const member = this.#members.get(session.key)
    if (member?.session !== session) {
      return
    }
    this.#members.delete(session.key)
    this.#exchange?.removeSource(session.key)
    const now = performance.now()
    const effects = [
      ...(this.#machines?.leech.peerLeft(session.key, now) ?? []),
      ...(this.#machines?.seed.peerLeft(session.key, now) ?? [])
    ]
    member.receiver.close()
    this.#doAll(effects)
    if (this.#members.size === 0) {
      clearInterval(this.#ticker)
      this.#ticker = undefined
    }
    this.#init.events.left(session.peer, reason)
  }

  #onMessage(member: SwarmMember, message: Message): void {
    if (message.type === 'get-nodes') {
      member.uploader.requestNodes(message.id, message.cids)
      return
    }
    if (message.type === 'reject' && this.#onSessionReject(member, message)) {
      return
    }
    if (message.type === 'want') {
      member.knowsMap = true
      this.#exchange?.addSource(member.session)
    }
    if (this.#machines === undefined) {
      if (member.early.length >= MAX_EARLY_MESSAGES) {
        throw new InvalidMessageError('too many messages before the map was known')
      }
      member.early.push(message)
      return
    }
    this.#doAll(hear(this.#machines, member, message, performance.now()))
    this.#closeIfIdle(member)
  }

  /** A REJECT that ends the session or answers GET_NODES. */
  #onSessionReject(member: SwarmMember, message: Message & { type: 'reject' }): boolean {
    if (message.nodes !== 0) {
      this.#exchange?.onReject(member.session.key, message.nodes)
      return true
    }
    if (message.runs.length === 0) {
      member.session.close(`the peer refused: ${message.reason}`)
      return true
    }
    return false
  }

  /** A whole leaf arrived; the buffer is ours until `release`. */
  #onLeaf(session: Session, leaf: number, bytes: Uint8Array, release: () => void): void {
    const content = this.#content
    const leech = this.#machines?.leech
    if (content === undefined || leech === undefined) {
      release()
      return
    }
    if (!verifyLeaf(content.map, leaf, bytes)) {
      release()
      this.#doAll(leech.onWrong(leaf, session.key, performance.now()))
      return
    }
    this.#doAll(leech.onDelivered(leaf, session.key))
    const places = content.places(leaf)
    this.#store(content, places, bytes)
      .then(() => {
        if (leech.isMissing(leaf)) {
          this.#init.events.stored(places.length * bytes.byteLength, bytes.byteLength, session.peer)
          this.#held.set(leaf)
          this.#announce(leaf)
          this.#doAll(leech.onStored(leaf, performance.now()))
          this.#finishIfComplete()
        }
      })
      .catch((error: unknown) => {
        this.#init.events.failed(asError(error))
      })
      .finally(release)
  }

  async #store(content: Content, places: readonly number[], bytes: Uint8Array): Promise<void> {
    for (const place of places) {
      await content.store.write(place, bytes)
      this.#init.events.alive()
    }
  }

  /** Tell everybody about a stored leaf, several at once. */
  #announce(leaf: number): void {
    this.#fresh.push(leaf)
    this.#announcer ??= setTimeout(() => {
      this.#announcer = undefined
      this.#doAll(this.#machines?.seed.onStored(this.#fresh.splice(0)) ?? [])
    }, HAVE_BATCH_MS)
  }

  #finishIfComplete(): void {
    if (this.#machines?.leech.missing !== 0 || this.#content === undefined) {
      return
    }
    this.#content = { ...this.#content, wants: new Bitfield(this.#content.map.leafCount) }
    for (const member of this.#members.values()) {
      this.#sendRanges(member.session, 'want', [])
      this.#closeIfIdle(member)
    }
    this.#init.events.completed()
  }

  /** Two peers that both want nothing more have nothing to say to each other. */
  #closeIfIdle(member: SwarmMember): void {
    if (member.wantsNothing && this.#content?.wants.count === 0) {
      member.session.close('nothing left to exchange')
    }
  }

  #holds(leaf: number): boolean {
    return this.#content !== undefined && this.#held.has(this.#content.map.canonical(leaf))
  }

  async #read(leaf: number, into: Uint8Array): Promise<Uint8Array> {
    const content = this.#content
    const held = content === undefined ? undefined : heldIndex(content, leaf)
    if (content === undefined || held === undefined) {
      throw new LeafNotFoundError(leaf)
    }
    return content.store.read(held, { into })
  }

  async #node(cid: CID): Promise<Uint8Array | undefined> {
    const block = await this.#init.node(cid)
    return block ?? (this.#content === undefined ? undefined : leafBlockOf(this.#content, cid))
  }

  #doAll(effects: readonly SwarmEffect[]): void {
    for (const effect of effects) {
      const member = this.#members.get(effect.peer)
      if (member !== undefined) {
        this.#do(member, effect)
      }
    }
  }

  #do(member: SwarmMember, effect: SwarmEffect): void {
    switch (effect.type) {
      case 'have':
      case 'offer':
      case 'pass':
        this.#sendRanges(member.session, effect.type, effect.ranges)
        return
      case 'request':
      case 'cancel':
        this.#sendRuns(member, effect.type, effect.leaves)
        return
      case 'drop':
        this.#init.events.dropped(member.session.peer, effect.reason)
        // one that hung may come to itself: it is asked again after a pause
        member.session.reject(effect.reason === 'wrong-bytes' ? 'banned' : 'busy')
    }
  }

  #sendRanges(session: Session, type: 'want' | 'have' | 'offer' | 'pass', ranges: Iterable<Range>): void {
    const all = [...ranges]
    for (let at = 0; at === 0 || at < all.length; at += MAX_RANGES) {
      const part = all.slice(at, at + MAX_RANGES)
      session.send(type === 'want' ? { type, ranges: part, urgent: false, adds: at > 0 } : { type, ranges: part })
    }
  }

  #sendRuns(member: SwarmMember, type: 'request' | 'cancel', leaves: readonly number[]): void {
    const map = this.#content?.map
    if (map === undefined) {
      return
    }
    for (let at = 0; at < leaves.length; at += MAX_RUNS) {
      const runs = leaves.slice(at, at + MAX_RUNS).map((leaf) => wholeLeaf(map, leaf))
      member.session.send({ type, runs })
    }
    if (type === 'cancel') {
      for (const leaf of leaves) {
        member.receiver.forget(leaf)
      }
    }
  }

  #startTicking(): void {
    this.#ticker ??= setInterval(() => {
      const now = performance.now()
      this.#exchange?.tick()
      this.#doAll([...(this.#machines?.leech.tick(now) ?? []), ...(this.#machines?.seed.tick(now) ?? [])])
    }, TICK_MS)
  }

  /** Seeders of one share begin their first pass apart from each other (SPEC.md#uploading). */
  #firstOffer(leafCount: number): number {
    const [a = 0, b = 0] = this.#init.self.toMultihash().digest.subarray(-2)
    return Math.floor(((a * 256 + b) / 65536) * leafCount)
  }
}
