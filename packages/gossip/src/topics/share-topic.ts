import type { SignedMessage } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import type { HaveSummary, SharePeer } from '@p2pshare/interface'
import { decodePresence } from '../wire/presence-codec.ts'
import type { PresenceMessage } from '../wire/presence-codec.ts'
import type { Relayed } from '../wire/topics.ts'
import { MAX_RELAYED, MAX_SHARE_PEERS } from './constants.ts'
import { TopicPresence } from './presence.ts'
import type { TopicPresenceInit } from './presence.ts'
import { KeyedQueue } from './queue.ts'
import { SharePeers } from './share-peers.ts'
import type { SharePeersInit } from './share-peers.ts'
import { toRelayed } from './signed.ts'

export interface ShareTopicInit
  extends Omit<TopicPresenceInit, 'have' | 'audience'>, Omit<SharePeersInit, 'maxPeers'> {}

/** One in this process who wants the peers of a share. */
export interface ShareConsumer {
  readonly queue: KeyedQueue<SharePeer>
  readonly have?: () => HaveSummary | undefined
}

/** The peers of one share, this node among them, and everybody in this process who wants to know them. */
export class ShareTopic {
  readonly topic: string
  readonly presence: TopicPresence
  readonly #peers: SharePeers
  readonly #consumers = new Set<ShareConsumer>()
  /** Signed presences to hand on, the newest last. */
  readonly #signed = new Map<string, { message: SignedMessage; at: number }>()

  constructor(init: ShareTopicInit) {
    this.topic = init.topic
    this.#peers = new SharePeers({ ...init, maxPeers: MAX_SHARE_PEERS })
    this.presence = new TopicPresence({
      ...init,
      have: () => this.#have(),
      audience: () => this.#peers.present(Date.now()).length
    })
  }

  /** A consumer, which gets those that are here already first. */
  attach(have: ShareConsumer['have'], now: number): ShareConsumer {
    const queue = new KeyedQueue<SharePeer>(MAX_SHARE_PEERS)
    this.#peers.present(now).forEach((peer) => {
      queue.push(peer.id.toString(), peer)
    })
    const consumer = { queue, ...(have === undefined ? {} : { have }) }
    this.#consumers.add(consumer)
    return consumer
  }

  /** True when it was the last consumer. */
  detach(consumer: ShareConsumer): boolean {
    this.#consumers.delete(consumer)
    return this.#consumers.size === 0
  }

  /** A signed message, said `ageMs` ago. */
  heard(message: SignedMessage, now: number, ageMs = 0): void {
    const { from, sequenceNumber, data } = message
    if (!this.#peers.isNews(from, sequenceNumber)) {
      return
    }
    const presence = decodePresence(data, from)
    if (presence.type === 'leaving') {
      this.#peers.leaving(from, sequenceNumber)
      this.gone(from)
      return
    }
    this.#remember(message, now - ageMs)
    this.#here(from, presence, now, now - ageMs, sequenceNumber)
  }

  /** What a neighbour says about itself over its own connection. */
  heardDirectly(from: PeerId, data: Uint8Array, now: number): void {
    const presence = decodePresence(data, from)
    if (presence.type === 'here') {
      this.#here(from, presence, now, now)
    }
  }

  /** Whether a signed message of this author would count. */
  isNews(from: PeerId, sequence: bigint): boolean {
    return this.#peers.isNews(from, sequence)
  }

  has(peer: PeerId, now: number): boolean {
    return this.#peers.has(peer, now)
  }

  /** Presences of others for one that is new here, the newest first. */
  relayed(newcomer: PeerId, now: number): Relayed[] {
    return [...this.#signed.values()]
      .reverse()
      .filter(({ message: { from } }) => !from.equals(newcomer) && this.#peers.has(from, now))
      .slice(0, MAX_RELAYED)
      .map(({ message, at }) => toRelayed(message, now - at))
  }

  gone(peer: PeerId): void {
    this.#peers.gone(peer)
    this.#signed.delete(peer.toString())
    for (const { queue } of this.#consumers) {
      queue.remove(peer.toString())
    }
  }

  /** The last connection to a peer closed. */
  lost(peer: PeerId): void {
    this.#peers.lost(peer)
  }

  /** Membership says that a peer is alive again. */
  back(peer: PeerId, now: number): void {
    const found = this.#peers.back(peer, now)
    if (found !== undefined) {
      this.#tell(found)
    }
  }

  end(): void {
    this.presence.close()
    for (const { queue } of this.#consumers) {
      queue.end()
    }
    this.#peers.clear()
  }

  #here(
    id: PeerId,
    { multiaddrs, have, everyS }: PresenceMessage & { type: 'here' },
    now: number,
    at: number,
    sequence?: bigint
  ): void {
    const peer = { id, multiaddrs, ...(have === undefined ? {} : { have }) }
    if (this.#peers.here({ peer, everyS, at, ...(sequence === undefined ? {} : { sequence }) }, now)) {
      this.#tell(peer)
    }
  }

  #tell(peer: SharePeer): void {
    for (const { queue } of this.#consumers) {
      queue.push(peer.id.toString(), peer)
    }
  }

  #remember(message: SignedMessage, at: number): void {
    const key = message.from.toString()
    this.#signed.delete(key)
    this.#signed.set(key, { message, at })
    if (this.#signed.size > 2 * MAX_RELAYED) {
      for (const oldest of this.#signed.keys()) {
        this.#signed.delete(oldest)
        break
      }
    }
  }

  /** The most that any consumer of this process has. */
  #have(): HaveSummary | undefined {
    let best: HaveSummary | undefined
    for (const { have } of this.#consumers) {
      const summary = have?.()
      if (summary !== undefined && summary.held >= (best?.held ?? 0)) {
        best = summary
      }
    }
    return best
  }
}
