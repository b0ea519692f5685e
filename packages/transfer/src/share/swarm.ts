import type { PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { HaveSummary } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { asError } from '../as-error.ts'
import type { BanReason } from '../bans/ban.ts'
import type { FirstMessage } from '../session/handshake.ts'
import type { Session } from '../session/session.ts'
import type { PeerKey } from '../swarm/effects.ts'
import { LOOK_MS, SharePolicy } from '../swarm/policy.ts'
import type { Message } from '../wire/codec.ts'
import type { Content } from './content.ts'
import { firstOffer } from './first-offer.ts'
import { Holdings } from './holdings.ts'
import { Incoming } from './incoming.ts'
import type { SwarmMember } from './member.ts'
import type { NodeExchange } from './node-exchange.ts'
import { PolicyDriver, sendRanges } from './policy-driver.ts'
import type { SwarmInit } from './swarm-init.ts'
import { swarmOutlook } from './swarm-outlook.ts'
import type { SwarmOutlook } from './swarm-outlook.ts'
import { Uplink } from './uplink.ts'
import { Wishes } from './wishes.ts'
import type { WantedChange } from './wishes.ts'

/**
 * The peers of one share: their sessions, what they say to the policy, and the store. The only place where those meet.
 */
export class Swarm {
  readonly root: CID
  readonly #init: SwarmInit
  readonly #members = new Map<PeerKey, SwarmMember>()
  readonly wishes = new Wishes({ members: () => this.#members.values(), wants: () => this.#content?.wants })
  readonly #uplink: Uplink
  readonly #incoming: Incoming
  readonly #holdings: Holdings
  #driver: PolicyDriver | undefined
  #exchange: NodeExchange | undefined
  #ticker: NodeJS.Timeout | undefined
  #stopped = false

  constructor(init: SwarmInit) {
    this.root = init.root
    this.#init = init
    this.#holdings = new Holdings((cid) => init.node(cid))
    const { events, buffers, workers } = init
    this.#incoming = new Incoming({
      events,
      buffers,
      workers,
      holdings: this.#holdings,
      driver: () => this.#driver,
      exchange: () => this.#exchange,
      blame: (peer, offence) => {
        init.blame(peer, offence)
      },
      stored: () => {
        this.wishes.refresh()
        this.#finishIfComplete()
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
    return swarmOutlook({ share: this.root.toString(), members, policy, storing: this.#incoming.pending, limiter }, now)
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
    const member = this.#incoming.member(session)
    this.#members.set(session.key, member)
    this.#uplink.join(session)
    void session.closed.then((reason) => {
      this.#remove(session, reason)
    })
    session.start({
      message: (message) => {
        this.#onMessage(member, message)
      },
      open: (header, wake) => this.#incoming.open(member, header, wake),
      outstanding: () => {
        const runs = this.#driver?.policy.outstanding(session.key) ?? []
        member.owed.asked(runs) // they are asked for again
        return runs
      },
      missingBytes: () => this.#missingBytes,
      broke: (error) => {
        this.#broke(session, error)
      },
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
    this.#incoming.close()
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
    this.#incoming.close()
    clearInterval(this.#ticker)
    for (const { session } of this.#members.values()) {
      session.close(reason)
    }
  }

  /** This node has nothing to do with the peer any more. */
  ban(peer: PeerKey, reason: BanReason): void {
    const member = this.#members.get(peer)
    if (member !== undefined) {
      this.#drop(member, reason)
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
        this.#incoming.verify(leaf)
      },
      forget: (leaf) => {
        this.#incoming.forget(leaf)
      },
      drop: (member, reason) => {
        this.#drop(member, reason)
      }
    })
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
      // what the peer broke ends its session, and nothing else
      this.#broke(session, error)
      session.fail(asError(error))
    }
  }

  #broke({ peer }: Session, error: unknown): void {
    if (error instanceof InvalidMessageError) {
      this.#init.blame(peer, 'broken-rules')
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

  /** Once: several wrong leaves may be found at the same time. */
  #drop({ session }: SwarmMember, reason: BanReason | 'stalled'): void {
    if (session.isOpen) {
      this.#init.events.dropped(session.peer, reason)
      // one that hung may come to itself: it is asked again after a pause
      session.reject(reason === 'stalled' ? 'busy' : 'banned')
    }
  }

  #startTicking(): void {
    this.#ticker ??= setInterval(() => {
      this.#exchange?.tick()
      this.#tellCap()
      // seeders that offered a leaf once do not know that it came to nothing
      this.wishes.remind()
      this.#excuseWaiting()
      this.#tellHeldBack()
    }, LOOK_MS)
  }

  #tellCap(): void {
    const share = this.root.toString()
    const cap = this.#init.limiter.up.capOf({ share, peer: '' })
    this.#driver?.act(this.#driver.policy.setUploadCap(cap, performance.now()))
  }

  /** Nor is what a cap of this node keeps it from reading to be had sooner from another one. */
  #tellHeldBack(): void {
    const share = this.root.toString()
    const now = performance.now()
    for (const peer of this.#members.keys()) {
      if (this.#init.limiter.pauseMs({ share, peer }, now) > 0) {
        this.#driver?.policy.holdBack(peer, now)
      }
    }
  }

  /** A peer is not blamed for what this node has not got round to: its lane stands still for want of a buffer. */
  #excuseWaiting(): void {
    for (const { session, receiver } of this.#members.values()) {
      if (receiver.isWaiting && this.#incoming.pending > 0) {
        this.#driver?.policy.excuse(session.key, performance.now())
      }
    }
  }
}
