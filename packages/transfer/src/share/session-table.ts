import type { Connection, PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { compare } from 'uint8arrays/compare'
import { equals } from 'uint8arrays/equals'
import type { Session } from '../session/session.ts'
import type { RejectReason } from '../wire/codec.ts'

interface Row {
  readonly session: Session
  readonly outbound: boolean
  /** What it is on, or was on last. */
  connection: Connection
}

/**
 * One session a peer and root. When both sides open one at the same time, the one that the smaller peer id opened
 * stays (SPEC.md#sessions).
 */
export class SessionTable {
  readonly #self: PeerId
  readonly #max: number
  readonly #broke: (peer: PeerId) => void
  readonly #rows = new Map<string, Row>()

  /** @param broke - called when a peer begins a session beside one that it has on the same connection */
  constructor(self: PeerId, max: number, broke: (peer: PeerId) => void = () => undefined) {
    this.#self = self
    this.#max = max
    this.#broke = broke
  }

  get size(): number {
    return this.#rows.size
  }

  has(peer: PeerId, root: CID): boolean {
    return this.#rows.has(keyOf(peer, root))
  }

  /** The session with this name, which only its peer and this node know, if the peer opened it. */
  find(peer: PeerId, root: CID, id: Uint8Array): Session | undefined {
    const row = this.#rows.get(keyOf(peer, root))
    const isIt = row?.outbound === false && row.session.id !== undefined && equals(row.session.id, id)
    return isIt ? row.session : undefined
  }

  /** The session goes on over another connection. */
  moved(session: Session, connection: Connection): void {
    const row = this.#rows.get(keyOf(session.peer, session.root))
    if (row?.session === session) {
      row.connection = connection
    }
  }

  /** Why a session that the peer wants to open should not be, if so. */
  refusal(peer: PeerId, root: CID): RejectReason | undefined {
    const row = this.#rows.get(keyOf(peer, root))
    if (row === undefined) {
      return this.#rows.size >= this.#max ? 'busy' : undefined
    }
    const isUsed = row.session.isConnected && row.connection.status === 'open'
    const ours = row.outbound && isUsed && this.#isSmaller(peer)
    return ours ? 'duplicate' : undefined
  }

  /** Returns false, and closes the session, when another one of the pair stays. */
  add(session: Session, connection: Connection, outbound: boolean): boolean {
    const key = keyOf(session.peer, session.root)
    const row = this.#rows.get(key)
    if (row !== undefined && outbound && !row.outbound && !this.#isSmaller(session.peer)) {
      session.close('the peer opened one at the same time')
      return false
    }
    // what it says about the one before comes first: who begins anew all the time makes this node begin anew
    if (row !== undefined && !outbound && !row.outbound && row.connection === connection && row.session.isConnected) {
      this.#broke(session.peer)
    }
    // at once: what is queued for a peer that went away must not stay
    row?.session.fail(new InvalidMessageError('replaced by a newer session'))
    this.#rows.set(key, { session, outbound, connection })
    void session.closed.then(() => {
      if (this.#rows.get(key)?.session === session) {
        this.#rows.delete(key)
      }
    })
    return true
  }

  /** End every session with a peer. */
  reject(peer: PeerId, reason: RejectReason): void {
    for (const { session } of [...this.#rows.values()]) {
      if (session.peer.equals(peer)) {
        session.reject(reason)
      }
    }
  }

  #isSmaller(peer: PeerId): boolean {
    return compare(this.#self.toMultihash().bytes, peer.toMultihash().bytes) < 0
  }
}

function keyOf(peer: PeerId, root: CID): string {
  return `${peer.toString()} ${root.toString()}`
}
