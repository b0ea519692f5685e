import type { PeerId } from '@libp2p/interface'
import type { BanReason } from '../bans/ban.ts'
import type { Waste } from '../traffic.ts'
import type { LeafPart } from './leaf-assembly.ts'

/** What a download or the node wants to know. */
export interface SwarmEvents {
  joined(peer: PeerId): void
  left(peer: PeerId, reason: string): void
  /** Repeated stalls, or it is banned from now on: not to be asked again. */
  dropped(peer: PeerId, reason: BanReason | 'stalled'): void
  /** A leaf of so many bytes came from these peers; with its twins it is `done` bytes of the content. */
  stored(done: number, leafBytes: number, parts: Iterable<LeafPart>): void
  /** An inner node was verified and kept. */
  node(bytes: number, peer: PeerId): void
  /** Verified bytes were written: a leaf, or one of the many places of one. */
  alive(): void
  /** Bytes of leaves and nodes arrived; of no use if there is a `waste`. */
  received(bytes: number, peer: PeerId, waste: Waste | undefined): void
  /** So many of the bytes that had seemed useful were not. */
  wasted(bytes: number, peer: PeerId, waste: Waste): void
  /** To a peer that is still here, or has just left. */
  sent(bytes: number, peer: PeerId | undefined): void
  /** Nothing is missing any more. */
  completed(): void
  /** The store cannot go on. */
  failed(error: Error): void
}

const nothing = (): void => undefined

/** Nobody listens. */
export const SILENT: SwarmEvents = Object.freeze({
  joined: nothing,
  left: nothing,
  dropped: nothing,
  stored: nothing,
  node: nothing,
  alive: nothing,
  received: nothing,
  wasted: nothing,
  sent: nothing,
  completed: nothing,
  failed: nothing
})

/** Events for whoever listens at the time: first a download, then whoever looks after a share that is only served. */
export function forwardTo(listener: () => SwarmEvents, sent: SwarmEvents['sent']): SwarmEvents {
  return {
    joined: (peer) => {
      listener().joined(peer)
    },
    left: (peer, reason) => {
      listener().left(peer, reason)
    },
    dropped: (peer, reason) => {
      listener().dropped(peer, reason)
    },
    stored: (done, leafBytes, parts) => {
      listener().stored(done, leafBytes, parts)
    },
    node: (bytes, peer) => {
      listener().node(bytes, peer)
    },
    alive: () => {
      listener().alive()
    },
    received: (bytes, peer, waste) => {
      listener().received(bytes, peer, waste)
    },
    wasted: (bytes, peer, waste) => {
      listener().wasted(bytes, peer, waste)
    },
    sent: (bytes, peer) => {
      sent(bytes, peer)
      listener().sent(bytes, peer)
    },
    completed: () => {
      listener().completed()
    },
    failed: (error) => {
      listener().failed(error)
    }
  }
}
