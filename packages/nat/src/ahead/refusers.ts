import { MAX_REFUSERS } from './constants.ts'

/** Peers that wanted another protocol, the latest of them. */
export class Refusers {
  readonly #peers = new Set<string>()

  has(peer: string): boolean {
    return this.#peers.has(peer)
  }

  add(peer: string): void {
    this.#peers.delete(peer)
    this.#peers.add(peer)
    const [oldest] = this.#peers
    if (this.#peers.size > MAX_REFUSERS && oldest !== undefined) {
      this.#peers.delete(oldest)
    }
  }
}
