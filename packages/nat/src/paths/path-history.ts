import type { Connection, PeerId } from '@libp2p/interface'
import type { Path } from '@p2pshare/interface'
import { toPath } from './choose-path.ts'
import { MAX_CHANGES_KEPT, MAX_PEERS_KEPT } from './constants.ts'
import type { PathEvent, PathState } from './path-state.ts'

/** Why bytes took another connection. */
export type PathChangeReason = 'better' | 'closed' | 'silent' | 'network-changed'

/** One change of the best connection to a peer. */
export interface PathChange {
  readonly peer: PeerId
  readonly from: Path
  readonly to: Path
  readonly reason: PathChangeReason
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/** The last changes of each peer. */
export class PathHistory {
  readonly #changes = new Map<string, PathChange[]>()
  readonly #last = new Map<string, Path>()

  of(peer: PeerId): readonly PathChange[] {
    return this.#changes.get(peer.toString()) ?? []
  }

  add(
    entry: { readonly peer: PeerId; readonly state: PathState; readonly connections: ReadonlyMap<string, Connection> },
    before: PathState,
    event: PathEvent['type']
  ): PathChange {
    const { peer, state, connections } = entry
    const key = peer.toString()
    const best = connections.get(state.best ?? '')
    const to: Path = best === undefined ? { kind: 'none' } : toPath(best)
    const from = before.best === undefined ? NONE : (this.#last.get(key) ?? NONE)
    const change: PathChange = { peer, from, to, reason: reasonOf(state, before, event), at: Date.now() }
    const known = this.#changes.get(key) ?? []
    // again at the end: the map's order is that of the last change
    this.#changes.delete(key)
    this.#changes.set(key, [...known, change].slice(-MAX_CHANGES_KEPT))
    this.#last.set(key, to)
    this.#bound()
    return change
  }

  #bound(): void {
    const [oldest] = this.#changes.keys()
    if (this.#changes.size > MAX_PEERS_KEPT && oldest !== undefined) {
      this.#changes.delete(oldest)
      this.#last.delete(oldest)
    }
  }
}

const NONE: Path = Object.freeze({ kind: 'none' })

function reasonOf(state: PathState, before: PathState, event: PathEvent['type']): PathChangeReason {
  if (event === 'network-changed') {
    return 'network-changed'
  }
  const left = state.links.find(({ id }) => id === before.best)
  if (before.best !== undefined && left === undefined) {
    return 'closed'
  }
  return left !== undefined && left.health !== 'well' ? 'silent' : 'better'
}
