import type { AbortOptions, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'

/** What one says about a share to make it known. */
export interface AnnounceOptions extends AbortOptions {
  /** At most 255 bytes of UTF-8, without control characters. */
  readonly name?: string
  readonly bytes?: number
}

/** Somebody wants it to be known that they share something. */
export interface ShareAnnouncement {
  readonly root: CID
  /** Chosen by the publisher: to be shown, not to be trusted. */
  readonly name?: string
  readonly bytes?: number
  /** Who signed it. */
  readonly publisher: PeerId
  readonly multiaddrs: readonly Multiaddr[]
  /** Milliseconds since the Unix epoch, by this node's clock, when it was published, about. */
  readonly at: number
}

/** One answer to a question to all. */
export interface PeerAnswer {
  /** Who signed it. */
  readonly from: PeerId
  readonly payload: Uint8Array
  /** Milliseconds from the question to the answer. */
  readonly afterMs: number
}

/** Options of a question to all. */
export interface AskOptions extends AbortOptions {
  /** How long to wait for answers, in milliseconds. @default 2_000 */
  readonly deadlineMs?: number
  /** Answers that are enough: from 1 to 256, and 32 unless said otherwise. Whoever asks checks it. */
  readonly maxAnswers?: number
}

/** A question as those who may answer it see it. */
export interface PeerQuestion {
  /** Who signed it. */
  readonly from: PeerId
  readonly payload: Uint8Array
  /** Aborts at the deadline. */
  readonly signal: AbortSignal
}

/** `undefined`: nothing to say, which nobody hears of. At most 16 KiB. */
export type AnswerHandler = (question: PeerQuestion) => Promise<Uint8Array | undefined> | Uint8Array | undefined
