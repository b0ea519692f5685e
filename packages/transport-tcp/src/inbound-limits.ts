/** Bounds on the sockets that others open. */
export interface InboundBounds {
  readonly maxConnections: number
  readonly maxPending: number
  readonly maxPendingPerIp: number
}

/** The place of one socket. Both may be called again without effect. */
export interface Place {
  /** It is through its handshake. */
  settle(): void
  /** It is gone. */
  leave(): void
}

/** Counts the sockets that others opened, over all listeners of one transport. Pure. */
export class InboundLimits {
  readonly #bounds: InboundBounds
  readonly #pendingOf = new Map<string, number>()
  #pending = 0
  #connections = 0

  constructor(bounds: InboundBounds) {
    this.#bounds = bounds
  }

  get connections(): number {
    return this.#connections
  }

  get pending(): number {
    return this.#pending
  }

  /** A place for a socket from `origin`, or which bound has none left. */
  enter(origin: string): Place | keyof InboundBounds {
    const pendingOf = this.#pendingOf.get(origin) ?? 0
    if (this.#connections >= this.#bounds.maxConnections) {
      return 'maxConnections'
    }
    if (this.#pending >= this.#bounds.maxPending) {
      return 'maxPending'
    }
    if (pendingOf >= this.#bounds.maxPendingPerIp) {
      return 'maxPendingPerIp'
    }
    this.#connections++
    this.#pending++
    this.#pendingOf.set(origin, pendingOf + 1)
    return this.#place(origin)
  }

  #place(origin: string): Place {
    let stage: 'pending' | 'settled' | 'gone' = 'pending'
    const settle = (): void => {
      if (stage !== 'pending') {
        return
      }
      stage = 'settled'
      this.#pending--
      const left = (this.#pendingOf.get(origin) ?? 1) - 1
      if (left === 0) {
        this.#pendingOf.delete(origin)
      } else {
        this.#pendingOf.set(origin, left)
      }
    }
    const leave = (): void => {
      settle()
      if (stage !== 'gone') {
        stage = 'gone'
        this.#connections--
      }
    }
    return { settle, leave }
  }
}

/**
 * Who an address counts for: one IPv4 address, or the /64 that one subscriber has of IPv6, in which it can take any
 * address it likes. Text that is no address, as of a Unix socket, counts for itself.
 */
export function originOf(ip: string): string {
  const [host = ip] = ip.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(host)?.[1]
  if (mapped !== undefined) {
    return mapped
  }
  if (!host.includes(':')) {
    return host
  }
  const [head = '', tail] = host.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':')
    groups.push(...Array<string>(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last)
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
