import type { PeerId } from '@libp2p/interface'

/** What becomes of bytes that were of no use. */
export type Waste =
  /** They did not have the hash of what they were sent as. */
  | 'corrupt'
  /** Wanted once: they came from somebody else first, or were cancelled too late. */
  | 'duplicate'
  /** Nobody had asked for them. Inner nodes only: a leaf that nobody asked for ends the session before it is read. */
  | 'unrequested'

/**
 * Bytes of leaves and inner nodes that came. What is neither useful nor wasted yet belongs to what is not complete: it is
 * on its way, or will be asked for again.
 */
export interface Traffic {
  readonly received: number
  /** Verified, and kept. */
  readonly useful: number
  readonly wasted: Readonly<Record<Waste, number>>
}

/** What one peer contributed to a download. */
export interface SourceReport {
  readonly peer: PeerId
  /** Verified bytes of the content that came from this peer. */
  readonly bytes: number
  /** All that came from it, inner nodes too. */
  readonly traffic: Traffic
}

/** Peers that are told apart in the account of one download; then the one that sent least is only in the totals. */
export const MAX_TRAFFIC_PEERS = 256

/** What came of one leaf from a peer. */
interface Part {
  readonly peer: PeerId
  readonly bytes: number
}

interface Count {
  received: number
  useful: number
  readonly wasted: Record<Waste, number>
}

interface Source extends Part {
  bytes: number
  readonly count: Count
}

/** The account of one download: what came, what it was good for, and from whom. Pure. */
export class TrafficAccount {
  readonly #total = newCount()
  readonly #sources = new Map<string, Source>()

  get total(): Traffic {
    return copyOf(this.#total)
  }

  /** Who sent something; who sent most of the content is first. */
  get sources(): SourceReport[] {
    return [...this.#sources.values()]
      .map(({ peer, bytes, count }) => ({ peer, bytes, traffic: copyOf(count) }))
      .sort((a, b) => b.bytes - a.bytes)
  }

  received(peer: PeerId, bytes: number): void {
    this.#add(peer, (count) => {
      count.received += bytes
    })
  }

  wasted(peer: PeerId, bytes: number, why: Waste): void {
    this.#add(peer, (count) => {
      count.wasted[why] += bytes
    })
  }

  /** An inner node. */
  node(peer: PeerId, bytes: number): void {
    this.#add(peer, (count) => {
      count.useful += bytes
    })
  }

  /** A leaf of so many bytes was stored. Two peers may have sent the same block: what is more than the leaf is waste. */
  leaf(parts: Iterable<Part>, leafBytes: number): void {
    let left = leafBytes
    for (const { peer, bytes } of parts) {
      const used = Math.min(bytes, left)
      left -= used
      const source = this.#add(peer, (count) => {
        count.useful += used
        count.wasted.duplicate += bytes - used
      })
      source.bytes += used
    }
  }

  #add(peer: PeerId, change: (count: Count) => void): Source {
    const source = this.#source(peer)
    change(source.count)
    change(this.#total)
    return source
  }

  #source(peer: PeerId): Source {
    const key = peer.toString()
    const known = this.#sources.get(key)
    if (known !== undefined) {
      return known
    }
    if (this.#sources.size >= MAX_TRAFFIC_PEERS) {
      this.#forgetLeast()
    }
    const source = { peer, bytes: 0, count: newCount() }
    this.#sources.set(key, source)
    return source
  }

  #forgetLeast(): void {
    const [first, ...others] = this.#sources
    if (first !== undefined) {
      const [least] = others.reduce((a, b) => (b[1].count.received < a[1].count.received ? b : a), first)
      this.#sources.delete(least)
    }
  }
}

/** Of a transfer for which nothing was fetched. */
export const NO_TRAFFIC: Traffic = Object.freeze({
  received: 0,
  useful: 0,
  wasted: Object.freeze({ corrupt: 0, duplicate: 0, unrequested: 0 })
})

function newCount(): Count {
  return { received: 0, useful: 0, wasted: { corrupt: 0, duplicate: 0, unrequested: 0 } }
}

function copyOf({ received, useful, wasted }: Count): Traffic {
  return { received, useful, wasted: { ...wasted } }
}
