import { timingSafeEqual } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'

/** One token that waits for its peer. */
export interface Invitation {
  readonly peer: PeerId
  readonly token: Uint8Array
  readonly expiresAt: number
}

/** The open invitations. Pure: no timers, no randomness. */
export class Invitations<T extends Invitation> {
  readonly #byPeer = new Map<string, Set<T>>()

  add(invitation: T): void {
    const key = invitation.peer.toString()
    const open = this.#byPeer.get(key) ?? new Set()
    open.add(invitation)
    this.#byPeer.set(key, open)
  }

  /** Whether anything was open for this peer. */
  has(peer: PeerId): boolean {
    return this.#byPeer.has(peer.toString())
  }

  /** Returns whether it was open. */
  remove(invitation: T): boolean {
    const key = invitation.peer.toString()
    const open = this.#byPeer.get(key)
    const removed = open?.delete(invitation) ?? false
    if (open?.size === 0) {
      this.#byPeer.delete(key)
    }
    return removed
  }

  /**
   * The invitation that this token is of, which is then used up. Only those of this very peer are looked at, all of them and
   * each in constant time, so that nothing is learnt of one from how long a refusal takes.
   */
  redeem(peer: PeerId, token: Uint8Array, now: number): T | undefined {
    let found: T | undefined
    for (const invitation of this.#byPeer.get(peer.toString()) ?? []) {
      const same = token.byteLength === invitation.token.byteLength && timingSafeEqual(token, invitation.token)
      if (same && now < invitation.expiresAt) {
        found = invitation
      }
    }
    if (found !== undefined) {
      this.remove(found)
    }
    return found
  }

  all(): T[] {
    return [...this.#byPeer.values()].flatMap((open) => [...open])
  }
}
