import type { AbortOptions, Peer, PeerData, PeerId, PeerStore } from '@libp2p/interface'

/** Peers that are remembered; beyond, the one that was written longest ago is forgotten. */
export const MAX_REMEMBERED_PEERS = 1024

/** What was written this long ago is written again: the store counts the age of a peer from then. */
export const REMEMBERED_MS = 60_000

interface Remembered {
  readonly peer: Peer
  readonly protocols: ReadonlySet<string>
  /** Without the peer id at the end, as the store keeps them. */
  readonly addresses: ReadonlySet<string>
  readonly at: number
}

/** The methods of a peer store that change a peer. */
type WritableStore = Pick<PeerStore, 'merge' | 'patch' | 'save' | 'delete'>

/**
 * Spares a peer store what it knows already. libp2p merges the protocol of every stream into it, at both ends and before
 * either may use the stream, and the DHT the addresses of every peer that any answer names: each time a lock, a read and a
 * write of the database, two codings and three of each address.
 *
 * @param store - its methods are replaced
 * @param now - milliseconds
 */
export function rememberPeers(store: WritableStore, now: () => number = Date.now): void {
  const remembered = new Map<string, Remembered>()
  const { merge, patch, save } = store
  const remove = store.delete

  store.merge = async (id: PeerId, data: PeerData, options?: AbortOptions): Promise<Peer> => {
    const key = id.toString()
    const known = remembered.get(key)
    if (known !== undefined && now() - known.at < REMEMBERED_MS && saysNothingNew(key, data, known)) {
      return known.peer
    }
    const peer = await merge.call(store, id, data, options)
    remembered.delete(key) // the newest is the last
    remembered.set(key, { ...index(key, peer), at: now() })
    const [oldest] = remembered.keys()
    if (remembered.size > MAX_REMEMBERED_PEERS && oldest !== undefined) {
      remembered.delete(oldest)
    }
    return peer
  }
  // these may take something away
  store.patch = async (id, data, options) => patch.call(store, id, data, options).finally(() => forget(id))
  store.save = async (id, data, options) => save.call(store, id, data, options).finally(() => forget(id))
  store.delete = async (id, options) => remove.call(store, id, options).finally(() => forget(id))

  function forget(id: PeerId): void {
    remembered.delete(id.toString())
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
