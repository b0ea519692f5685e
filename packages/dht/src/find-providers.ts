import type { AbortOptions, PeerId, PeerInfo, PeerStore } from '@libp2p/interface'
import { isGone, rankByStanding, standingOf } from '@p2pshare/interface'
import type { MembershipView, PeerStanding, Provider } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { MAX_PROVIDERS, MAX_PROVIDER_ADDRESSES } from './constants.ts'
import type { Kad } from './kad.ts'
import { abortable } from './wait.ts'

type Address = PeerInfo['multiaddrs'][number]

/** What a search asks. */
export interface FindComponents {
  readonly kad: Kad
  readonly self: PeerId
  readonly peerStore: Pick<PeerStore, 'get'>
  /** Who is alive, if somebody knows. */
  readonly membership?: Pick<MembershipView, 'member'> | undefined
}

/**
 * One search: providers as they are found, each once, never `self`, at most `MAX_PROVIDERS`. Those of one answer come
 * the best first (alive, near); who is dead or left comes at the end of the search, and only when nobody else was found:
 * the verdict may be wrong. While the table is empty it answers from local records, waits up to `tableWaitMs` for a first
 * peer and searches again.
 */
export async function* searchProviders(
  components: FindComponents,
  root: CID,
  tableWaitMs: number,
  options: AbortOptions
): AsyncGenerator<Provider, void, undefined> {
  const { kad, self, membership } = components
  const standing = ({ id }: PeerInfo): PeerStanding => standingOf(id, membership)
  const seen = new Set([self.toString()])
  const gone: PeerInfo[] = []
  for (;;) {
    const alone = kad.tableSize() === 0
    for await (const providers of namedProviders(kad, root, options)) {
      for (const info of rankByStanding(providers, standing)) {
        const id = info.id.toString()
        if (seen.has(id)) {
          continue
        }
        seen.add(id)
        if (isGone(standing(info))) {
          gone.push(info)
          continue
        }
        yield await toProvider(info, components.peerStore, options)
        if (seen.size > MAX_PROVIDERS) {
          return
        }
      }
    }
    if (!alone || !(await peerJoined(kad, tableWaitMs, options))) {
      break
    }
  }
  if (seen.size === gone.length + 1) {
    for (const info of gone) {
      yield await toProvider(info, components.peerStore, options)
    }
  }
}

/** Those named in this node's own records, then in each answer. */
async function* namedProviders(
  kad: Kad,
  root: CID,
  options: AbortOptions
): AsyncGenerator<readonly PeerInfo[], void, undefined> {
  yield await kad.localProviders(root)
  for await (const event of kad.findProviders(root, options)) {
    if (event.name === 'PROVIDER') {
      yield event.providers
    }
  }
}

/** Whether a peer is in the table within `waitMs`. */
async function peerJoined(kad: Kad, waitMs: number, options: AbortOptions): Promise<boolean> {
  if (kad.tableSize() > 0) {
    return true
  }
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const unsubscribe = kad.onPeer(() => {
    resolve(true)
  })
  const timer = setTimeout(() => {
    resolve(false)
  }, waitMs)
  try {
    return await abortable(promise, options)
  } finally {
    clearTimeout(timer)
    unsubscribe()
  }
}

async function toProvider(
  info: PeerInfo,
  peerStore: FindComponents['peerStore'],
  options: AbortOptions
): Promise<Provider> {
  let { multiaddrs } = info
  if (multiaddrs.length === 0) {
    try {
      const peer = await peerStore.get(info.id, options)
      multiaddrs = peer.addresses.map((address) => address.multiaddr)
    } catch {
      // an unknown peer: the id alone is still worth a try over peer routing
    }
  }
  return {
    id: info.id,
    multiaddrs: multiaddrs.slice(0, MAX_PROVIDER_ADDRESSES).flatMap((each) => withPeer(each, info.id))
  }
}

/** The address with the provider's id at its end, so that who answers there is checked; nothing if it names another. */
function withPeer(address: Address, id: PeerId): Address[] {
  const last = address.getComponents().at(-1)
  if (last?.name !== 'p2p') {
    return [address.encapsulate(`/p2p/${id.toString()}`)]
  }
  return last.value === id.toString() ? [address] : []
}
