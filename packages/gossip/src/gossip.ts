import type { AbortOptions, PeerDiscoveryEvents, PeerId, Startable, TypedEventTarget } from '@libp2p/interface'
import { peerDiscoverySymbol, serviceCapabilities, serviceDependencies } from '@libp2p/interface'
import type {
  AnnounceOptions,
  AnswerHandler,
  AskOptions,
  ExchangeOptions,
  Member,
  MembershipEvents,
  PeerAnswer,
  ShareAnnouncement,
  SharePeer
} from '@p2pshare/interface'
import { TypedEventEmitter } from 'main-event'
import type { CID } from 'multiformats/cid'
import type { Gossip, GossipComponents, GossipStats } from './index.ts'
import { Membership } from './members/membership.ts'
import type { OwnMetadata } from './members/own-metadata.ts'
import type { MemberChangeType } from './membership/types.ts'
import type { GossipOptions } from './options.ts'
import { ShareTopics } from './topics/share-topics.ts'

/** Two things under one roof: who is alive, and who shares what. Each is told of the other. */
export class GossipService extends TypedEventEmitter<MembershipEvents> implements Gossip, Startable {
  readonly [Symbol.toStringTag] = '@p2pshare/gossip'
  readonly [serviceCapabilities]: string[] = ['@p2pshare/gossip', '@libp2p/peer-discovery']
  readonly [serviceDependencies]: string[] = ['@libp2p/identify']
  readonly #components: GossipComponents
  readonly #options: GossipOptions
  readonly #discovery = new TypedEventEmitter<PeerDiscoveryEvents>()
  readonly #topics: ShareTopics
  #metadata: OwnMetadata
  #membership: Membership
  #started = false

  constructor(components: GossipComponents, options: GossipOptions) {
    super()
    this.#components = components
    this.#options = options
    this.#metadata = { roles: options.roles, ...(options.version === '' ? {} : { version: options.version }) }
    this.#membership = this.#createMembership()
    const { announceIntervalMs, maxShares, leaveTimeoutMs, ipColocationWeight } = options
    this.#topics = new ShareTopics(components, {
      announceIntervalMs,
      maxShares,
      leaveTimeoutMs,
      ipColocationWeight,
      liveness: (peer) => this.member(peer)
    })
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
    await Promise.all([this.#membership.start(), this.#topics.start()])
  }

  /** Addresses are known now: they are part of what a member says first. */
  async afterStart(): Promise<void> {
    await this.#membership.join()
  }

  /** Connections are still open: the moment to say goodbye. */
  async beforeStop(): Promise<void> {
    if (this.#started) {
      await Promise.all([this.#membership.leave(this.#options.leaveTimeoutMs), this.#topics.beforeStop()])
    }
  }

  async stop(): Promise<void> {
    if (!this.#started) {
      return
    }
    this.#started = false
    await Promise.all([this.#membership.stop(), this.#topics.stop()])
    // a machine has one life; this node may have several
    this.#membership = this.#createMembership()
  }

  members(): readonly Member[] {
    return this.#membership.members()
  }

  member(peer: PeerId): Member | undefined {
    return this.#membership.member(peer)
  }

  setMetadata(metadata: OwnMetadata): void {
    this.#membership.setMetadata(metadata)
    this.#metadata = { ...this.#metadata, ...metadata }
  }

  stats(): GossipStats {
    return this.#membership.stats()
  }

  exchange(root: CID, options?: ExchangeOptions): AsyncGenerator<SharePeer, void, undefined> {
    return this.#topics.exchange(root, options)
  }

  async announce(root: CID, options?: AnnounceOptions): Promise<void> {
    await this.#topics.announce(root, options)
  }

  announcements(options?: AbortOptions): AsyncGenerator<ShareAnnouncement, void, undefined> {
    return this.#topics.announcements(options)
  }

  ask(topic: string, payload: Uint8Array, options?: AskOptions): AsyncGenerator<PeerAnswer, void, undefined> {
    return this.#topics.ask(topic, payload, options)
  }

  answer(topic: string, handler: AnswerHandler): () => void {
    return this.#topics.answer(topic, handler)
  }

  #createMembership(): Membership {
    const { profile, network } = this.#options
    return new Membership({
      components: this.#components,
      profile,
      network,
      metadata: this.#metadata,
      log: this.#components.logger.forComponent('p2pshare:gossip:membership'),
      onChange: this.#onChange
    })
  }

  readonly #onChange = (type: MemberChangeType, member: Member): void => {
    const { id, state, metadata } = member
    if (state === 'alive' && metadata !== undefined && metadata.addresses.length > 0) {
      this.#discovery.safeDispatchEvent('peer', { detail: { id, multiaddrs: [...metadata.addresses] } })
    }
    this.#topics.memberChanged(id, member)
    this.safeDispatchEvent(`member:${type}`, { detail: member })
  }
}
