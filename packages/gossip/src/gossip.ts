import type { Message, SubscriptionChangeData } from '@libp2p/gossipsub'
import type { AbortOptions, Logger, PeerDiscoveryEvents, PeerId, Startable, TypedEventTarget } from '@libp2p/interface'
import { peerDiscoverySymbol, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { Member, MembershipEvents, Provider } from '@p2pshare/interface'
import { TypedEventEmitter } from 'main-event'
import type { CID } from 'multiformats/cid'
import { ANSWERS_PER_NEWCOMER, LEAVE_LINGER_MS, MAX_MEMBERS, MEMBERS_TOPIC, MISSED_ANNOUNCEMENTS } from './constants.ts'
import { TooManySharesError } from './errors.ts'
import type { Gossip, GossipComponents } from './index.ts'
import { MemberList } from './member-list.ts'
import type { MemberChange, MemberEntry } from './member-list.ts'
import type { MemberEvent } from './member.ts'
import type { GossipOptions } from './options.ts'
import { createPubsub, stopPubsub } from './pubsub.ts'
import type { Pubsub } from './pubsub.ts'
import { ShareExchange } from './share-exchange.ts'
import { TopicPresence } from './topic-presence.ts'
import { shareTopic } from './topics.ts'
import { Gate } from './validate.ts'
import { decodePresence } from './wire/codec.ts'

/** Wires gossipsub and connection events to the member list and the share topics. */
export class GossipService extends TypedEventEmitter<MembershipEvents> implements Gossip, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/gossip'
  readonly [serviceCapabilities]: string[] = ['@p2pshare/gossip', '@libp2p/peer-discovery']
  readonly [serviceDependencies]: string[] = ['@libp2p/identify']
  readonly #components: GossipComponents
  readonly #options: GossipOptions
  readonly #log: Logger
  readonly #discovery = new TypedEventEmitter<PeerDiscoveryEvents>()
  readonly #gate: Gate
  readonly #pubsub: Pubsub
  readonly #members: MemberList
  readonly #presence: TopicPresence
  readonly #shares = new Map<string, ShareExchange>()
  readonly #presenceMs: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #started = false

  constructor(components: GossipComponents, options: GossipOptions) {
    super()
    this.#components = components
    this.#options = options
    this.#log = components.logger.forComponent('p2pshare:gossip')
    this.#presenceMs = MISSED_ANNOUNCEMENTS * options.announceIntervalMs
    this.#gate = new Gate(components.peerId)
    this.#pubsub = createPubsub(components, {
      ipColocationWeight: options.ipColocationWeight,
      scoreOf: this.#gate.scoreOf
    })
    this.#members = new MemberList({
      timing: { graceMs: options.graceMs, presenceMs: this.#presenceMs },
      maxMembers: MAX_MEMBERS,
      onChange: this.#onMemberChange
    })
    this.#presence = this.#presenceIn(MEMBERS_TOPIC)
  }

  get [peerDiscoverySymbol](): TypedEventTarget<PeerDiscoveryEvents> {
    return this.#discovery
  }

  isStarted(): boolean {
    return this.#started
  }

  async start(): Promise<void> {
    if (this.#started) {
      return
    }
    this.#started = true
    this.#pubsub.addEventListener('message', this.#onMessage)
    this.#pubsub.addEventListener('subscription-change', this.#onSubscriptions)
    this.#components.events.addEventListener('peer:disconnect', this.#onDisconnect)
    await this.#pubsub.start()
    this.#join(this.#presence, MEMBERS_TOPIC)
  }

  /** Connections are still open: the moment to say goodbye. */
  async beforeStop(): Promise<void> {
    const { leaveTimeoutMs } = this.#options
    if (!this.#started || leaveTimeoutMs === 0 || this.#pubsub.getPeers().length === 0) {
      return
    }
    const presences = [this.#presence, ...[...this.#shares.values()].map(({ presence }) => presence)]
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, leaveTimeoutMs, undefined)
    const leaving = Promise.all(presences.map(async (presence) => presence.leave())).then(async () => {
      await new Promise((done) => setTimeout(done, Math.min(LEAVE_LINGER_MS, leaveTimeoutMs)))
    })
    await Promise.race([leaving, promise])
    clearTimeout(timer)
  }

  async stop(): Promise<void> {
    if (!this.#started) {
      return
    }
    this.#started = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#pubsub.removeEventListener('message', this.#onMessage)
    this.#pubsub.removeEventListener('subscription-change', this.#onSubscriptions)
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#presence.close()
    for (const share of this.#shares.values()) {
      share.presence.close()
      share.end()
    }
    this.#shares.clear()
    this.#pubsub.topicValidators.clear()
    await stopPubsub(this.#pubsub)
    this.#members.clear()
  }

  members(): readonly Member[] {
    return this.#members.all().map((entry) => this.#toMember(entry))
  }

  member(peer: PeerId): Member | undefined {
    const entry = this.#members.get(peer)
    return entry === undefined ? undefined : this.#toMember(entry)
  }

  async *exchange(root: CID, { signal }: AbortOptions = {}): AsyncGenerator<Provider, void, undefined> {
    if (!this.#started) {
      throw new NotStartedError('exchange() needs a started gossip service')
    }
    if (signal?.aborted === true) {
      return
    }
    const topic = shareTopic(root)
    const share = this.#shares.get(topic) ?? this.#openShare(topic)
    const queue = share.attach(Date.now())
    signal?.addEventListener('abort', queue.end, { once: true })
    try {
      yield* queue.drain()
    } finally {
      signal?.removeEventListener('abort', queue.end)
      if (share.detach(queue) && this.#shares.get(topic) === share) {
        this.#shares.delete(topic)
        this.#pubsub.topicValidators.delete(topic)
        await share.presence.leave()
      }
    }
  }

  #openShare(topic: string): ShareExchange {
    const { maxShares } = this.#options
    if (this.#shares.size >= maxShares) {
      throw new TooManySharesError(maxShares)
    }
    const share = new ShareExchange(this.#presenceIn(topic), this.#presenceMs)
    this.#shares.set(topic, share)
    this.#join(share.presence, topic)
    return share
  }

  #presenceIn(topic: string): TopicPresence {
    const { addressManager } = this.#components
    return new TopicPresence({
      pubsub: this.#pubsub,
      topic,
      intervalMs: this.#options.announceIntervalMs,
      addresses: () => addressManager.getAddresses(),
      log: this.#log
    })
  }

  /** The validator comes first: nothing of the topic is taken unchecked. */
  #join(presence: TopicPresence, topic: string): void {
    this.#pubsub.topicValidators.set(topic, this.#gate.validate)
    presence.join()
  }

  readonly #onMessage = ({ detail: message }: CustomEvent<Message>): void => {
    if (message.type !== 'signed') {
      return
    }
    const { topic, from, data, sequenceNumber } = message
    try {
      const share = this.#shares.get(topic)
      if (share !== undefined) {
        if (share.handle(from, sequenceNumber, decodePresence(data, from), Date.now())) {
          answer(share.presence, share.size(Date.now()))
        }
      } else if (topic === MEMBERS_TOPIC) {
        this.#onPresence(from, sequenceNumber, data)
      }
    } catch (err) {
      this.#log.error('message of %p in %s - %e', from, topic, err)
    }
  }

  #onPresence(from: PeerId, sequence: bigint, data: Uint8Array): void {
    const message = decodePresence(data, from)
    const before = this.#members.get(from)
    this.#apply(from, { type: message.type, sequence })
    const after = this.#members.get(from)
    if (after?.record.state !== 'alive' || before?.record.state === 'alive') {
      return
    }
    answer(this.#presence, this.#members.all().length)
    if (message.type === 'here' && message.multiaddrs.length > 0) {
      this.#discovery.safeDispatchEvent('peer', { detail: { id: from, multiaddrs: [...message.multiaddrs] } })
    }
  }

  readonly #onSubscriptions = ({ detail }: CustomEvent<SubscriptionChangeData>): void => {
    const { peerId, subscriptions } = detail
    for (const { topic, subscribe } of subscriptions) {
      const share = this.#shares.get(topic)
      if (topic === MEMBERS_TOPIC) {
        this.#apply(peerId, { type: subscribe ? 'connected' : 'disconnected' })
      }
      if (subscribe) {
        ;(topic === MEMBERS_TOPIC ? this.#presence : share?.presence)?.welcome()
      } else {
        share?.gone(peerId)
      }
    }
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#apply(peer, { type: 'disconnected' })
    for (const share of this.#shares.values()) {
      share.gone(peer)
    }
  }

  #apply(peer: PeerId, event: MemberEvent): void {
    if (!this.#members.apply(peer, event, Date.now())) {
      this.#log('no room for member %p', peer)
    }
    // a later deadline than the one that is waited for needs no new timer, an earlier one does
    if (this.#timer === undefined || event.type === 'disconnected') {
      this.#watch()
    }
  }

  #watch(): void {
    clearTimeout(this.#timer)
    const deadline = this.#members.nextDeadline()
    if (deadline === undefined) {
      this.#timer = undefined
      return
    }
    this.#timer = setTimeout(
      () => {
        this.#members.tick(Date.now())
        this.#watch()
      },
      Math.max(0, deadline - Date.now())
    )
  }

  readonly #onMemberChange = (change: MemberChange, entry: MemberEntry): void => {
    this.safeDispatchEvent(`member:${change}`, { detail: this.#toMember(entry) })
  }

  #toMember({ id, record: { state, since } }: MemberEntry): Member {
    const rtts = this.#components.connectionManager.getConnections(id).flatMap(({ rtt }) => rtt ?? [])
    return { id, state, since, ...(rtts.length === 0 ? {} : { rttMs: Math.min(...rtts) }) }
  }
}

/** A newcomer spoke. Enough of those who heard it answer, not all. */
function answer(presence: TopicPresence, audience: number): void {
  if (Math.random() * audience < ANSWERS_PER_NEWCOMER) {
    presence.welcome()
  }
}
