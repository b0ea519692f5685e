/** Peers asked for the root before they said anything: more would send it for nothing. */
export const MAX_FIRST_ASKS = 4

interface FirstAsk {
  readonly peer: string
  readonly askedAt: number
}

/** What was asked in the first flight of sessions, and has no answer (SPEC.md#map-phase). */
export class FirstAsks {
  readonly #asks = new Map<number, FirstAsk>()
  readonly #timeoutMs: number

  /** @param timeoutMs - after which a session has come to nothing. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  hasRoom(now: number): boolean {
    for (const [id, { askedAt }] of this.#asks) {
      if (now - askedAt >= this.#timeoutMs) {
        this.#asks.delete(id)
      }
    }
    return this.#asks.size < MAX_FIRST_ASKS
  }

  add(peer: string, id: number, now: number): void {
    this.#asks.set(id, { peer, askedAt: now })
  }

  has(peer: string, id: number): boolean {
    return this.#asks.get(id)?.peer === peer
  }

  /** The id of what this peer was asked. */
  of(peer: string): number | undefined {
    return [...this.#asks].find(([, ask]) => ask.peer === peer)?.[0]
  }

  /** The peer answered; returns false when it was not asked. */
  take(peer: string, id: number): boolean {
    return this.has(peer, id) && this.#asks.delete(id)
  }

  removePeer(peer: string): void {
    for (const [id, ask] of this.#asks) {
      if (ask.peer === peer) {
        this.#asks.delete(id)
      }
    }
  }
}
