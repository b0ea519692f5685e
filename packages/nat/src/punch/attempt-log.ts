import type { PeerId } from '@libp2p/interface'
import type { PunchAttempt } from '../types.ts'
import { MAX_LOGGED_PEERS, MAX_LOGGED_TRIES } from './constants.ts'

/** The last tries of each peer, for `peers why`. Bounded in peers and in tries of each. */
export class AttemptLog {
  readonly #peers = new Map<string, PunchAttempt[]>()

  add(tries: readonly PunchAttempt[]): void {
    for (const attempt of tries) {
      const key = attempt.peer.toString()
      const kept = [...(this.#peers.get(key) ?? []), attempt].slice(-MAX_LOGGED_TRIES)
      // set anew, so that the peer tried longest ago comes first
      this.#peers.delete(key)
      this.#peers.set(key, kept)
    }
    for (const key of [...this.#peers.keys()].slice(0, Math.max(0, this.#peers.size - MAX_LOGGED_PEERS))) {
      this.#peers.delete(key)
    }
  }

  /** Oldest first. */
  of(peer: PeerId): readonly PunchAttempt[] {
    return this.#peers.get(peer.toString()) ?? []
  }
}
