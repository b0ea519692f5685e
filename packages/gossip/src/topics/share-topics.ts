import type { GossipSubComponents, GossipsubMessage, SignedMessage, SubscriptionChangeData } from '@libp2p/gossipsub'
import type { AbortOptions, Libp2pEvents, Logger, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager } from '@libp2p/interface-internal'
import { NotStartedError } from '@p2pshare/interface'
import type {
  AnnounceOptions,
  AnswerHandler,
  AskOptions,
  ExchangeOptions,
  PeerAnswer,
  ShareAnnouncement,
  SharePeer
} from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { exchangeOf } from '../wire/direct-codec.ts'
import type { Direct } from '../wire/direct-codec.ts'
import { decodeNetworkMessage, encodeNetworkMessage } from '../wire/network-codec.ts'
import type { AnnouncementMessage, QuestionMessage } from '../wire/network-codec.ts'
import type { Exchange, Relayed } from '../wire/topics.ts'
import { ANNOUNCEMENT_TTL_MS, LEAVE_LINGER_MS, NETWORK_TOPIC } from './constants.ts'
import { DirectLink } from './direct-link.ts'
import { TooManySharesError } from './errors.ts'
import { Gate } from './gate.ts'
import { shareTopic } from './names.ts'
import { NetworkTopic } from './network-topic.ts'
import { Pacer } from './paced-registrar.ts'
import { Places } from './places.ts'
import { createPubsub, scoreTopic, stopPubsub, unscoreTopic } from './pubsub.ts'
import type { Pubsub } from './pubsub.ts'
import { Questions } from './questions.ts'
import type { Liveness } from './share-peers.ts'
import { ShareTopic } from './share-topic.ts'
import { authorOf, sequenceOf, verifyRelayed } from './signed.ts'

/** What `ShareTopics` needs of the node. */
export interface ShareTopicsComponents extends GossipSubComponents {
  readonly addressManager: Pick<AddressManager, 'getAddresses'>
  readonly events: TypedEventTarget<Libp2pEvents>
}

export interface ShareTopicsInit {
  /** Between two presences in the topic of a share. */
  readonly announceIntervalMs: number
  readonly maxShares: number
  /** How long all goodbyes together may take; 0: none is said. */
  readonly leaveTimeoutMs: number
  readonly ipColocationWeight: number
  /** What membership knows of a peer: one that is dead or left since it spoke is not yielded. */
  readonly liveness?: (peer: PeerId) => Liveness | undefined
}

/** The topics of this node: one for each share it takes part in, and the one of the whole network. */
export class ShareTopics {
  readonly #components: ShareTopicsComponents
  readonly #init: ShareTopicsInit
  readonly #log: Logger
  readonly #gate: Gate
  readonly #pacer = new Pacer()
  readonly #pubsub: Pubsub
  readonly #direct: DirectLink
  readonly #questions: Questions
  readonly #network: NetworkTopic
  readonly #shares = new Map<string, ShareTopic>()
  readonly #places = new Places()
  #started = false

  constructor(components: ShareTopicsComponents, init: ShareTopicsInit) {
    const { peerId, privateKey, registrar, connectionManager, logger } = components
    this.#components = components
    this.#init = init
    this.#log = logger.forComponent('p2pshare:gossip:topics')
    this.#gate = new Gate(peerId)
    this.#pubsub = createPubsub(components, {
      ipColocationWeight: init.ipColocationWeight,
      scoreOf: this.#gate.scoreOf,
      pacer: this.#pacer
    })
    this.#direct = new DirectLink({
      registrar,
      connectionManager,
      pacer: this.#pacer,
      log: this.#log,
      onMessage: async (from, message) => this.#onDirect(from, message),
      onFault: (from) => {
        this.#gate.fault(from)
      }
    })
    this.#network = new NetworkTopic({
      addresses: () => components.addressManager.getAddresses(),
      publish: async (announcement) => this.#publish(announcement),
      tell: (neighbour, messages) => this.#sendExchange(neighbour, NETWORK_TOPIC, new Uint8Array(), messages)
    })
    this.#questions = new Questions({
      self: { peerId, privateKey },
      log: this.#log,
      publish: async (question) => this.#publish(question),
      send: (peer, message) => this.#direct.send(peer, message)
    })
  }

  isStarted(): boolean {
    return this.#started
  }

  /** The gossipsub below, for those who look at its meshes and scores. */
  get pubsub(): Pubsub {
    return this.#pubsub
  }

  async start(): Promise<void> {
    if (this.#started) {
      return
    }
    this.#started = true
    this.#pubsub.addEventListener('gossipsub:message', this.#onMessage)
    this.#pubsub.addEventListener('subscription-change', this.#onSubscriptions)
    this.#components.events.addEventListener('peer:disconnect', this.#onDisconnect)
    await this.#direct.start()
    await this.#pubsub.start()
    this.#pubsub.topicValidators.set(NETWORK_TOPIC, this.#gate.validate)
    this.#pubsub.subscribe(NETWORK_TOPIC)
  }

  /** Connections are still open: the moment to say goodbye. */
  async beforeStop(): Promise<void> {
    const { leaveTimeoutMs } = this.#init
    if (!this.#started || leaveTimeoutMs === 0 || this.#shares.size === 0 || this.#pubsub.getPeers().length === 0) {
      return
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, leaveTimeoutMs, undefined)
    const leaving = Promise.all([...this.#shares.values()].map(async ({ presence }) => presence.leave())).then(
      async () => {
        await new Promise((done) => setTimeout(done, Math.min(LEAVE_LINGER_MS, leaveTimeoutMs)))
      }
    )
    await Promise.race([leaving, promise])
    clearTimeout(timer)
  }

  async stop(): Promise<void> {
    if (!this.#started) {
      return
    }
    this.#started = false
    this.#pubsub.removeEventListener('gossipsub:message', this.#onMessage)
    this.#pubsub.removeEventListener('subscription-change', this.#onSubscriptions)
    this.#components.events.removeEventListener('peer:disconnect', this.#onDisconnect)
    for (const share of this.#shares.values()) {
      share.end()
    }
    this.#shares.clear()
    this.#network.end()
    this.#questions.end()
    this.#pubsub.topicValidators.clear()
    await this.#direct.stop()
    await stopPubsub(this.#pubsub)
    this.#pacer.stop()
  }

  /** See `PeerExchange`. Several calls for one root share the topic; the last one to end leaves it. */
  async *exchange(root: CID, { signal, have }: ExchangeOptions = {}): AsyncGenerator<SharePeer, void, undefined> {
    this.#requireStarted('exchange()')
    if (signal?.aborted === true) {
      return
    }
    const topic = shareTopic(root)
    const share = this.#shares.get(topic) ?? this.#openShare(topic)
    const consumer = share.attach(have, Date.now())
    if (!share.presence.isJoined) {
      this.#join(share)
    }
    const { queue } = consumer
    signal?.addEventListener('abort', queue.end, { once: true })
    try {
      yield* queue.drain()
    } finally {
      signal?.removeEventListener('abort', queue.end)
      if (share.detach(consumer) && this.#shares.get(topic) === share) {
        this.#shares.delete(topic)
        await share.presence.leave()
        this.#pubsub.topicValidators.delete(topic)
        unscoreTopic(this.#pubsub, topic)
        share.end()
      }
    }
  }

  /** See `NetworkTopic`. */
  async announce(root: CID, options?: AnnounceOptions): Promise<void> {
    this.#requireStarted('announce()')
    await this.#network.announce(root, options)
  }

  /** See `NetworkTopic`. */
  async *announcements(options?: AbortOptions): AsyncGenerator<ShareAnnouncement, void, undefined> {
    this.#requireStarted('announcements()')
    yield* this.#network.announcements(options)
  }

  /** Ask everybody in the network; answers as they come. */
  async *ask(
    topic: string,
    payload: Uint8Array,
    options: AskOptions = {}
  ): AsyncGenerator<PeerAnswer, void, undefined> {
    this.#requireStarted('ask()')
    yield* this.#questions.ask(topic, payload, options)
  }

  /** Answer what others ask under this name. Returns how to stop. May be called before `start()`. */
  answer(topic: string, handler: AnswerHandler): () => void {
    return this.#questions.answer(topic, handler)
  }

  /** Tell of every change of a member's state: who is dead or left is gone from all shares at once. */
  memberChanged(peer: PeerId, { state }: Pick<Liveness, 'state'>): void {
    const now = Date.now()
    for (const share of this.#shares.values()) {
      if (state === 'left') {
        share.gone(peer)
      } else if (state === 'alive') {
        share.back(peer, now)
      }
    }
  }

  #openShare(topic: string): ShareTopic {
    const { maxShares, announceIntervalMs, liveness } = this.#init
    if (this.#shares.size >= maxShares) {
      throw new TooManySharesError(maxShares)
    }
    const share = new ShareTopic({
      pubsub: this.#pubsub,
      topic,
      intervalMs: announceIntervalMs,
      addresses: () => this.#components.addressManager.getAddresses(),
      log: this.#log,
      admit: this.#places.take,
      forgotten: this.#places.giveBack,
      ...(liveness === undefined ? {} : { liveness })
    })
    this.#shares.set(topic, share)
    return share
  }

  /** The validator comes first: nothing of the topic is taken unchecked. */
  #join(share: ShareTopic): void {
    this.#pubsub.topicValidators.set(share.topic, this.#gate.validate)
    scoreTopic(this.#pubsub, share.topic)
    share.presence.join()
    for (const peer of this.#pubsub.getSubscribers(share.topic)) {
      this.#introduce(share, peer)
    }
  }

  /** Both of us are in the topic: say so straight away, with whom else is here if the neighbour is new. */
  #introduce(share: ShareTopic, peer: PeerId): void {
    const now = Date.now()
    const presence = Uint8Array.from(share.presence.message())
    const others = share.has(peer, now) ? [] : share.relayed(peer, now)
    this.#sendExchange(peer, share.topic, presence, others)
  }

  #sendExchange(peer: PeerId, topic: string, presence: Uint8Array<ArrayBuffer>, messages: readonly Relayed[]): void {
    this.#direct.send(peer, exchangeOf(topic, presence, messages))
  }

  async #publish(message: AnnouncementMessage | QuestionMessage): Promise<void> {
    await this.#pubsub.publish(NETWORK_TOPIC, encodeNetworkMessage(message))
  }

  readonly #onMessage = ({ detail }: CustomEvent<GossipsubMessage>): void => {
    const { msg, propagationSource } = detail
    if (msg.type === 'signed') {
      this.#heard(msg, propagationSource, Date.now(), 0)
    }
  }

  #heard(message: SignedMessage, neighbour: PeerId, now: number, ageMs: number): void {
    const { topic, from, data } = message
    try {
      if (topic !== NETWORK_TOPIC) {
        this.#shares.get(topic)?.heard(message, now, ageMs)
        return
      }
      const decoded = decodeNetworkMessage(data, from)
      if (decoded.type === 'announcement') {
        this.#network.heard(message, decoded, now, ageMs)
      } else if (ageMs === 0) {
        this.#questions.heard(from, neighbour, decoded, now)
      }
    } catch (err) {
      this.#log.error('message of %p in %s - %e', from, topic, err)
    }
  }

  readonly #onSubscriptions = ({ detail }: CustomEvent<SubscriptionChangeData>): void => {
    const { peerId, subscriptions } = detail
    for (const { topic, subscribe } of subscriptions) {
      const share = this.#shares.get(topic)
      if (!subscribe) {
        share?.gone(peerId)
      } else if (topic === NETWORK_TOPIC) {
        this.#network.greet(peerId)
      } else if (share !== undefined) {
        this.#introduce(share, peerId)
        share.presence.met(peerId)
      }
    }
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#network.lost(peer)
    for (const share of this.#shares.values()) {
      share.lost(peer)
    }
  }

  async #onDirect(from: PeerId, message: Direct): Promise<void> {
    if (!this.#gate.admits(from)) {
      return
    }
    if (message.type === 'exchange') {
      await this.#onExchange(from, message)
    } else if (!(await this.#questions.answered(message, Date.now()))) {
      this.#gate.fault(from)
    }
  }

  async #onExchange(from: PeerId, { topic, presence, messages }: Exchange): Promise<void> {
    const share = this.#shares.get(topic)
    if (share === undefined && topic !== NETWORK_TOPIC) {
      return // left meanwhile
    }
    if (share !== undefined) {
      share.heardDirectly(from, presence, Date.now())
    }
    for (const relayed of messages) {
      const author = authorOf(relayed)
      if (author === undefined || !this.#gate.admits(from)) {
        return
      }
      if (this.#isNews(share, author, relayed)) {
        const message = await verifyRelayed(topic, relayed, author)
        if (message === undefined) {
          this.#gate.fault(from)
          return
        }
        this.#heard(message, from, Date.now(), Math.max(1, relayed.ageMs))
      }
    }
  }

  /** Cheap, before its signature is checked. */
  #isNews(share: ShareTopic | undefined, from: PeerId, relayed: Relayed): boolean {
    if (!this.#started || from.equals(this.#components.peerId) || relayed.ageMs >= ANNOUNCEMENT_TTL_MS) {
      return false
    }
    const sequenceNumber = sequenceOf(relayed)
    return share === undefined ? this.#network.isNews({ from, sequenceNumber }) : share.isNews(from, sequenceNumber)
  }

  #requireStarted(what: string): void {
    if (!this.#started) {
      throw new NotStartedError(`${what} needs a started gossip service`)
    }
  }
}
