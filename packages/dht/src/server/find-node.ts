import type { PeerId, PeerStore } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { equals } from 'uint8arrays/equals'
import type { Kad } from '../kad.ts'
import { MAX_CONTACT_ADDRESSES, positionOfKey } from '../rpc/contacts.ts'
import { REPLICATION } from '../rules/network-size.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import { keyOf } from './provider-server.ts'

/** What a `FindNodeServer` works with. */
export interface FindNodeServerInit {
  readonly self: PeerId
  readonly kad: Pick<Kad, 'closest'>
  readonly peerStore: Pick<PeerStore, 'getInfo'>
  /** Whether an address belongs into this network. */
  readonly accepts: (address: Multiaddr) => boolean
  /** This node as others are told of it. */
  readonly selfRecord: () => PeerRecord
}

/** Answers FIND_NODE out of the table, as kad-dht does, without looking at all of it (SPEC.md#server). */
export class FindNodeServer {
  readonly #init: FindNodeServerInit

  constructor(init: FindNodeServerInit) {
    this.#init = init
  }

  /** Throws `InvalidMessageError` for a missing or oversized key. */
  async answer(sender: PeerId, { key = new Uint8Array(), clusterLevel }: KadMessage): Promise<KadMessage> {
    return {
      type: MessageType.FIND_NODE,
      ...(clusterLevel === undefined ? {} : { clusterLevel }),
      closer: await this.closer(key, sender),
      providers: []
    }
  }

  /**
   * The 20 nearest of the table, and before them the peer whose id the key is; never the one who asks, nobody without an
   * address, and this node only when it is looked for. Throws `InvalidMessageError` for a missing or oversized key.
   */
  async closer(key: Uint8Array, sender: PeerId): Promise<PeerRecord[]> {
    keyOf(key)
    const { self, kad, selfRecord } = this.#init
    const isOther = (id: PeerId): boolean => !id.equals(sender) && !id.equals(self)
    // these two may be among them
    const near = kad.closest(positionOfKey(key), REPLICATION + 2).filter(isOther)
    const named = peerOf(key)
    const ids = [
      ...(named !== undefined && isOther(named) ? [named] : []),
      ...near.slice(0, REPLICATION).filter((id) => named?.equals(id) !== true)
    ]
    const records = (await Promise.all(ids.map(async (id) => this.#recordOf(id)))).flat()
    const own = equals(key, self.toMultihash().bytes) ? [selfRecord()] : []
    return [...records, ...own].filter(({ multiaddrs }) => multiaddrs.length > 0)
  }

  /** Nothing when the peer store has forgotten the peer. */
  async #recordOf(id: PeerId): Promise<PeerRecord[]> {
    try {
      const { multiaddrs } = await this.#init.peerStore.getInfo(id)
      const usable = multiaddrs.filter((address) => this.#init.accepts(address)).slice(0, MAX_CONTACT_ADDRESSES)
      return [{ id: id.toMultihash().bytes, multiaddrs: usable.map(({ bytes }) => Uint8Array.from(bytes)) }]
    } catch {
      return []
    }
  }
}

/** `undefined` when the key is that of a root or anything else that is no peer. */
function peerOf(key: Uint8Array): PeerId | undefined {
  try {
    return peerIdFromMultihash(decodeDigest(key))
  } catch {
    return undefined
  }
}
