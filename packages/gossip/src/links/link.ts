import type { Connection, PeerId } from '@libp2p/interface'
import type { LinkStream } from './link-stream.ts'

/** How good a connection is for a link: direct ones last, relayed ones have limits. */
export function rankOf(connection: Pick<Connection, 'direct' | 'limits'>): number {
  return connection.limits === undefined && connection.direct ? 1 : 0
}

/**
 * The streams of this node and one peer. One is used; others are on their way out, or were opened by both at the same
 * time. Both ends choose the same: on the better connection, then the one that the peer with the smaller id opened, then
 * the newest.
 */
export class Link {
  readonly peer: PeerId
  /** The machine asked for it, when it was not up. */
  isWanted = false
  /** The machine was told that it is up. */
  isToldUp = false
  /** A stream or a connection is being opened. */
  opening: AbortController | undefined
  readonly #streams = new Set<LinkStream>()
  readonly #oursFirst: boolean
  #best: LinkStream | undefined

  constructor(peer: PeerId, self: PeerId) {
    this.peer = peer
    this.#oursFirst = self.toString() < peer.toString()
  }

  get best(): LinkStream | undefined {
    return this.#best
  }

  get size(): number {
    return this.#streams.size
  }

  get queuedBytes(): number {
    let bytes = 0
    for (const stream of this.#streams) {
      bytes += stream.queuedBytes
    }
    return bytes
  }

  add(stream: LinkStream): void {
    this.#streams.add(stream)
    this.#choose()
  }

  remove(stream: LinkStream): void {
    this.#streams.delete(stream)
    this.#choose()
  }

  /** Say that nothing more comes, and take nothing more. */
  close(): void {
    for (const stream of this.#streams) {
      stream.retire({ quiet: true })
    }
  }

  abort(error: Error): void {
    for (const stream of this.#streams) {
      stream.abort(error)
    }
  }

  #choose(): void {
    let best: LinkStream | undefined
    // in the order in which they were added: of equals the newest
    for (const stream of this.#streams) {
      if (best === undefined || this.#compare(stream, best) >= 0) {
        best = stream
      }
    }
    this.#best = best
    for (const stream of this.#streams) {
      if (stream !== best && stream.isOurs) {
        stream.retire()
      }
    }
  }

  #compare(a: LinkStream, b: LinkStream): number {
    const rank = rankOf(a.connection) - rankOf(b.connection)
    return rank === 0 && a.isOurs !== b.isOurs ? (a.isOurs === this.#oursFirst ? 1 : -1) : rank
  }
}
