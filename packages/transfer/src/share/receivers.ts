import type { PeerId } from '@libp2p/interface'
import type { ReceiverReport } from '../types.ts'

/** Receivers of a share that are told apart; of more, those that got nothing for longest are left out of the report. */
export const MAX_RECEIVERS = 256

/** What each peer was sent of one share. */
export class Receivers {
  readonly #max: number
  /** Those that were sent something last come last. */
  readonly #reports = new Map<string, ReceiverReport>()

  constructor(max = MAX_RECEIVERS) {
    this.#max = max
  }

  /** Everything that was sent to `peer`, `bytes` more. */
  add(peer: PeerId, bytes: number): void {
    const key = peer.toString()
    const before = this.#reports.get(key)?.bytes ?? 0
    this.#reports.delete(key)
    this.#reports.set(key, { peer, bytes: before + bytes })
    if (this.#reports.size > this.#max) {
      const [oldest = ''] = this.#reports.keys()
      this.#reports.delete(oldest)
    }
  }

  all(): ReceiverReport[] {
    return [...this.#reports.values()]
  }
}
