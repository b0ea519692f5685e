import { MAX_PING_IDS } from './bounds.ts'
import type { ClaimId, MemberIndex } from './types.ts'

const NO_IDS: readonly ClaimId[] = Object.freeze([])

/** Not a subject's link. */
export const NO_SLOT = -1

/** `first` and `second`: a probe is out and was asked so often. `idle`: a ping is out that accuses nobody. */
export type Pending = 'none' | 'first' | 'second' | 'idle'

/** What a machine knows of its link to one member, up or wanted. */
export class Link {
  readonly peer: MemberIndex
  isUp = false
  /** Asked of the adapter, which has not answered yet. */
  isAsked = false
  /** The ring whose subject it leads to. */
  slot = NO_SLOT
  /** One of this node's own choice. */
  isRandom = false
  /** To be compared with: it was a stranger when it came. */
  isStranger = false

  /** It was up before. */
  wasUp = false
  upAt = -Infinity
  downAt = -Infinity
  failures = 0
  retryAt = 0
  askedAt = 0
  /** When it became a subject's. */
  wantedAt = 0

  nonce = 0
  pending: Pending = 'none'
  sentAt = 0
  dueAt = Infinity
  /** When the last answer came, whenever it was asked for. */
  ackedAt = -Infinity
  /** When the last ping came: who pings wants the link. */
  pingedAt = 0
  rttMs: number | undefined

  /** It asked not to be pushed to: it gets ids on the pings. */
  isLazy = false
  /** We asked it not to push to us. */
  isPruned = false
  /** It said with its ack that it heard our goodbye. */
  hasHeardLeave = false
  #ids: ClaimId[] | undefined

  constructor(peer: MemberIndex) {
    this.peer = peer
  }

  /** A rule of this node wants it. */
  get isWanted(): boolean {
    return this.slot !== NO_SLOT || this.isRandom
  }

  /** Remembers an id for the next ping; beyond the most of a ping it is left to the comparisons. */
  addId(id: ClaimId): void {
    const ids = (this.#ids ??= [])
    if (ids.length < MAX_PING_IDS) {
      ids.push(id)
    }
  }

  takeIds(): readonly ClaimId[] {
    const ids = this.#ids
    if (ids === undefined) {
      return NO_IDS
    }
    this.#ids = undefined
    return ids
  }

  /** As it begins and ends. */
  reset(): void {
    this.isUp = false
    this.isAsked = false
    this.isStranger = false
    this.pending = 'none'
    this.dueAt = Infinity
    this.isLazy = false
    this.isPruned = false
    this.#ids = undefined
  }
}
