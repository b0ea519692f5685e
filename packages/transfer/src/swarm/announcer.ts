import { toRanges } from './bitfield.ts'
import type { Bitfield } from './bitfield.ts'
import type { Effects, PeerKey } from './effects.ts'
import type { Granter } from './granter.ts'
import type { OnceOnly } from './once-only.ts'

/** Leaves stored within this time are announced in one message; simulated, up to 50 ms makes a swarm 0.2 % slower. */
export const HAVE_BATCH_MS = 15

export interface AnnouncerInit {
  readonly have: Bitfield
  readonly granter: Pick<Granter, 'reveal' | 'show'>
  /** The first pass of a node that had everything from the start: it hides what it has. */
  readonly onceOnly: OnceOnly | undefined
}

/** What this node has, and who was told of it: everything at once or after the first pass, then leaf by leaf. Pure. */
export class Announcer {
  readonly #init: AnnouncerInit
  readonly #peers = new Set<PeerKey>()
  /** Peers that were not shown what this node has. */
  readonly #hidden = new Set<PeerKey>()
  /** Stored and not announced. */
  #fresh: number[] = []
  #announcedAt = -Infinity

  constructor(init: AnnouncerInit) {
    this.#init = init
  }

  /** When `pump` has something to do. */
  get wakeAt(): number {
    return this.#fresh.length > 0 ? this.#announcedAt + HAVE_BATCH_MS : Infinity
  }

  join(peer: PeerKey, out: Effects): void {
    this.#peers.add(peer)
    this.#hidden.add(peer)
    if (this.#init.onceOnly === undefined) {
      this.#show(peer, out)
    }
  }

  leave(peer: PeerKey): void {
    this.#peers.delete(peer)
    this.#hidden.delete(peer)
  }

  /** The leaf can be served from now on. */
  stored(leaf: number): void {
    if (this.#init.have.set(leaf)) {
      this.#fresh.push(leaf)
    }
  }

  pump(at: number, out: Effects): void {
    this.#announce(at, out)
    this.#reveal(at, out)
  }

  #announce(at: number, out: Effects): void {
    if (this.#fresh.length === 0 || at < this.wakeAt) {
      return
    }
    const ranges = toRanges(this.#fresh)
    for (const peer of this.#peers) {
      out.push({ type: 'have', peer, ranges })
    }
    this.#init.granter.show(this.#fresh)
    this.#fresh = []
    this.#announcedAt = at
  }

  /** S2: when every wanted leaf was announced by somebody, whoever wants something sees everything. */
  #reveal(at: number, out: Effects): void {
    const { onceOnly } = this.#init
    if (onceOnly === undefined || this.#hidden.size === 0) {
      return
    }
    if (onceOnly.isOver || onceOnly.isIdle(at)) {
      for (const peer of [...this.#hidden].filter((hidden) => onceOnly.wantsSomething(hidden))) {
        this.#show(peer, out)
      }
    }
  }

  #show(peer: PeerKey, out: Effects): void {
    const { granter, have } = this.#init
    this.#hidden.delete(peer)
    granter.reveal(peer)
    if (have.count > 0) {
      out.push({ type: 'have', peer, ranges: [...have.ranges()] })
    }
  }
}
