import { burstBytesOf, TokenBucket } from './token-bucket.ts'

/** Whose bytes they are: of which share, to or from which peer. */
export interface RatePath {
  /** Root CID as text. */
  readonly share: string
  /** Peer id as text. */
  readonly peer: string
}

/** Bytes that wait for their turn. */
export interface Demand {
  readonly path: RatePath
  readonly bytes: number
}

/**
 * The caps of one direction: of the node, of each share and of each peer that has one. Bytes pass when all caps over
 * them let them. Whoever waits is served in the order of asking, except that nobody waits for a cap that is not over
 * it: a peer at its own limit holds nobody else. Pure.
 */
export class RateTree<D extends Demand = Demand> {
  #node: TokenBucket | undefined
  readonly #shares = new Map<string, TokenBucket>()
  readonly #peers = new Map<string, TokenBucket>()
  readonly #waiting = new Set<D>()

  /** `Infinity`: no cap. */
  limitNode(bytesPerSecond: number, now: number): void {
    this.#node = changed(this.#node, bytesPerSecond, now)
  }

  limitShare(share: string, bytesPerSecond: number, now: number): void {
    setOrDelete(this.#shares, share, changed(this.#shares.get(share), bytesPerSecond, now))
  }

  limitPeer(peer: string, bytesPerSecond: number, now: number): void {
    setOrDelete(this.#peers, peer, changed(this.#peers.get(peer), bytesPerSecond, now))
  }

  /** Whether any cap is over these bytes. */
  isLimited({ share, peer }: RatePath): boolean {
    return this.#node !== undefined || this.#shares.has(share) || this.#peers.has(peer)
  }

  /** Whether a cap is over this peer alone. */
  isPeerLimited(peer: string): boolean {
    return this.#peers.has(peer)
  }

  /** The lowest cap over these bytes, in bytes a second; `Infinity` when there is none. */
  capOf(path: RatePath): number {
    return this.#over(path).reduce((lowest, bucket) => Math.min(lowest, bucket.bytesPerSecond), Infinity)
  }

  /** What may pass at once under the lowest of the caps. */
  burstBytes(path: RatePath): number {
    return burstBytesOf(this.capOf(path))
  }

  /** Bytes that have arrived already. Returns the milliseconds until the next `ahead` of them may. */
  took(path: RatePath, bytes: number, ahead: number, now: number): number {
    let wait = 0
    for (const bucket of this.#over(path)) {
      bucket.take(bytes, now)
      wait = Math.max(wait, bucket.waitMs(ahead, now))
    }
    return wait
  }

  wait(demand: D): void {
    this.#waiting.add(demand)
  }

  /** Not wanted any more. Returns whether it was waiting. */
  forget(demand: D): boolean {
    return this.#waiting.delete(demand)
  }

  /** The first one whose bytes may pass; it waits no more, and has to `take` them before anybody else is looked for. */
  next(now: number): D | undefined {
    let first: D | undefined
    this.#pass(now, (demand) => {
      first = demand
      return false
    })
    if (first !== undefined) {
      this.#waiting.delete(first)
    }
    return first
  }

  /** Bytes pass. */
  take({ path, bytes }: Demand, now: number): void {
    for (const bucket of this.#over(path)) {
      bucket.take(bytes, now)
    }
  }

  /** Milliseconds after which `next` may find one; `undefined` when nobody waits. */
  waitMs(now: number): number | undefined {
    if (this.#waiting.size === 0) {
      return undefined
    }
    let least = Infinity
    this.#pass(
      now,
      () => {
        least = 0
        return false
      },
      (ms) => {
        least = Math.min(least, ms)
      }
    )
    return least
  }

  /**
   * Look at those who wait, in order. A cap that one of them waits for is kept for it: those behind it that are under
   * the same cap wait too, or a small demand would always come before a large one. `onReady` may end it.
   */
  #pass(now: number, onReady: (demand: D) => boolean, onShort: (ms: number) => void = () => undefined): void {
    const kept = new Set<TokenBucket>()
    for (const demand of this.#waiting) {
      const short = this.#over(demand.path).filter((bucket) => kept.has(bucket) || !bucket.has(demand.bytes, now))
      if (short.length === 0) {
        if (!onReady(demand)) {
          return
        }
        continue
      }
      // one that waits for somebody else's turn can only be next after that one
      if (!short.some((bucket) => kept.has(bucket))) {
        onShort(Math.max(...short.map((bucket) => bucket.waitMs(demand.bytes, now))))
      }
      short.forEach((bucket) => kept.add(bucket))
      if (this.#node !== undefined && kept.has(this.#node)) {
        return // it is over everybody
      }
    }
  }

  #over({ share, peer }: RatePath): TokenBucket[] {
    return [this.#node, this.#shares.get(share), this.#peers.get(peer)].filter((bucket) => bucket !== undefined)
  }
}

function changed(bucket: TokenBucket | undefined, bytesPerSecond: number, now: number): TokenBucket | undefined {
  if (bytesPerSecond === Infinity) {
    return undefined
  }
  if (bucket === undefined) {
    return new TokenBucket(bytesPerSecond, now)
  }
  bucket.change(bytesPerSecond, now)
  return bucket
}

function setOrDelete(buckets: Map<string, TokenBucket>, key: string, bucket: TokenBucket | undefined): void {
  if (bucket === undefined) {
    buckets.delete(key)
  } else {
    buckets.set(key, bucket)
  }
}
