import type { HaveSummary, MemberState, SharePeer } from '@p2pshare/interface'
import { INTERVAL_PER_PEER_MS, MISSED_ANNOUNCEMENTS } from './constants.ts'

/** What membership knows of one peer. */
export interface Liveness {
  readonly state: MemberState
  /** When it entered that state. */
  readonly since: number
}

/** One presence, as it was heard. */
export interface Heard {
  readonly peer: SharePeer
  /** Of its signed message; absent: it said so itself, over its own connection. */
  readonly sequence?: bigint
  readonly everyS: number
  /** When it was said, about. */
  readonly at: number
}

interface Entry extends Heard {
  readonly sequence: bigint
  readonly present: boolean
  /** What it says next is news. */
  readonly lost: boolean
}

export interface SharePeersInit {
  readonly maxPeers: number
  /** Whether one more peer of any share may be remembered; `forgotten` gives the place back. */
  readonly admit?: () => boolean
  readonly forgotten?: () => void
  readonly liveness?: (peer: SharePeer['id']) => Liveness | undefined
}

/** A change of what a peer has that others are told of, in parts of the whole. */
const NEWS = 1 / 8

/** Who announced itself in one share's topic. Pure: time comes in with the calls. */
export class SharePeers {
  readonly #entries = new Map<string, Entry>()
  readonly #init: SharePeersInit

  constructor(init: SharePeersInit) {
    this.#init = init
  }

  /** Whether a message of this peer with this number would count. */
  isNews(id: SharePeer['id'], sequence: bigint): boolean {
    const known = this.#entries.get(id.toString())
    return known === undefined || sequence > known.sequence
  }

  /** A peer says it is here. True when that is news: it is new, it came back, or it has much more than before. */
  here(heard: Heard, now: number): boolean {
    const key = heard.peer.id.toString()
    const known = this.#entries.get(key)
    const { sequence = known?.sequence ?? -1n } = heard
    if (known !== undefined && heard.sequence !== undefined && sequence <= known.sequence) {
      return false
    }
    if (known === undefined && !this.#makeRoom(now)) {
      return false
    }
    // to the end: the map stays ordered by when each was heard
    this.#entries.delete(key)
    const entry = { ...heard, sequence, present: true, lost: false }
    this.#entries.set(key, entry)
    const wasPresent = known?.lost === false && this.#isPresent(known, now)
    return this.#isPresent(entry, now) && (!wasPresent || hasMore(known.peer.have, heard.peer.have))
  }

  /** A peer says it leaves. */
  leaving(id: SharePeer['id'], sequence: bigint): void {
    const known = this.#entries.get(id.toString())
    if (known !== undefined && sequence > known.sequence) {
      this.#entries.set(id.toString(), { ...known, sequence, present: false })
    }
  }

  /** A peer is gone without a word. Its past messages still count as replays. */
  gone(id: SharePeer['id']): void {
    const known = this.#entries.get(id.toString())
    if (known !== undefined) {
      this.#entries.set(id.toString(), { ...known, present: false })
    }
  }

  /** The connection to a peer ended, which may be all: what it says next is news. */
  lost(id: SharePeer['id']): void {
    const known = this.#entries.get(id.toString())
    if (known !== undefined) {
      this.#entries.set(id.toString(), { ...known, lost: true })
    }
  }

  /** Membership says a peer is alive after all: what it said last holds again, if it is young enough. */
  back(id: SharePeer['id'], now: number): SharePeer | undefined {
    const known = this.#entries.get(id.toString())
    return known !== undefined && this.#isPresent(known, now) ? known.peer : undefined
  }

  /** Those that are here, the one heard last first. */
  present(now: number): SharePeer[] {
    return [...this.#entries.values()]
      .filter((entry) => this.#isPresent(entry, now))
      .map(({ peer }) => peer)
      .reverse()
  }

  has(id: SharePeer['id'], now: number): boolean {
    const known = this.#entries.get(id.toString())
    return known !== undefined && this.#isPresent(known, now)
  }

  /** Gives all places back. */
  clear(): void {
    for (const key of [...this.#entries.keys()]) {
      this.#forget(key)
    }
  }

  #isPresent({ present, at, everyS, peer }: Entry, now: number): boolean {
    // in a large audience everybody speaks less often than they say
    const silenceMs = MISSED_ANNOUNCEMENTS * Math.max(everyS * 1000, this.#entries.size * INTERVAL_PER_PEER_MS)
    return present && now - at < silenceMs && !this.#isGone(peer.id, at)
  }

  /** Dead or left since it spoke. One that was heard after that is alive, whatever the others say. */
  #isGone(id: SharePeer['id'], at: number): boolean {
    const liveness = this.#init.liveness?.(id)
    return liveness !== undefined && (liveness.state === 'dead' || liveness.state === 'left') && liveness.since >= at
  }

  /** Only who is gone makes room: a flood of new names must not push out those that are there. */
  #makeRoom(now: number): boolean {
    if (this.#entries.size < this.#init.maxPeers && (this.#init.admit?.() ?? true)) {
      return true
    }
    for (const [key, entry] of this.#entries) {
      if (!this.#isPresent(entry, now)) {
        this.#forget(key)
        return this.#init.admit?.() ?? true
      }
    }
    return false
  }

  #forget(key: string): void {
    this.#entries.delete(key)
    this.#init.forgotten?.()
  }
}

/** What a peer has changed so much that those who choose among peers should know. */
function hasMore(before: HaveSummary | undefined, now: HaveSummary | undefined): boolean {
  const [old, young] = [before, now].map((have) =>
    have === undefined || have.leaves === 0 ? 0 : have.held / have.leaves
  )
  return (young === 1 && old !== 1) || Math.abs((young ?? 0) - (old ?? 0)) >= NEWS
}
