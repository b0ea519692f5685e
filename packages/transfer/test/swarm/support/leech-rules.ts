import type { LeechEffect, PeerKey } from '../../../src/swarm/leech.ts'
import { MAX_IN_FLIGHT_BYTES } from '../../../src/swarm/leech.ts'
import { REQUEST_WINDOW } from '../../../src/swarm/window.ts'

/** What a download must never do, told to it from outside; throws at the first breach. */
export class LeechRules {
  readonly #leafBytes: (leaf: number) => number
  readonly #missing: Set<number>
  readonly #asked = new Map<PeerKey, Set<number>>()
  readonly #known = new Map<PeerKey, Set<number>>()
  readonly #delivered = new Set<number>()
  readonly #offered = new Map<PeerKey, Set<number>>()
  /** Leaves asked of a second peer at the end. */
  duplicates = 0
  mostInFlightBytes = 0

  constructor(leafBytes: (leaf: number) => number, missing: Iterable<number>) {
    this.#leafBytes = leafBytes
    this.#missing = new Set(missing)
  }

  get inFlightBytes(): number {
    return [...this.#asked.values()].reduce((sum, leaves) => sum + this.#bytes(leaves), 0)
  }

  /** Offers of connected peers that were neither asked for nor passed. */
  get unanswered(): number {
    return [...this.#offered.values()].reduce((sum, leaves) => sum + leaves.size, 0)
  }

  joined(peer: PeerKey): void {
    if (!this.#asked.has(peer)) {
      this.#asked.set(peer, new Set())
      this.#known.set(peer, new Set())
      this.#offered.set(peer, new Set())
    }
  }

  left(peer: PeerKey): void {
    this.#asked.delete(peer)
    this.#known.delete(peer)
    this.#offered.delete(peer)
  }

  announced(peer: PeerKey, leaves: Iterable<number>): void {
    for (const leaf of leaves) {
      this.#known.get(peer)?.add(leaf)
    }
  }

  offered(peer: PeerKey, leaves: Iterable<number>): void {
    for (const leaf of leaves) {
      this.#known.get(peer)?.add(leaf)
      if (this.#asked.get(peer)?.has(leaf) !== true) {
        this.#offered.get(peer)?.add(leaf)
      }
    }
  }

  delivered(leaf: number): void {
    this.#delivered.add(leaf)
  }

  stored(leaf: number): void {
    this.#missing.delete(leaf)
    for (const leaves of this.#asked.values()) {
      leaves.delete(leaf)
    }
  }

  /** The peer will not send it, or sent something else. */
  failed(peer: PeerKey, leaf: number, forgotten: boolean): void {
    this.#asked.get(peer)?.delete(leaf)
    if (forgotten) {
      this.#known.get(peer)?.delete(leaf)
      this.#offered.get(peer)?.delete(leaf)
    }
  }

  check(effects: readonly LeechEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'request':
          for (const leaf of effect.leaves) {
            this.#request(effect.peer, leaf)
          }
          break
        case 'cancel':
          for (const leaf of effect.leaves) {
            this.#asked.get(effect.peer)?.delete(leaf)
          }
          break
        case 'pass':
          for (const { start, count } of effect.ranges) {
            for (let leaf = start; leaf < start + count; leaf++) {
              this.#offered.get(effect.peer)?.delete(leaf)
            }
          }
          break
        case 'drop':
          this.left(effect.peer)
      }
    }
    this.mostInFlightBytes = Math.max(this.mostInFlightBytes, this.inFlightBytes)
    this.#demand(this.inFlightBytes <= MAX_IN_FLIGHT_BYTES, `${this.inFlightBytes} bytes in flight`)
  }

  #request(peer: PeerKey, leaf: number): void {
    const asked = this.#asked.get(peer)
    this.#demand(asked !== undefined, `asked ${peer}, which is not connected, for ${leaf}`)
    this.#demand(this.#missing.has(leaf) && !this.#delivered.has(leaf), `asked for ${leaf}, which is here`)
    this.#demand(this.#known.get(peer)?.has(leaf) === true, `asked ${peer} for ${leaf}, which it never announced`)
    this.#demand(asked?.has(leaf) === false, `asked ${peer} for ${leaf} twice`)
    const others = [...this.#asked.values()].filter((leaves) => leaves.has(leaf)).length
    if (others > 0) {
      this.duplicates++
      this.#demand(others === 1, `asked ${others + 1} peers for ${leaf}`)
      this.#demand(this.#isEndgame(), `asked a second peer for ${leaf} before the end`)
    }
    asked?.add(leaf)
    this.#offered.get(peer)?.delete(leaf)
    const bytes = this.#bytes(asked ?? [])
    this.#demand((asked?.size ?? 0) <= REQUEST_WINDOW.maxLeaves, `${asked?.size ?? 0} leaves in flight at ${peer}`)
    this.#demand(bytes <= REQUEST_WINDOW.maxBytes, `${bytes} bytes in flight at ${peer}`)
  }

  /** Whether everything that is missing was asked of somebody. */
  #isEndgame(): boolean {
    const asked = new Set([...this.#asked.values()].flatMap((leaves) => [...leaves]))
    return [...this.#missing].every((leaf) => asked.has(leaf) || this.#delivered.has(leaf))
  }

  #bytes(leaves: Iterable<number>): number {
    let sum = 0
    for (const leaf of leaves) {
      sum += this.#leafBytes(leaf)
    }
    return sum
  }

  #demand(kept: boolean, breach: string): void {
    if (!kept) {
      throw new RangeError(breach)
    }
  }
}
