import type { Logger, PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { HaveSummary } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import type { Waste } from '../traffic.ts'
import type { Limiter } from '../rate/limiter.ts'
import type { FirstMessage } from '../session/handshake.ts'
import type { Session } from '../session/session.ts'
import type { PeerKey } from '../swarm/effects.ts'
import { LOOK_MS, SharePolicy } from '../swarm/policy.ts'
import type { Message, Run } from '../wire/codec.ts'
import type { FrameBody, FrameHeader } from '../wire/frame.ts'
import type { LeafWorkers } from '../worker/leaf-workers.ts'
import type { Content } from './content.ts'
import { firstOffer } from './first-offer.ts'
import { Holdings } from './holdings.ts'
import { Intake } from './intake.ts'
import { LeafAssemblies } from './leaf-assembly.ts'
import type { LeafAssembly } from './leaf-assembly.ts'
import { EarlyMessages } from './early-messages.ts'
import type { SwarmMember } from './member.ts'
import type { NodeExchange } from './node-exchange.ts'
import type { ReceiveBuffers } from './receive-buffers.ts'
import { PolicyDriver, sendRanges } from './policy-driver.ts'
import { Receiver } from './receiver.ts'
import type { ReadPool } from './read-pool.ts'
import type { SwarmEvents } from './swarm-events.ts'
import { swarmOutlook } from './swarm-outlook.ts'
import type { SwarmOutlook } from './swarm-outlook.ts'
import { Uplink } from './uplink.ts'
import { Wishes } from './wishes.ts'
import type { WantedChange } from './wishes.ts'

export interface SwarmInit {
  readonly root: CID
  readonly self: PeerId
  /** An inner node this node has. */
  node(cid: CID): Promise<Uint8Array | undefined>
  readonly log: Logger
  readonly events: SwarmEvents
  /** Receive buffers of this node. */
  readonly buffers: ReceiveBuffers
  /** What hashes and writes at this node. */
  readonly workers: Pick<LeafWorkers, 'digest' | 'verifyAndWrite'>
  /** Read buffers of this node. */
  readonly pool: ReadPool
  /** Caps of this node. */
  readonly limiter: Limiter
}

/**
 * The peers of one share: their sessions, what they say to the policy, and the store. The only place where those meet.
 */
export class Swarm {
  readonly root: CID
  readonly #init: SwarmInit
  readonly #members = new Map<PeerKey, SwarmMember>()
  readonly wishes = new Wishes(() => this.#members.values())
  readonly #uplink: Uplink
  readonly #intake: Intake
  readonly #assemblies = new LeafAssemblies()
  readonly #holdings: Holdings
  #driver: PolicyDriver | undefined
  #exchange: NodeExchange | undefined
  #ticker: NodeJS.Timeout | undefined
  #stopped = false

  constructor(init: SwarmInit) {
    this.root = init.root
    this.#init = init
    this.#holdings = new Holdings((cid) => init.node(cid))
    this.#intake = new Intake({
      workers: init.workers,
      alive: () => {
        init.events.alive()
      }
    })
    this.#uplink = new Uplink({
      share: init.root.toString(),
      order: {
        next: (canTake, maxBlocks) => this.#driver?.next(canTake, maxBlocks),
        sent: (peer, bytes) => this.#driver?.sent(peer, bytes),
        unsent: (peer, run) => this.#driver?.unsent(peer, run)
      },
      pool: init.pool,
      limiter: init.limiter,
      source: {
        leafBytes: (leaf) => this.#content?.map.leafBytes(leaf) ?? 0,
        read: (leaf, into, start, bytes) => this.#holdings.read(leaf, { into, start, bytes }),
        node: (cid) => this.#holdings.node(cid),
        failed: (error) => {
          init.events.failed(error)
        }
      }
    })
  }

  get members(): readonly PeerId[] {
    return [...this.#members.values()].map((member) => member.session.peer)
  }

  session(peer: PeerId): Session | undefined {
    return this.#members.get(peer.toString())?.session
  }

  /** What this node has of the share; `undefined` before the map is known. */
  get have(): HaveSummary | undefined {
    return this.#holdings.summary
  }

  /** Counts all that came from a peer in its session, so that two looks tell whether something did. */
  receivedFrom(peer: PeerId): number | undefined {
    const member = this.#members.get(peer.toString())
    return member && member.received + member.session.heard
  }

  /** Leaves still to fetch. */
  get missing(): number {
    return this.#driver?.policy.missing ?? 0
  }

  /** Whether somebody connected holds something this node misses. */
  get hasSource(): boolean {
    return this.#driver?.policy.hasSource ?? false
  }

  /** How the sessions of a download stand. */
  outlook(now: number): SwarmOutlook {
    const { limiter } = this.#init
    const members = [...this.#members.values()]
    const policy = this.#exchange === undefined ? this.#driver?.policy : undefined
    return swarmOutlook({ share: this.root.toString(), members, policy, storing: this.#intake.pending, limiter }, now)
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

  /** What a session with this peer begins with, when the map is not known. */
  first(peer: PeerId): FirstMessage | undefined {
    return this.#exchange?.first(peer.toString())
  }

  /** The map is known: begin to offer, ask and answer. */
  activate(content: Content): void {
    this.#holdings.open(content)
    this.#driver = this.#drive(content)
    this.#tellCap()
    for (const member of [...this.#members.values()]) {
      this.#introduce(member)
    }
  }

  choose(change: WantedChange): void {
    if (this.#driver !== undefined) {
      this.#holdings.want(change.wants)
      this.wishes.choose(this.#driver, change)
      this.#finishIfComplete()
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
    this.#uplink.join(session)
    void session.closed.then((reason) => {
      this.#remove(session, reason)
    })
    session.start({
      message: (message) => {
        this.#onMessage(member, message)
      },
      open: (header, wake) => this.#open(member, header, wake),
      outstanding: () => this.#driver?.policy.outstanding(session.key) ?? [],
      missingBytes: () => this.#missingBytes,
      moved: () => {
        if (session.rttMs !== undefined) {
          this.#driver?.policy.setRtt(session.key, session.rttMs)
        }
      }
    })
    this.#startTicking()
    this.#init.events.joined(session.peer)
    if (this.#content !== undefined) {
      this.#introduce(member)
    }
  }

  /**
   * Ask for nothing and answer nothing until `activate`; whoever comes meanwhile waits. Resolves when all sessions have
   * ended: peers say what they have once in a session.
   */
  async pause(reason: string): Promise<void> {
    this.#driver?.stop()
    this.#driver = undefined
    this.wishes.use(undefined)
    this.#holdings.close()
    this.#assemblies.close()
    const ending = [...this.#members.values()].map(async ({ session }) => {
      session.close(reason)
      await session.closed
    })
    await Promise.all(ending)
  }

  stop(reason: string): void {
    this.#stopped = true
    this.#uplink.close()
    this.#driver?.stop()
    this.#assemblies.close()
    clearInterval(this.#ticker)
    for (const { session } of this.#members.values()) {
      session.close(reason)
    }
  }

  /** A peer that sent wrong inner nodes too often. */
  drop(peer: PeerKey): void {
    const member = this.#members.get(peer)
    if (member !== undefined) {
      this.#drop(member, 'wrong-bytes')
    }
  }

  /** The share is no longer served: tell everybody. */
  withdraw(): void {
    for (const { session } of this.#members.values()) {
      session.reject('gone')
    }
    this.stop('no longer shared')
  }

  get #content(): Content | undefined {
    return this.#holdings.content
  }

  #member(session: Session): SwarmMember {
    const receiver = new Receiver({
      peer: session.peer,
      buffers: this.#init.buffers,
      assemblies: this.#assemblies,
      expects: (run) => this.#expects(session.key, run),
      arrived: (run) => this.#driver?.act(this.#driver.policy.onBlocks(session.key, run, performance.now())),
      expectsNode: (request, ordinal) => this.#exchange?.expects(session.key, request, ordinal) ?? false,
      node: (request, ordinal, block) => {
        this.#onNode(session, request, ordinal, block)
      },
      wasAsked: (header) => this.#wasAsked(header),
      received: (bytes, waste) => {
        member.received += bytes
        this.#init.events.received(bytes, session.peer, waste)
      }
    })
    const early = new EarlyMessages()
    const member: SwarmMember = { session, receiver, early, received: 0, knowsMap: false, wantsNothing: false }
    return member
  }

  #drive({ map, missing }: Content): PolicyDriver {
    const { leafCount } = map
    const policy = new SharePolicy({
      leafCount,
      leafBytes: (leaf) => map.leafBytes(leaf),
      have: this.#holdings.leaves,
      missing: missing.indices(),
      firstOffer: firstOffer(this.#init.self, leafCount),
      random: Math.random,
      canTake: (peer) => !this.#uplink.isBehind(peer)
    })
    this.wishes.use(policy)
    return new PolicyDriver({
      map,
      policy,
      member: (peer) => this.#members.get(peer),
      wakeUplink: () => {
        this.#uplink.wake()
      },
      sent: (bytes, peer) => {
        const member = this.#members.get(peer)
        if (member !== undefined) {
          this.#init.events.sent(bytes, member.session.peer)
        }
      },
      verify: (leaf) => {
        this.#verify(leaf)
      },
      forget: (leaf) => {
        this.#assemblies.forget(leaf)
      },
      drop: (member, reason) => {
        this.#drop(member, reason)
      }
    })
  }

  /** A frame of data may name any twin of a leaf. */
  #open(member: SwarmMember, header: FrameHeader, wake: () => void): FrameBody | undefined {
    const map = this.#content?.map
    const named = header.kind === 'data' && map !== undefined && header.leaf < map.leafCount
    return member.receiver.open(named ? { ...header, leaf: map.canonical(header.leaf) } : header, wake)
  }

  #onNode({ key, peer }: Session, request: number, ordinal: number, block: Uint8Array): void {
    const { events } = this.#init
    const outcome = this.#exchange?.onNode(key, request, ordinal, block) ?? 'duplicate'
    if (outcome === 'useful') {
      events.node(block.byteLength, peer)
    } else {
      events.wasted(block.byteLength, peer, outcome)
    }
  }

  /** Whether what is not expected now was asked of somebody once. */
  #wasAsked(header: FrameHeader): boolean {
    return header.kind === 'node'
      ? this.#exchange?.hasAsked(header.request) === true
      : this.#driver?.policy.wasAsked(header.leaf) === true
  }

  #expects(peer: PeerKey, { leaf, first, count }: Run): number | undefined {
    for (let block = first; block < first + count; block++) {
      if (this.#driver?.policy.takes(leaf, block, peer) === true) {
        return this.#content?.map.leafBytes(leaf)
      }
    }
    return undefined
  }

  /** Tell a peer what we want, and let the policy know it; then what it said before we knew the map. */
  #introduce(member: SwarmMember): void {
    const { session } = member
    sendRanges(member, 'want', this.#content?.wants.ranges() ?? [])
    this.wishes.introduce(member)
    this.#driver?.act(this.#driver.policy.peerJoined(session.key, performance.now(), session.rttMs))
    try {
      for (const message of member.early.take()) {
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
    this.#uplink.leave(session.key)
    this.#exchange?.removeSource(session.key)
    member.receiver.close()
    this.#driver?.act(this.#driver.policy.peerLeft(session.key, performance.now()))
    if (this.#members.size === 0) {
      clearInterval(this.#ticker)
      this.#ticker = undefined
    }
    this.#init.events.left(session.peer, reason)
  }

  #onMessage(member: SwarmMember, message: Message): void {
    if (message.type === 'get-nodes') {
      this.#uplink.requestNodes(member.session.key, message.id, message.cids)
      return
    }
    if (message.type === 'reject' && this.#onSessionReject(member, message)) {
      return
    }
    if (message.type === 'want') {
      member.knowsMap = true
      this.#exchange?.addSource(member.session)
    }
    if (this.#driver === undefined) {
      member.early.add(message)
      return
    }
    this.#driver.hear(member, message)
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

  /** Every block of a leaf is here: check and store it. */
  #verify(leaf: number): void {
    const content = this.#content
    const driver = this.#driver
    const assembly = this.#assemblies.take(leaf)
    if (content === undefined || driver === undefined || assembly === undefined) {
      return
    }
    const { bytes, release } = assembly.handOn()
    this.#intake
      .take(content, { leaf, bytes, right: () => undefined, release })
      .then((places) => {
        if (places === undefined) {
          this.#tellWasted(assembly, 'corrupt')
          driver.act(driver.policy.onWrong(leaf, performance.now()))
        } else if (driver.policy.isMissing(leaf)) {
          this.#init.events.stored(places * bytes.byteLength, bytes.byteLength, assembly.parts.values())
          this.#holdings.add(leaf)
          driver.act(driver.policy.onStored(leaf, performance.now()))
          this.wishes.refresh()
          this.#finishIfComplete()
        } else {
          this.#tellWasted(assembly, 'duplicate')
        }
      })
      .catch((error: unknown) => {
        this.#init.events.failed(asError(error))
      })
  }

  #tellWasted({ parts }: LeafAssembly, waste: Waste): void {
    for (const { peer, bytes } of parts.values()) {
      this.#init.events.wasted(bytes, peer, waste)
    }
  }

  /** About as much as is missing; leaves are of one size but for the last of each file. */
  get #missingBytes(): number {
    const content = this.#content
    return content === undefined || content.map.leafCount === 0 ? 0 : this.missing * content.map.leafBytes(0)
  }

  #finishIfComplete(): void {
    if (this.#driver?.policy.missing !== 0 || this.#content === undefined || this.#content.grows === true) {
      return
    }
    this.#holdings.wantNothing()
    for (const member of this.#members.values()) {
      member.session.wantsNoMore()
      sendRanges(member, 'want', [])
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

  #drop({ session }: SwarmMember, reason: 'wrong-bytes' | 'stalled'): void {
    this.#init.events.dropped(session.peer, reason)
    // one that hung may come to itself: it is asked again after a pause
    session.reject(reason === 'wrong-bytes' ? 'banned' : 'busy')
  }

  #startTicking(): void {
    this.#ticker ??= setInterval(() => {
      this.#exchange?.tick()
      this.#tellCap()
      this.#excuseWaiting()
    }, LOOK_MS)
  }

  #tellCap(): void {
    const share = this.root.toString()
    const cap = this.#init.limiter.up.capOf({ share, peer: '' })
    this.#driver?.act(this.#driver.policy.setUploadCap(cap, performance.now()))
  }

  /** A peer is not blamed for what this node has not got round to: its lane stands still for want of a buffer. */
  #excuseWaiting(): void {
    for (const { session, receiver } of this.#members.values()) {
      if (receiver.isWaiting && this.#intake.pending > 0) {
        this.#driver?.policy.excuse(session.key, performance.now())
      }
    }
  }
}
