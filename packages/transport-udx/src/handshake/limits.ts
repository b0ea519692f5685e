/** Bounds on the connections that others open. */
export interface InboundBounds {
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  readonly maxHalfOpen: number
  readonly maxHalfOpenPerIp: number
}

/** The place of one connection. Both may be called again without effect. */
export interface Place {
  /** Its first byte came: the address is real. */
  settle(): void
  /** It is gone. */
  leave(): void
}

/** Counts, in all and by origin. */
class Tally {
  readonly #of = new Map<string, number>()
  total = 0

  of(origin: string): number {
    return this.#of.get(origin) ?? 0
  }

  add(origin: string, by: 1 | -1): void {
    this.total += by
    const count = this.of(origin) + by
    if (count === 0) {
      this.#of.delete(origin)
    } else {
      this.#of.set(origin, count)
    }
  }
}

/** Counts the connections that others opened, over all listeners of one transport. Pure. */
export class InboundLimits {
  readonly #bounds: InboundBounds
  readonly #all = new Tally()
  readonly #halfOpen = new Tally()

  constructor(bounds: InboundBounds) {
    this.#bounds = bounds
  }

  get connections(): number {
    return this.#all.total
  }

  get halfOpen(): number {
    return this.#halfOpen.total
  }

  halfOpenOf(origin: string): number {
    return this.#halfOpen.of(origin)
  }

  /** A place for a connection from `origin`, or which bound has none left. */
  enter(origin: string): Place | keyof InboundBounds {
    const bounds = this.#bounds
    if (this.#all.total >= bounds.maxConnections) {
      return 'maxConnections'
    }
    if (this.#all.of(origin) >= bounds.maxConnectionsPerIp) {
      return 'maxConnectionsPerIp'
    }
    if (this.#halfOpen.total >= bounds.maxHalfOpen) {
      return 'maxHalfOpen'
    }
    if (this.#halfOpen.of(origin) >= bounds.maxHalfOpenPerIp) {
      return 'maxHalfOpenPerIp'
    }
    this.#all.add(origin, 1)
    this.#halfOpen.add(origin, 1)
    return this.#place(origin)
  }

  #place(origin: string): Place {
    let stage: 'half-open' | 'settled' | 'gone' = 'half-open'
    const settle = (): void => {
      if (stage === 'half-open') {
        stage = 'settled'
        this.#halfOpen.add(origin, -1)
      }
    }
    const leave = (): void => {
      settle()
      if (stage !== 'gone') {
        stage = 'gone'
        this.#all.add(origin, -1)
      }
    }
    return { settle, leave }
  }
}
