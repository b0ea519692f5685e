import type { SignedMessage } from '@libp2p/gossipsub'
import type { AbortOptions, PeerId } from '@libp2p/interface'
import { InvalidOptionError } from '@p2pshare/interface'
import type { AnnounceOptions, ShareAnnouncement } from '@p2pshare/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import { isAnnounceableName } from '../wire/network-codec.ts'
import type { AnnouncementMessage } from '../wire/network-codec.ts'
import type { Relayed } from '../wire/topics.ts'
import { Announcements } from './announcements.ts'
import { MAX_SHARE_BYTES } from './constants.ts'

export interface NetworkTopicInit {
  readonly addresses: () => Multiaddr[]
  readonly publish: (message: AnnouncementMessage) => Promise<void>
  /** Tell one neighbour what others announced. */
  readonly tell: (neighbour: PeerId, messages: readonly Relayed[]) => void
}

/** Announcements of shares in the topic of the whole network: ours, those of others, and what newcomers missed. */
export class NetworkTopic {
  readonly #init: NetworkTopicInit
  readonly #announcements = new Announcements()
  /** Neighbours that were told of young announcements since they connected. */
  readonly #greeted = new Set<string>()

  constructor(init: NetworkTopicInit) {
    this.#init = init
  }

  /** Make a share known to the whole network, now. Nothing is announced that was not named here. */
  async announce(root: CID, { name = '', bytes = 0, signal }: AnnounceOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (!isAnnounceableName(name)) {
      throw new InvalidOptionError('name', 'longer than 255 bytes, or with control characters')
    }
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > MAX_SHARE_BYTES) {
      throw new InvalidOptionError('bytes', `${bytes} is not a size`)
    }
    await this.#init.publish({
      type: 'announcement',
      root: root.toV1(),
      multiaddrs: this.#init.addresses(),
      ...(name === '' ? {} : { name }),
      ...(bytes === 0 ? {} : { bytes })
    })
  }

  /** Announcements of others, those of the last hour first. Ends when the signal aborts or the node stops. */
  async *announcements({ signal }: AbortOptions = {}): AsyncGenerator<ShareAnnouncement, void, undefined> {
    if (signal?.aborted === true) {
      return
    }
    const queue = this.#announcements.attach(Date.now())
    signal?.addEventListener('abort', queue.end, { once: true })
    try {
      yield* queue.drain()
    } finally {
      signal?.removeEventListener('abort', queue.end)
      this.#announcements.detach(queue)
    }
  }

  /** A neighbour listens: what was announced lately it may not have heard. */
  greet(neighbour: PeerId): void {
    const key = neighbour.toString()
    if (this.#greeted.has(key)) {
      return
    }
    this.#greeted.add(key)
    const messages = this.#announcements.relayed(Date.now())
    if (messages.length > 0) {
      this.#init.tell(neighbour, messages)
    }
  }

  lost(neighbour: PeerId): void {
    this.#greeted.delete(neighbour.toString())
  }

  heard(message: SignedMessage, decoded: AnnouncementMessage, now: number, ageMs: number): void {
    this.#announcements.heard(message, decoded, now, ageMs)
  }

  isNews(message: Pick<SignedMessage, 'from' | 'sequenceNumber'>): boolean {
    return this.#announcements.isNews(message)
  }

  /** All that listen to announcements have heard the last one. */
  end(): void {
    this.#announcements.end()
    this.#greeted.clear()
  }
}
