import type { SignedMessage } from '@libp2p/gossipsub'
import type { ShareAnnouncement } from '@p2pshare/interface'
import type { AnnouncementMessage } from '../wire/network-codec.ts'
import type { Relayed } from '../wire/topics.ts'
import { ANNOUNCEMENT_TTL_MS, MAX_ANNOUNCEMENTS, MAX_RELAYED, MAX_WAITING_ANNOUNCEMENTS } from './constants.ts'
import { KeyedQueue } from './queue.ts'
import { toRelayed } from './signed.ts'

interface Remembered {
  readonly announcement: ShareAnnouncement
  readonly message: SignedMessage
}

/** Announcements of shares that are young: what newcomers are told of, and whoever listens in this process. */
export class Announcements {
  /** By publisher and root, the newest last. */
  readonly #known = new Map<string, Remembered>()
  readonly #queues = new Set<KeyedQueue<ShareAnnouncement>>()

  /** Whether a message with this number would be new. */
  isNews({ from, sequenceNumber }: Pick<SignedMessage, 'from' | 'sequenceNumber'>): boolean {
    return ![...this.#known.values()].some(
      ({ message }) => message.sequenceNumber === sequenceNumber && message.from.equals(from)
    )
  }

  heard(message: SignedMessage, { root, name, bytes, multiaddrs }: AnnouncementMessage, now: number, ageMs = 0): void {
    const key = `${message.from.toString()} ${root.toString()}`
    const known = this.#known.get(key)
    if (ageMs >= ANNOUNCEMENT_TTL_MS || (known && known.message.sequenceNumber >= message.sequenceNumber)) {
      return
    }
    const announcement = {
      root,
      publisher: message.from,
      multiaddrs,
      at: now - ageMs,
      ...(name === undefined ? {} : { name }),
      ...(bytes === undefined ? {} : { bytes })
    }
    this.#known.delete(key)
    this.#known.set(key, { announcement, message })
    this.#trim(now)
    for (const queue of this.#queues) {
      queue.push(key, announcement)
    }
  }

  /** A consumer, which gets those that are young still first. */
  attach(now: number): KeyedQueue<ShareAnnouncement> {
    this.#trim(now)
    const queue = new KeyedQueue<ShareAnnouncement>(MAX_WAITING_ANNOUNCEMENTS, { dropOldest: true })
    for (const [key, { announcement }] of this.#known) {
      queue.push(key, announcement)
    }
    this.#queues.add(queue)
    return queue
  }

  detach(queue: KeyedQueue<ShareAnnouncement>): void {
    this.#queues.delete(queue)
  }

  /** For a neighbour that is new, the newest first. */
  relayed(now: number): Relayed[] {
    this.#trim(now)
    return [...this.#known.values()]
      .reverse()
      .slice(0, MAX_RELAYED)
      .map(({ message, announcement }) => toRelayed(message, now - announcement.at))
  }

  end(): void {
    for (const queue of this.#queues) {
      queue.end()
    }
    this.#known.clear()
  }

  #trim(now: number): void {
    for (const [key, { announcement }] of this.#known) {
      if (this.#known.size <= MAX_ANNOUNCEMENTS && now - announcement.at < ANNOUNCEMENT_TTL_MS) {
        break
      }
      this.#known.delete(key)
    }
  }
}
