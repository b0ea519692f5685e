import type { Connection, Logger, PeerId } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import { openLanes, SessionRejectedError } from './handshake.ts'
import type { LanePair } from './handshake.ts'
import { DRAIN_MS } from './link.ts'
import { MoveBudget } from './move-budget.ts'
import type { Session } from './session.ts'

/** Dialling, where it must be, and both lanes: less than a lost session waits (`RESUME_MS`). */
const MOVE_TIMEOUT_MS = 3000

/** A session that has a connection tries again to move after this; doubled each time up to the maximum. */
const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 30_000

/** The same for one that has none: its peer may have gone, and then others are to be asked soon. */
const LOST_RETRY_MS = 200

/** Tries without a connection; after the last one the peer counts as gone, and others are asked. */
const MAX_LOST_TRIES = 3

/**
 * A session that has a connection moves on when both sides are done with the lanes before, or after `DRAIN_MS`: each move
 * cuts a leaf in two, and a receiver has memory for a few of those. This is how often it is looked at.
 */
const SETTLE_LOOK_MS = 20

/** What a lost session tries for longer is given up when another connection is better by then. */
const PATIENCE_MS = 300

/** The same for one that has a connection: long enough for a relay under load, and less than `MOVE_TIMEOUT_MS`. */
const CONNECTED_PATIENCE_MS = 1000

export interface MoverInit {
  /** The connection that the session should be on, of those that are open; `current` is the one it is, or was, on. */
  best(peer: PeerId, current: Connection): Connection | undefined
  /** A new connection. `force`: those that are there are no use. */
  dial(peer: PeerId, options: { readonly signal: AbortSignal; readonly force: boolean }): Promise<Connection>
  /** Hand the lanes to the session; `false` when it cannot take them. */
  moved(session: Session, lanes: LanePair, connection: Connection): boolean
  readonly shutdown: AbortSignal
  readonly log: Logger
}

interface Attempt {
  readonly abort: AbortController
  readonly began: number
  /** Absent while it is dialled. */
  connection: Connection | undefined
}

interface Row {
  readonly session: Session
  readonly id: Uint8Array
  readonly budget: MoveBudget
  /** What the session is on, or was on last. */
  connection: Connection
  /** Moves that were begun; the peer may have taken one for done. */
  begun: number
  failures: number
  /** What is being tried. */
  attempt: Attempt | undefined
  /** The last connection that lanes could not be opened on. */
  failedOn: Connection | undefined
  movedAt: number
  /** Something happened meanwhile. */
  again: boolean
  timer: NodeJS.Timeout | undefined
}

/**
 * Moves the sessions that this node opened (SPEC.md#moves): to a better connection when there is one, and to any when
 * theirs was lost. One move of a session at a time.
 */
export class Mover {
  readonly #init: MoverInit
  readonly #rows = new Map<Session, Row>()

  constructor(init: MoverInit) {
    this.#init = init
  }

  /** A session that this node opened, and that its peer can move. */
  add(session: Session, id: Uint8Array, connection: Connection): void {
    const row: Row = {
      session,
      id,
      connection,
      budget: new MoveBudget(performance.now()),
      begun: 0,
      failures: 0,
      attempt: undefined,
      failedOn: undefined,
      movedAt: -Infinity,
      again: false,
      timer: undefined
    }
    this.#rows.set(session, row)
    void session.closed.then(() => {
      this.#rows.delete(session)
      clearTimeout(row.timer)
      row.attempt?.abort.abort()
    })
    this.#pump(row)
  }

  /** There may be a better connection to this peer. */
  consider(peer: PeerId): void {
    for (const row of this.#rows.values()) {
      if (row.session.peer.equals(peer)) {
        this.#pump(row)
      }
    }
  }

  /** The connection of a session was lost. */
  lost(session: Session): void {
    const row = this.#rows.get(session)
    if (row !== undefined) {
      row.failures = 0
      this.#pump(row)
    }
  }

  #pump(row: Row): void {
    clearTimeout(row.timer)
    if (row.attempt !== undefined) {
      row.again = true
      this.#abortIfUseless(row, row.attempt)
      return
    }
    const { session } = row
    const best = this.#init.best(session.peer, row.connection)
    const stays = session.isConnected && (best === undefined || best === row.connection)
    if (stays || !session.isOpen || this.#init.shutdown.aborted) {
      return
    }
    const now = performance.now()
    if (session.isConnected && !session.isSettled && now - row.movedAt < DRAIN_MS) {
      this.#later(row, SETTLE_LOOK_MS)
      return
    }
    if (!row.budget.take(now)) {
      this.#later(row, RETRY_MIN_MS)
      return
    }
    void this.#try(row, best)
  }

  /**
   * There is no time to wait for a connection that does not answer when another one is better by now. Nor for long where the
   * session is still connected: it may be moving because its own connection is silent as well.
   */
  #abortIfUseless(row: Row, attempt: Attempt): void {
    const { session, connection } = row
    const best = this.#init.best(session.peer, connection)
    if (best === undefined || best === attempt.connection) {
      return
    }
    const patienceMs = session.isConnected ? CONNECTED_PATIENCE_MS : PATIENCE_MS
    const left = attempt.began + patienceMs - performance.now()
    if (left <= 0) {
      attempt.abort.abort(new DOMException('there is a better connection', 'AbortError'))
    } else {
      this.#later(row, left)
    }
  }

  async #try(row: Row, best: Connection | undefined): Promise<void> {
    const { session } = row
    const abort = new AbortController()
    const attempt: Attempt = { abort, connection: best, began: performance.now() }
    row.attempt = attempt
    const signal = anySignal([abort.signal, this.#init.shutdown, AbortSignal.timeout(MOVE_TIMEOUT_MS)])
    try {
      // one that did not work a moment ago may only look open
      const force = best !== undefined && best === row.failedOn && !session.isConnected
      const usable = force ? undefined : best
      const connection = usable ?? (await this.#init.dial(session.peer, { signal, force }))
      attempt.connection = connection
      await this.#move(row, connection, signal)
      row.failures = 0
      row.failedOn = undefined
      row.again = true // the best one may be another one by now
    } catch (error) {
      this.#init.log('session with %p did not move - %e', session.peer, error)
      row.failedOn = attempt.connection
      this.#failed(row, error)
    } finally {
      signal.clear()
      row.attempt = undefined
    }
    if (row.again) {
      row.again = false
      this.#pump(row)
    }
  }

  async #move(row: Row, connection: Connection, signal: AbortSignal): Promise<void> {
    const { session } = row
    row.begun = Math.max(row.begun, session.move) + 1
    const move = { session: row.id, move: row.begun, heard: session.heard }
    const lanes = await openLanes(connection, session.root, { signal, move })
    if (!this.#init.moved(session, lanes, connection)) {
      const reason = new DOMException('the session cannot go on', 'AbortError')
      lanes.control.abort(reason)
      lanes.data.abort(reason)
      session.giveUp()
      return
    }
    row.connection = connection
    row.movedAt = performance.now()
    this.#init.log('session with %p moved to %a', session.peer, connection.remoteAddr)
  }

  #failed(row: Row, error: unknown): void {
    const { session } = row
    row.failures++
    if (session.isConnected) {
      this.#later(row, Math.min(RETRY_MIN_MS * 2 ** Math.min(row.failures - 1, 16), RETRY_MAX_MS))
    } else if (error instanceof SessionRejectedError || (row.failures >= MAX_LOST_TRIES && !row.again)) {
      session.giveUp()
    } else {
      this.#later(row, LOST_RETRY_MS * 2 ** (row.failures - 1))
    }
  }

  #later(row: Row, ms: number): void {
    row.timer = setTimeout(() => {
      this.#pump(row)
    }, ms)
  }
}
