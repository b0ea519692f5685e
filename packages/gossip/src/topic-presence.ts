import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import {
  ANNOUNCE_GAP_PER_PEER_MS,
  FIRST_PAUSE_MS,
  MAX_REACH_TRIES,
  MIN_ANNOUNCE_GAP_MS,
  PAUSE_GROWTH,
  REACH_RETRY_MS
} from './constants.ts'
import type { Pubsub } from './pubsub.ts'
import { encodePresence } from './wire/codec.ts'

/** What a `TopicPresence` works with. */
export interface TopicPresenceInit {
  readonly pubsub: Pick<Pubsub, 'subscribe' | 'unsubscribe' | 'publish' | 'getSubscribers'>
  readonly topic: string
  readonly intervalMs: number
  /** Where this node can be dialled now. */
  readonly addresses: () => readonly Multiaddr[]
  readonly log: Logger
}

/** This node in one topic: says that it is here at once and every interval, more often while others are new, and says goodbye. */
export class TopicPresence {
  readonly #init: TopicPresenceInit
  #timer: ReturnType<typeof setTimeout> | undefined
  #dueAt = Infinity
  #lastAt = -Infinity
  #triesLeft = MAX_REACH_TRIES
  #pauseMs = FIRST_PAUSE_MS
  #joined = false

  constructor(init: TopicPresenceInit) {
    this.#init = init
  }

  join(): void {
    this.#joined = true
    this.#pauseMs = FIRST_PAUSE_MS
    this.#init.pubsub.subscribe(this.#init.topic)
    this.#schedule(0)
  }

  /** Somebody new is there. */
  welcome(): void {
    if (!this.#joined) {
      return
    }
    this.#triesLeft = MAX_REACH_TRIES
    this.#pauseMs = FIRST_PAUSE_MS
    // the larger the audience the longer the gap, so that a stream of newcomers costs each member the same
    const { pubsub, topic } = this.#init
    const gapMs = MIN_ANNOUNCE_GAP_MS + ANNOUNCE_GAP_PER_PEER_MS * pubsub.getSubscribers(topic).length
    this.#schedule(Math.max(0, this.#lastAt + gapMs - Date.now()))
  }

  /** Say goodbye and leave the topic. Best effort; never rejects. */
  async leave(): Promise<void> {
    if (!this.#joined) {
      return
    }
    this.close()
    const { pubsub, topic, log } = this.#init
    try {
      await pubsub.publish(topic, encodePresence({ type: 'leaving' }))
      pubsub.unsubscribe(topic)
    } catch (err) {
      log('could not leave %s - %e', topic, err)
    }
  }

  /** Say nothing more. */
  close(): void {
    this.#joined = false
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dueAt = Infinity
  }

  #schedule(inMs: number): void {
    const dueAt = Date.now() + inMs
    if (dueAt >= this.#dueAt) {
      return
    }
    clearTimeout(this.#timer)
    this.#dueAt = dueAt
    this.#timer = setTimeout(() => {
      void this.#announce()
    }, inMs)
  }

  async #announce(): Promise<void> {
    const { pubsub, topic, addresses, intervalMs, log } = this.#init
    this.#dueAt = Infinity
    const reached = new Set<string>()
    try {
      const message = encodePresence({ type: 'here', multiaddrs: addresses() })
      const { recipients } = await pubsub.publish(topic, message)
      recipients.forEach((peer) => reached.add(peer.toString()))
    } catch (err) {
      log('could not announce in %s - %e', topic, err)
    }
    if (!this.#joined) {
      return
    }
    if (reached.size > 0) {
      this.#lastAt = Date.now()
    }
    // a peer can listen before our stream to it is open: what is published then does not reach it
    if (this.#triesLeft > 0 && pubsub.getSubscribers(topic).some((peer) => !reached.has(peer.toString()))) {
      this.#schedule(REACH_RETRY_MS * 2 ** (MAX_REACH_TRIES - this.#triesLeft))
      this.#triesLeft--
    } else {
      this.#schedule(Math.min(this.#pauseMs, intervalMs))
      this.#pauseMs *= PAUSE_GROWTH
    }
  }
}
