import type { PeerId } from '@libp2p/interface'
import { MAX_SHARE_PEERS } from './constants.ts'
import { ProviderQueue } from './provider-queue.ts'
import { SharePeers } from './share-peers.ts'
import type { TopicPresence } from './topic-presence.ts'
import type { PresenceMessage } from './wire/codec.ts'

/** The peers of one share, and everybody in this process who wants to know them. */
export class ShareExchange {
  readonly presence: TopicPresence
  readonly #peers: SharePeers
  readonly #queues = new Set<ProviderQueue>()

  constructor(presence: TopicPresence, presenceMs: number) {
    this.presence = presence
    this.#peers = new SharePeers(MAX_SHARE_PEERS, presenceMs)
  }

  /** A consumer, which gets those that are here already first. */
  attach(now: number): ProviderQueue {
    const queue = new ProviderQueue(MAX_SHARE_PEERS)
    this.#peers.present(now).forEach((provider) => {
      queue.push(provider)
    })
    this.#queues.add(queue)
    return queue
  }

  /** True when it was the last consumer. */
  detach(queue: ProviderQueue): boolean {
    this.#queues.delete(queue)
    return this.#queues.size === 0
  }

  /** True when a peer is new here, or came back. */
  handle(from: PeerId, sequence: bigint, message: PresenceMessage, now: number): boolean {
    if (message.type === 'leaving') {
      this.#peers.leaving(from, sequence)
      return false
    }
    const provider = { id: from, multiaddrs: message.multiaddrs }
    if (!this.#peers.here(provider, sequence, now)) {
      return false
    }
    for (const queue of this.#queues) {
      queue.push(provider)
    }
    return true
  }

  size(now: number): number {
    return this.#peers.present(now).length
  }

  gone(peer: PeerId): void {
    this.#peers.gone(peer)
  }

  end(): void {
    for (const queue of this.#queues) {
      queue.end()
    }
  }
}
