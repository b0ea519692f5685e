import type { Logger, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { HaveSummary } from '@p2pshare/interface'
import { encodePresence } from '../wire/presence-codec.ts'
import {
  ANNOUNCE_GAP_PER_PEER_MS,
  COMPLETE_POLL_MS,
  INTERVAL_PER_PEER_MS,
  MAX_ANNOUNCE_GAP_MS,
  MAX_EVERY_S,
  MAX_REACH_TRIES,
  MIN_ANNOUNCE_GAP_MS,
  MIN_EVERY_S,
  REACH_RETRY_MS,
  REPEAT_MS
} from './constants.ts'
import type { Pubsub } from './pubsub.ts'

/** What a `TopicPresence` works with. */
export interface TopicPresenceInit {
  readonly pubsub: Pick<Pubsub, 'subscribe' | 'unsubscribe' | 'publish' | 'getSubscribers'>
  readonly topic: string
  readonly intervalMs: number
  /** Where this node can be dialled now. */
  readonly addresses: () => readonly Multiaddr[]
  readonly have: () => HaveSummary | undefined
  /** How many peers are in the topic, as far as this node knows. */
  readonly audience: () => number
  readonly log: Logger
}

/**
 * This node in one topic: says that it is here on joining, once more soon after, every interval, when a neighbour cannot
 * have heard it, and when it has become complete; and says goodbye. Rare: each message is checked by everybody.
 */
export class TopicPresence {
  readonly #init: TopicPresenceInit
  #timer: ReturnType<typeof setTimeout> | undefined
  #dueAt = Infinity
  #lastAt = -Infinity
  /** Presences that followed the one before soon, until there is a pause. */
  #inARow = 0
  #triesLeft = MAX_REACH_TRIES
  #reached = new Set<string>()
  #repeats = 1
  #saidComplete = false
  #poll: ReturnType<typeof setInterval> | undefined
  #joined = false

  constructor(init: TopicPresenceInit) {
    this.#init = init
  }

  get isJoined(): boolean {
    return this.#joined
  }

  join(): void {
    this.#joined = true
    this.#init.pubsub.subscribe(this.#init.topic)
    this.#schedule(0)
    this.#watchCompletion()
  }

  /** A neighbour listens. It is told again if what was said last did not reach it, and those behind it. */
  met(peer: PeerId): void {
    if (this.#joined && !this.#reached.has(peer.toString())) {
      this.#triesLeft = MAX_REACH_TRIES
      this.#schedule(this.#gapLeftMs())
    }
  }

  /** What this node says, for one that is told directly. */
  message(): Uint8Array {
    const { addresses, have } = this.#init
    const summary = have()
    this.#saidComplete = isComplete(summary)
    const everyS = Math.min(Math.max(Math.ceil(this.#intervalMs() / 1000), MIN_EVERY_S), MAX_EVERY_S)
    return encodePresence({
      type: 'here',
      multiaddrs: addresses(),
      everyS,
      ...(summary === undefined ? {} : { have: summary })
    })
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
    clearInterval(this.#poll)
    this.#timer = undefined
    this.#poll = undefined
    this.#dueAt = Infinity
  }

  #watchCompletion(): void {
    if (isComplete(this.#init.have())) {
      return
    }
    this.#poll = setInterval(() => {
      if (isComplete(this.#init.have())) {
        clearInterval(this.#poll)
        this.#poll = undefined
        if (!this.#saidComplete) {
          this.#schedule(0)
        }
      }
    }, COMPLETE_POLL_MS)
    this.#poll.unref()
  }

  /** The larger the audience the longer the gap, so that a stream of newcomers costs each member the same. */
  #gapLeftMs(): number {
    const leastMs = MIN_ANNOUNCE_GAP_MS + ANNOUNCE_GAP_PER_PEER_MS * this.#init.audience()
    const gapMs = Math.max(leastMs, Math.min(leastMs * 2 ** this.#inARow, MAX_ANNOUNCE_GAP_MS))
    return Math.max(0, this.#lastAt + gapMs - Date.now())
  }

  #intervalMs(): number {
    return Math.max(this.#init.intervalMs, this.#init.audience() * INTERVAL_PER_PEER_MS)
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
    const { pubsub, topic, log } = this.#init
    this.#dueAt = Infinity
    const reached = new Set<string>()
    try {
      const { recipients } = await pubsub.publish(topic, this.message())
      recipients.forEach((peer) => reached.add(peer.toString()))
    } catch (err) {
      log('could not announce in %s - %e', topic, err)
    }
    if (!this.#joined) {
      return
    }
    this.#reached = reached
    if (reached.size > 0) {
      const now = Date.now()
      this.#inARow = now - this.#lastAt < 2 * MAX_ANNOUNCE_GAP_MS ? this.#inARow + 1 : 0
      this.#lastAt = now
    }
    this.#schedule(this.#pauseMs())
  }

  #pauseMs(): number {
    const { pubsub, topic } = this.#init
    // a peer can listen before our stream to it is open: what is published then does not reach it
    const isMissed = pubsub.getSubscribers(topic).some((peer) => !this.#reached.has(peer.toString()))
    if (isMissed && this.#triesLeft > 0) {
      this.#triesLeft--
      const retryMs = REACH_RETRY_MS * 2 ** (MAX_REACH_TRIES - 1 - this.#triesLeft)
      return Math.max(retryMs, this.#gapLeftMs())
    }
    if (this.#repeats > 0) {
      this.#repeats--
      return Math.min(REPEAT_MS, this.#intervalMs())
    }
    // not all at the same time, for ever
    return this.#intervalMs() * (0.9 + 0.1 * Math.random())
  }
}

function isComplete(have: HaveSummary | undefined): boolean {
  return have !== undefined && have.leaves > 0 && have.held === have.leaves
}
