import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { Message, TopicValidatorFn } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import {
  MAX_MESSAGES_PER_NEIGHBOUR,
  MAX_MESSAGES_PER_SIGNER,
  MAX_RATE_KEYS,
  MAX_REPUTATIONS,
  RATE_WINDOW_MS
} from './constants.ts'
import { RateWindow } from './rate.ts'
import { Reputation } from './reputation.ts'
import { decodePresence } from './wire/codec.ts'

/** Decides which messages count and are passed on, and remembers who brings others. */
export class Gate {
  readonly #reputation = new Reputation(MAX_REPUTATIONS)
  readonly #neighbours = new RateWindow(RATE_WINDOW_MS, MAX_RATE_KEYS)
  readonly #signers = new RateWindow(RATE_WINDOW_MS, MAX_RATE_KEYS)
  readonly #self: PeerId

  constructor(self: PeerId) {
    this.#self = self
  }

  /** For gossipsub's score of a peer. */
  readonly scoreOf = (peer: string): number => this.#reputation.score(peer, Date.now())

  /** gossipsub has checked the signature; `neighbour` is who passed the message on. */
  readonly validate: TopicValidatorFn = (neighbour, message) => this.#judge(neighbour, message, Date.now())

  #judge(neighbour: PeerId, message: Message, now: number): TopicValidatorResult {
    const bringer = neighbour.toString()
    if (!this.#neighbours.take(bringer, MAX_MESSAGES_PER_NEIGHBOUR, now)) {
      return TopicValidatorResult.Ignore
    }
    if (message.type !== 'signed') {
      return this.#reject(bringer, now)
    }
    const { from, topic, data } = message
    try {
      decodePresence(data, from)
    } catch {
      return this.#reject(bringer, now)
    }
    // neither is the neighbour's fault: it may be slower to notice than we are
    const isTooMuch = !this.#signers.take(`${from.toString()} ${topic}`, MAX_MESSAGES_PER_SIGNER, now)
    return isTooMuch || from.equals(this.#self) ? TopicValidatorResult.Ignore : TopicValidatorResult.Accept
  }

  #reject(bringer: string, now: number): TopicValidatorResult {
    this.#reputation.fault(bringer, now)
    return TopicValidatorResult.Reject
  }
}
