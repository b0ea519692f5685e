import type { AbortOptions, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** Peers that are remembered; beyond, the one that was written longest ago is forgotten. */
export const MAX_REMEMBERED_PEERS = 1024

/** What was written this long ago is written again: the store counts the age of a peer from then. */
export const REMEMBERED_MS = 60_000

/** What was read or written this recently is not read again: tags and addresses run out so much later at most. */
export const READ_MS = 5_000

interface Remembered {
  readonly peer: Peer
  readonly protocols: ReadonlySet<string>
  /** Without the peer id at the end, as the store keeps them. */
  readonly addresses: ReadonlySet<string>
  readonly at: number
}

/** The methods of a peer store that change a peer, and the one that all reading of one goes through. */
type WritableStore = Pick<PeerStore, 'merge' | 'patch' | 'save' | 'delete' | 'get'>

/**
 * Spares a peer store what it knows already. libp2p merges the protocol of every stream into it, at both ends and before
 * either may use the stream, and the DHT the addresses of every peer that any answer names: each time a lock, a read and a
 * write of the database, two codings and three of each address. An answer of the DHT reads 20 peers, each with a lock and a
 * coding of its own.
 *
 * @param store - its methods are replaced
 * @param now - milliseconds
 */
export function rememberPeers(store: WritableStore, now: () => number = Date.now): void {
  const remembered = new Map<string, Remembered>()
  const recent = new RecentPeers(now)
  const { merge, patch, save, get } = store
  const remove = store.delete

  store.merge = async (id: PeerId, data: PeerData, options?: AbortOptions): Promise<Peer> => {
    const key = id.toString()
    const known = remembered.get(key)
    if (known !== undefined && now() - known.at < REMEMBERED_MS && saysNothingNew(key, data, known)) {
      return known.peer
    }
    const peer = await recent.writing(key, merge.call(store, id, data, options))
    remembered.delete(key) // the newest is the last
    remembered.set(key, { ...index(key, peer), at: now() })
    const [oldest] = remembered.keys()
    if (remembered.size > MAX_REMEMBERED_PEERS && oldest !== undefined) {
      remembered.delete(oldest)
    }
    return peer
  }
  // these may take something away
  store.patch = async (id, data, options) => forgetting(id, patch.call(store, id, data, options))
  store.save = async (id, data, options) => forgetting(id, save.call(store, id, data, options))
  store.delete = async (id, options) => forgetting(id, remove.call(store, id, options))
  store.get = async (id, options) => {
    options?.signal?.throwIfAborted()
    return recent.read(id.toString(), async () => get.call(store, id, options))
  }

  async function forgetting<T>(id: PeerId, write: Promise<T>): Promise<T> {
    const key = id.toString()
    return recent.writing(key, write).finally(() => remembered.delete(key))
  }
}

/** Peers as they were just read. One that is being written is read from the store, which lets its readers wait. */
class RecentPeers {
  readonly #now: () => number
  readonly #peers = new Map<string, { readonly peer: Peer; readonly at: number }>()
  #writes = 0

  constructor(now: () => number) {
    this.#now = now
  }

  async read(key: string, load: () => Promise<Peer>): Promise<Peer> {
    const known = this.#peers.get(key)
    if (known !== undefined && this.#now() - known.at < READ_MS) {
      return known.peer
    }
    const writes = this.#writes
    const peer = await load()
    if (writes === this.#writes) {
      this.#keep(key, peer)
    }
    return peer
  }

  async writing<T>(key: string, write: Promise<T>): Promise<T> {
    this.#forget(key)
    return write.finally(() => {
      this.#forget(key)
    })
  }

  #keep(key: string, peer: Peer): void {
    this.#peers.delete(key) // the newest is the last
    this.#peers.set(key, { peer, at: this.#now() })
    const [oldest] = this.#peers.keys()
    if (this.#peers.size > MAX_REMEMBERED_PEERS && oldest !== undefined) {
      this.#peers.delete(oldest)
    }
  }

  #forget(key: string): void {
    this.#writes++
    this.#peers.delete(key)
  }
}

function index(key: string, peer: Peer): Omit<Remembered, 'at'> {
  const addresses = peer.addresses.map(({ multiaddr }) => withoutPeer(key, multiaddr))
  return { peer, protocols: new Set(peer.protocols), addresses: new Set(addresses) }
}

/** Whether it is about protocols and addresses alone, and all of those are known. */
function saysNothingNew(
  key: string,
  { protocols = [], multiaddrs = [], ...rest }: PeerData,
  known: Remembered
): boolean {
  return (
    Object.keys(rest).length === 0 &&
    protocols.every((protocol) => known.protocols.has(protocol)) &&
    multiaddrs.every((address) => known.addresses.has(withoutPeer(key, address)))
  )
}

function withoutPeer(key: string, address: { toString(): string }): string {
  const text = address.toString()
  const suffix = `/p2p/${key}`
  return text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
}
