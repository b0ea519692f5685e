import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_DIALS_KEPT, MAX_DIALLED_PEERS_KEPT } from './constants.ts'

/** How the dial of one address went. */
export interface DialRecord {
  readonly address: Multiaddr
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  readonly tookMs: number
  /** `cancelled`: another address was there first, or whoever wanted it gave up. */
  readonly outcome: 'connected' | 'failed' | 'cancelled'
  /** Why it failed, in words a person reads. */
  readonly reason?: string
}

/** The last dials of each peer, bounded. */
export class DialLog {
  readonly #dials = new Map<string, DialRecord[]>()

  add(peer: string, record: DialRecord): void {
    const known = this.#dials.get(peer) ?? []
    // again at the end: the map's order is that of the last dial
    this.#dials.delete(peer)
    this.#dials.set(peer, [...known, record].slice(-MAX_DIALS_KEPT))
    const [oldest] = this.#dials.keys()
    if (this.#dials.size > MAX_DIALLED_PEERS_KEPT && oldest !== undefined) {
      this.#dials.delete(oldest)
    }
  }

  of(peer: PeerId): readonly DialRecord[] {
    return this.#dials.get(peer.toString()) ?? []
  }
}
