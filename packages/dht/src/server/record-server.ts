import type { Connection, PeerId, PeerInfo, Stream } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { CID } from 'multiformats/cid'
import { decode as decodeDigest } from 'multiformats/hashes/digest'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import { KadHandler } from './kad-handler.ts'
import { ProviderServer, keyOf } from './provider-server.ts'
import { RecordStore } from './record-store.ts'
import { RecordTable } from './record-table.ts'

/** Streams one peer may have open to ask us, as the stock server has it. */
export const MAX_INBOUND_STREAMS = 32

/** What a `RecordServer` works with. */
export interface RecordServerInit {
  readonly components: KadDHTComponents
  readonly protocol: string
  /** Of its records in the datastore. */
  readonly prefix: string
  /** kad-dht's handlers, for what is not about providers. */
  readonly others: (sender: PeerId, message: KadMessage) => Promise<KadMessage | undefined>
}

/** Provider records of our own on kad-dht's protocol: it takes the place of the stock handler. */
export class RecordServer {
  readonly #init: RecordServerInit
  readonly #store: RecordStore
  readonly #server: ProviderServer
  readonly #handler: KadHandler
  /** Keys that this node provides. */
  readonly #own = new Set<string>()

  constructor(init: RecordServerInit) {
    const { components, prefix, others } = init
    this.#init = init
    const log = components.logger.forComponent('p2pshare:dht:records')
    this.#store = new RecordStore({
      table: new RecordTable(Math.random),
      datastore: components.datastore,
      prefix,
      log
    })
    this.#server = new ProviderServer({
      records: this.#store,
      peerStore: components.peerStore,
      closer: async (key, sender) => {
        const answer = await others(sender, {
          type: MessageType.FIND_NODE,
          key: Uint8Array.from(key),
          closer: [],
          providers: []
        })
        return answer?.closer ?? []
      },
      own: (key) => (this.#own.has(key) ? this.#self() : undefined)
    })
    this.#handler = new KadHandler({ providers: this.#server, others, log })
  }

  /** After kad-dht has started: it registers a handler of its own, which this one replaces. */
  async start(): Promise<void> {
    const { components, protocol } = this.#init
    await this.#store.start()
    await components.registrar.unhandle(protocol)
    await components.registrar.handle(
      protocol,
      (stream: Stream, connection: Connection) => {
        void this.#handler.onStream(stream, connection)
      },
      { maxInboundStreams: MAX_INBOUND_STREAMS, maxOutboundStreams: MAX_INBOUND_STREAMS * 2 }
    )
  }

  async stop(): Promise<void> {
    await this.#init.components.registrar.unhandle(this.#init.protocol)
    await this.#store.stop()
  }

  /** Answer that this node provides `root`, from now on. */
  provide(root: CID): void {
    this.#own.add(keyOf(root.multihash.bytes))
  }

  unprovide(root: CID): void {
    this.#own.delete(keyOf(root.multihash.bytes))
  }

  /** What others told this node of `root`. */
  async local(root: CID): Promise<PeerInfo[]> {
    return (await this.#server.local(root.multihash.bytes)).flatMap(toPeerInfo)
  }

  #self(): PeerRecord {
    const { peerId, addressManager } = this.#init.components
    return {
      id: peerId.toMultihash().bytes,
      multiaddrs: addressManager.getAddresses().map((address) => Uint8Array.from(address.bytes))
    }
  }
}

/** An address that cannot be read is left out, and a peer without an id. */
function toPeerInfo({ id, multiaddrs }: PeerRecord): PeerInfo[] {
  try {
    // a peer id's multihash is an identity or a SHA-256 one
    const peer = peerIdFromMultihash(decodeDigest(id))
    return [{ id: peer, multiaddrs: multiaddrs.flatMap(toMultiaddr) }]
  } catch {
    return []
  }
}

function toMultiaddr(bytes: Uint8Array): PeerInfo['multiaddrs'] {
  try {
    return [multiaddr(bytes)]
  } catch {
    return []
  }
}
