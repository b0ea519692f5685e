import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { Message, TopicValidatorFn } from '@libp2p/gossipsub'
import type { PeerId } from '@libp2p/interface'
import { decodeNetworkMessage } from '../wire/network-codec.ts'
import { decodePresence } from '../wire/presence-codec.ts'
import {
  MAX_MESSAGES_PER_NEIGHBOUR,
  MAX_MESSAGES_PER_SIGNER,
  MAX_RATE_KEYS,
  MAX_REPUTATIONS,
  NETWORK_TOPIC,
  RATE_WINDOW_MS
} from './constants.ts'
import { RateWindow } from './rate.ts'
import { Reputation } from './reputation.ts'

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

  /** One that does not come by gossipsub: whether `neighbour` may bring it now. */
  admits(neighbour: PeerId): boolean {
    return this.#neighbours.take(neighbour.toString(), MAX_MESSAGES_PER_NEIGHBOUR, Date.now())
  }

  /** A neighbour brought what no honest node passes on. */
  fault(neighbour: PeerId): void {
    this.#reputation.fault(neighbour.toString(), Date.now())
  }

  #judge(neighbour: PeerId, message: Message, now: number): TopicValidatorResult {
    if (!this.#neighbours.take(neighbour.toString(), MAX_MESSAGES_PER_NEIGHBOUR, now)) {
      return TopicValidatorResult.Ignore
    }
    if (message.type !== 'signed' || !isDecodable(message.topic, message.data, message.from)) {
      this.fault(neighbour)
      return TopicValidatorResult.Reject
    }
    // neither is the neighbour's fault: it may be slower to notice than we are
    const { from, topic } = message
    const isTooMuch = !this.#signers.take(`${from.toString()} ${topic}`, MAX_MESSAGES_PER_SIGNER, now)
    return isTooMuch || from.equals(this.#self) ? TopicValidatorResult.Ignore : TopicValidatorResult.Accept
  }
}

function isDecodable(topic: string, data: Uint8Array, from: PeerId): boolean {
  try {
    if (topic === NETWORK_TOPIC) {
      decodeNetworkMessage(data, from)
    } else {
      decodePresence(data, from)
    }
    return true
  } catch {
    return false
  }
}
