import { peerIdFromString } from '@libp2p/peer-id'
import type { Contacts } from '../rpc/contacts.ts'
import { MAX_HOLDERS_SEEN, estimateHalfLife } from '../rules/half-life.ts'
import type { HolderSeen } from '../rules/half-life.ts'
import { distanceOf } from '../rules/position.ts'
import type { Position } from '../rules/position.ts'
import type { AnnounceResult } from './announce.ts'

/** How fast holders go, from what became of those of earlier announcements when a root is announced again. */
export class HoldersSeen {
  readonly #contacts: Contacts
  readonly #seen: HolderSeen[] = []

  constructor(contacts: Contacts) {
    this.#contacts = contacts
  }

  halfLifeMs(): number | undefined {
    return estimateHalfLife(this.#seen)
  }

  /** `before`: holders of the announcement `elapsedMs` ago. */
  add(before: readonly string[], elapsedMs: number, target: Position, result: AnnounceResult): void {
    const reach = Math.max(0, ...result.holders.map(({ position }) => distanceOf(position, target)))
    for (const holder of before) {
      const gone = this.#isGone(holder, target, reach, result)
      if (gone !== undefined) {
        this.#seen.push({ elapsedMs, gone })
      }
    }
    this.#seen.splice(0, this.#seen.length - MAX_HOLDERS_SEEN)
  }

  /** `undefined`: it is farther than today's holders, so nobody asked it. */
  #isGone(holder: string, target: Position, reach: number, { answered, failed }: AnnounceResult): boolean | undefined {
    if (answered.has(holder)) {
      return false
    }
    if (failed.has(holder)) {
      return true
    }
    // it would have been named: the tables of its neighbours have dropped it
    const { position } = this.#contacts.of(peerIdFromString(holder))
    return distanceOf(position, target) < reach ? true : undefined
  }
}
