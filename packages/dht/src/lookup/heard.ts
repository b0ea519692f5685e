import { REPLICATION } from '../rules/network-size.ts'

/** How near the nearest peers are that a lookup has heard of and that did not fail. Pure. */
export class HeardDistances {
  readonly #byPeer = new Map<string, { readonly distance: number; readonly hop: number }>()

  get size(): number {
    return this.#byPeer.size
  }

  /** False when it is known. */
  add(peer: string, distance: number, hop: number): boolean {
    if (this.#byPeer.has(peer)) {
      return false
    }
    this.#byPeer.set(peer, { distance, hop })
    return true
  }

  delete(peer: string): void {
    this.#byPeer.delete(peer)
  }

  /** From the peer that begins the lookup: 1 for its own contacts. */
  hopOf(peer: string): number {
    return this.#byPeer.get(peer)?.hop ?? 1
  }

  /** Of the nearest 20, as far as they are heard of; a walk that is not at its end sees less of them. */
  get reach(): number {
    const distances = [...this.#byPeer.values()].map(({ distance }) => distance)
    return distances.sort((a, b) => a - b)[REPLICATION - 1] ?? Infinity
  }
}
