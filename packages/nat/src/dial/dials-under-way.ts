import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from '../paths/choose-path.ts'
import { MAX_BROUGHT_ADDRESSES, OWN_DIAL_GRACE_MS } from './constants.ts'
import type { DialRace } from './dial-race.ts'

/**
 * Who waits for a connection to which peer. libp2p lets a second dial of a peer wait for the first one, with that one's
 * addresses: it would wait for dead addresses until they are given up, while it knows a better one, or while the peer itself has
 * connected.
 */
export class DialsUnderWay {
  readonly #races = new Map<string, DialRace>()
  readonly #waiting = new Map<string, Set<(connection: Connection) => void>>()
  /** Brought before libp2p had found out what the first dial is to try. */
  readonly #early = new Map<string, readonly Multiaddr[]>()

  /** From now until it is over, `race` is for this peer. */
  add(peer: string, race: DialRace): void {
    this.#races.set(peer, race)
    race.add(this.#early.get(peer) ?? [])
    this.#early.delete(peer)
    void race.ended.then(() => {
      if (this.#races.get(peer) === race) {
        this.#races.delete(peer)
      }
    })
  }

  /** Addresses that a later dial of the peer knows: what is under way tries them too, those that `isAllowed`. */
  async bring(
    peer: PeerId,
    addresses: readonly Multiaddr[],
    isAllowed: (address: Multiaddr) => Promise<boolean>
  ): Promise<void> {
    const key = peer.toString()
    if (!this.#races.has(key) && !this.#waiting.has(key)) {
      return // it is the first
    }
    const asked = addresses.slice(0, MAX_BROUGHT_ADDRESSES)
    const answers = await Promise.all(asked.map(async (address) => isAllowed(address)))
    const allowed = asked.filter((_, at) => answers[at] === true).flatMap((address) => withPeer(address, peer) ?? [])
    const race = this.#races.get(key)
    if (race !== undefined) {
      race.add(allowed)
    } else if (this.#waiting.has(key)) {
      this.#early.set(key, [...(this.#early.get(key) ?? []), ...allowed].slice(0, MAX_BROUGHT_ADDRESSES))
    }
  }

  /** What `dial` comes to, or a connection that the peer opens meanwhile. */
  async dialledOrOpened(peer: PeerId, dial: () => Promise<Connection>): Promise<Connection> {
    const key = peer.toString()
    const { promise, resolve } = Promise.withResolvers<Connection>()
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(resolve))
    try {
      return await Promise.race([dial(), promise])
    } finally {
      waiting.delete(resolve)
      if (waiting.size === 0 && this.#waiting.get(key) === waiting) {
        this.#waiting.delete(key)
        this.#early.delete(key)
      }
    }
  }

  /** A connection to a peer is open. One over a relay is not what a dial would have been spared for. */
  opened(connection: Connection): void {
    if (isRelayed(connection) || !this.#waiting.has(connection.remotePeer.toString())) {
      return
    }
    if (connection.direction === 'inbound') {
      this.#give(connection)
    } else {
      setTimeout(() => this.#give(connection), OWN_DIAL_GRACE_MS).unref()
    }
  }

  #give(connection: Connection): void {
    const key = connection.remotePeer.toString()
    if (connection.status === 'open') {
      this.#waiting.get(key)?.forEach((take) => take(connection))
      this.#races.get(key)?.take(connection)
    }
  }
}

/** libp2p dials addresses with the peer's id in them, and so checks who answers. Absent: it is one of another peer. */
function withPeer(address: Multiaddr, peer: PeerId): Multiaddr | undefined {
  const last = address.getComponents().at(-1)
  if (last?.name !== 'p2p') {
    return address.encapsulate(`/p2p/${peer.toString()}`)
  }
  return last.value === peer.toString() ? address : undefined
}
