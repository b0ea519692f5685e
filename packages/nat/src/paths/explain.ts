import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Path } from '@p2pshare/interface'
import type { DialRecord } from '../dial/dial-log.ts'
import type { PunchAttempt } from '../types.ts'
import type { LinkKind } from './choose-path.ts'
import type { PathChange } from './path-history.ts'
import type { Link } from './path-state.ts'
import type { PathManager } from './path-manager.ts'

/** One connection, as it is told of. */
export interface ExplainedConnection {
  readonly id: string
  readonly kind: LinkKind
  readonly address: Multiaddr
  readonly direction: 'inbound' | 'outbound'
  /** Whether new bytes take it. */
  readonly best: boolean
  readonly health: Link['health']
  readonly rttMs?: number
  /** Open streams, by protocol. */
  readonly streams: readonly string[]
  /** What a relay still lets through, where it said so. */
  readonly limitBytes?: number
  readonly limitSeconds?: number
}

/** Why the path to a peer is what it is. */
export interface Explanation {
  readonly peer: PeerId
  readonly path: Path
  readonly connections: readonly ExplainedConnection[]
  /** How it came to this, oldest first. */
  readonly changes: readonly PathChange[]
  /** What was tried for a direct path, oldest first. */
  readonly attempts: readonly PunchAttempt[]
  /** For how long an attempt for a direct path has been under way, in milliseconds: it is not in `attempts` yet. */
  readonly attemptUnderWayMs?: number
  /** Addresses that were dialled, oldest first. */
  readonly dials: readonly DialRecord[]
}

/** Who knows what. */
export interface ExplainSources {
  readonly paths: Pick<PathManager, 'path' | 'links' | 'changes'>
  readonly attempts?: (peer: PeerId) => readonly PunchAttempt[]
  readonly attemptUnderWayMs?: (peer: PeerId) => number | undefined
  readonly dials?: (peer: PeerId) => readonly DialRecord[]
}

/** Everything that is known about the ways to a peer, in one place. */
export function explain(peer: PeerId, { paths, attempts, attemptUnderWayMs, dials }: ExplainSources): Explanation {
  const underWayMs = attemptUnderWayMs?.(peer)
  return {
    peer,
    path: paths.path(peer),
    connections: paths.links(peer).map(({ id, kind, best, health, rttMs, connection }) => ({
      id,
      kind,
      address: connection.remoteAddr,
      direction: connection.direction,
      best,
      health,
      ...(rttMs === undefined ? {} : { rttMs }),
      streams: connection.streams.map(({ protocol }) => protocol),
      ...(connection.limits?.bytes === undefined ? {} : { limitBytes: Number(connection.limits.bytes) }),
      ...(connection.limits?.seconds === undefined ? {} : { limitSeconds: connection.limits.seconds })
    })),
    changes: paths.changes(peer),
    attempts: attempts?.(peer) ?? [],
    ...(underWayMs === undefined ? {} : { attemptUnderWayMs: underWayMs }),
    dials: dials?.(peer) ?? []
  }
}
