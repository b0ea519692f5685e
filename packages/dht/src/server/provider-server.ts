import type { PeerId, PeerStore } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidMessageError } from '@p2pshare/interface'
import { base64url } from 'multiformats/bases/base64'
import { equals } from 'uint8arrays/equals'
import { groupOfAddress } from '../rpc/contacts.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import { AddRates } from './rate-limit.ts'
import { MAX_KEY_BYTES, MAX_RECORD_ADDRESSES, MAX_RECORD_ADDRESS_BYTES } from './record.ts'
import type { ProviderRecord } from './record.ts'
import type { RecordStore } from './record-store.ts'

/** Providers in one answer: 50 with 16 addresses each fit into a message, and a finder dials a few. */
export const MAX_ANSWER_RECORDS = 50

/** Who sent a request, and from where. */
export interface Sender {
  readonly id: PeerId
  readonly address: Multiaddr
}

/** What a `ProviderServer` works with. */
export interface ProviderServerInit {
  readonly records: RecordStore
  readonly peerStore: Pick<PeerStore, 'get'>
  /** Peers that this node knows nearer to the key, for who asks. */
  readonly closer: (key: Uint8Array, sender: PeerId) => Promise<PeerRecord[]>
  /** This node as a provider of the key, if it is one. */
  readonly own: (key: string) => PeerRecord | undefined
  /** @default Date.now */
  readonly now?: () => number
}

/** Answers ADD_PROVIDER and GET_PROVIDERS (SPEC.md#server). One bad entry never costs the answer. */
export class ProviderServer {
  readonly #init: ProviderServerInit
  readonly #rates = new AddRates()
  readonly #now: () => number
  #refused = 0

  constructor(init: ProviderServerInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
  }

  /** Records that limits kept out since the start. */
  get refused(): number {
    return this.#refused
  }

  /** Throws `InvalidMessageError`; what a limit keeps out is dropped without a word, as the protocol has none. */
  add({ key: bytes, providers }: KadMessage, { id, address }: Sender): void {
    const key = keyOf(bytes)
    const provider = id.toString()
    const sent = providers.find((each) => equals(each.id, id.toMultihash().bytes))
    if (sent === undefined) {
      throw new InvalidMessageError('ADD_PROVIDER: names somebody else than its sender')
    }
    const now = this.#now()
    const group = groupOfAddress(address)
    const record: ProviderRecord = {
      key,
      provider,
      addresses: bounded(sent.multiaddrs),
      receivedAt: now,
      ...(group === undefined ? {} : { group })
    }
    if (!this.#rates.take(provider, now) || !this.#init.records.put(record)) {
      this.#refused++
    }
  }

  async get(request: KadMessage, { id }: Sender): Promise<KadMessage> {
    const key = keyOf(request.key)
    const records = this.#init.records.get(key, MAX_ANSWER_RECORDS)
    const found = await Promise.all(records.map(async (record) => this.#toPeer(record)))
    const own = this.#init.own(key)
    return {
      type: MessageType.GET_PROVIDERS,
      ...(request.key === undefined ? {} : { key: request.key }),
      ...(request.clusterLevel === undefined ? {} : { clusterLevel: request.clusterLevel }),
      closer: await this.#init.closer(request.key ?? new Uint8Array(), id).catch(() => []),
      providers: [...(own === undefined ? [] : [own]), ...found.flat()].slice(0, MAX_ANSWER_RECORDS)
    }
  }

  /** Records that others stored with this node, for a search that begins here. */
  async local(key: Uint8Array): Promise<PeerRecord[]> {
    const records = this.#init.records.get(keyOf(key), MAX_ANSWER_RECORDS)
    return (await Promise.all(records.map(async (record) => this.#toPeer(record)))).flat()
  }

  /** Nothing when the record cannot be passed on. */
  async #toPeer({ provider, addresses }: ProviderRecord): Promise<PeerRecord[]> {
    try {
      const id = peerIdFromString(provider)
      const multiaddrs = addresses.length > 0 ? [...addresses] : await this.#knownAddresses(id)
      return [{ id: id.toMultihash().bytes, multiaddrs }]
    } catch {
      return []
    }
  }

  async #knownAddresses(provider: PeerId): Promise<Array<Uint8Array<ArrayBuffer>>> {
    try {
      const { addresses } = await this.#init.peerStore.get(provider)
      return addresses.slice(0, MAX_RECORD_ADDRESSES).map(({ multiaddr }) => Uint8Array.from(multiaddr.bytes))
    } catch {
      // the id alone is worth a try over peer routing
      return []
    }
  }
}

/** Throws `InvalidMessageError` for a missing or oversized key. */
export function keyOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.byteLength === 0 || bytes.byteLength > MAX_KEY_BYTES) {
    throw new InvalidMessageError(`kad: a key has from 1 to ${MAX_KEY_BYTES} bytes, not ${bytes?.byteLength ?? 0}`)
  }
  return base64url.baseEncode(bytes)
}

/** The first that fit; a copy each, since the message's buffer is large. */
function bounded(addresses: readonly Uint8Array[]): Array<Uint8Array<ArrayBuffer>> {
  let left = MAX_RECORD_ADDRESS_BYTES
  return addresses.slice(0, MAX_RECORD_ADDRESSES).flatMap((address) => {
    left -= address.byteLength
    return address.byteLength === 0 || left < 0 ? [] : [Uint8Array.from(address)]
  })
}
