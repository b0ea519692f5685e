import type { Connection, Libp2pEvents, Logger, PeerId, TypedEventTarget } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { PathView } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import type { ChannelAccess } from '../session/channel-target.ts'
import { chooseConnection } from '../session/choose-connection.ts'
import type { Hello, LanePair } from '../session/handshake.ts'
import { streamLane } from '../session/lane.ts'
import { MAX_MOVES_PER_MINUTE, MoveBudget } from '../session/move-budget.ts'
import { Mover } from '../session/mover.ts'
import type { Session, SessionMoves as Moves } from '../session/session.ts'
import type { RejectReason } from '../wire/codec.ts'
import type { SessionTable } from './session-table.ts'

export interface SessionMovesComponents {
  readonly connectionManager: ConnectionManager
  readonly events?: TypedEventTarget<Libp2pEvents>
}

export interface SessionMovesInit {
  readonly sessions: SessionTable
  readonly log: Logger
  paths(): PathView | undefined
  /** How bulk channels beside a connection are opened. */
  access(connection: Connection): ChannelAccess | undefined
}

/** Keeps the sessions of this node on the best connection: those it opened by moving them, the others by following. */
export class SessionMoves {
  readonly #components: SessionMovesComponents
  readonly #init: SessionMovesInit
  /** Of sessions that peers move; twice what a peer of ours allows itself, for clocks differ. */
  readonly #budgets = new WeakMap<Session, MoveBudget>()
  #mover: Mover | undefined

  constructor(components: SessionMovesComponents, init: SessionMovesInit) {
    this.#components = components
    this.#init = init
  }

  start(shutdown: AbortSignal): void {
    const mover = new Mover({
      shutdown,
      log: this.#init.log,
      best: (peer, current) => this.#best(peer, current),
      dial: async (peer, options) => this.#components.connectionManager.openConnection(peer, options),
      moved: (session, lanes, connection) => this.#moveTo(session, lanes, connection)
    })
    this.#mover = mover
    const unlisten = this.#init.paths()?.onChange?.((peer) => {
      mover.consider(peer)
    })
    const onOpen = ({ detail }: CustomEvent<Connection>): void => {
      mover.consider(detail.remotePeer)
    }
    this.#components.events?.addEventListener('connection:open', onOpen)
    shutdown.addEventListener('abort', () => {
      unlisten?.()
      this.#components.events?.removeEventListener('connection:open', onOpen)
    })
  }

  /** This node opened a session on this connection. */
  opened(session: Session, connection: Connection): void {
    if (session.id !== undefined) {
      this.#mover?.add(session, session.id, connection)
    }
  }

  /** How the session of these lanes can move; `undefined`: its peer cannot do that. */
  of({ moves, session: id, first }: LanePair, session: () => Session): Moves | undefined {
    const lost = (): void => {
      this.#mover?.lost(session())
    }
    return moves ? { id, first, lost } : undefined
  }

  /** A peer wants to move its session: how much of it was heard here, or why not. */
  admit(peer: PeerId, { root, session: id, move = 0, heard = 0 }: Hello): number | RejectReason {
    const session = this.#init.sessions.find(peer, root, id)
    if (session?.canMove(move, heard) !== true) {
      return 'not-held'
    }
    const now = performance.now()
    const budget = this.#budgets.get(session) ?? new MoveBudget(now, 2 * MAX_MOVES_PER_MINUTE)
    this.#budgets.set(session, budget)
    return budget.take(now) ? session.heard : 'busy'
  }

  /** Both lanes of a move that was admitted are here. */
  accepted(peer: PeerId, root: CID, lanes: LanePair, connection: Connection): void {
    const session = this.#init.sessions.find(peer, root, lanes.session)
    if (session === undefined || !this.#moveTo(session, lanes, connection)) {
      const reason = new DOMException('the session is over', 'AbortError')
      lanes.control.abort(reason)
      lanes.data.abort(reason)
    }
  }

  #best(peer: PeerId, current: Connection): Connection | undefined {
    const paths = this.#init.paths()
    return paths?.best === undefined
      ? chooseConnection(this.#components.connectionManager.getConnections(peer), current)
      : paths.best(peer)
  }

  #moveTo(session: Session, { control, data, move, heardThere }: LanePair, connection: Connection): boolean {
    const isPossible = session.canMove(move, heardThere)
    if (isPossible) {
      this.#init.sessions.moved(session, connection)
      session.moveTo({
        move,
        heardThere,
        control: streamLane(control),
        data: streamLane(data),
        rttMs: connection.rtt,
        access: this.#init.access(connection)
      })
    }
    return isPossible
  }
}
