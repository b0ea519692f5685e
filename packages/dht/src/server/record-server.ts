import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { NetworkStatus } from '../types.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import type { FindNodeServer } from './find-node.ts'
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
  readonly findNode: FindNodeServer
  /** Handlers for what is about neither providers nor nodes. */
  readonly others: (sender: PeerId, message: KadMessage) => Promise<KadMessage | undefined>
  /** This node as records name it, with the addresses it has now. */
  readonly self: () => PeerRecord
}

/** Provider records of our own on kad-dht's protocol: it takes the place of the stock handler. */
export class RecordServer {
  readonly #init: RecordServerInit
  readonly #table = new RecordTable(Math.random)
  readonly #store: RecordStore
  readonly #server: ProviderServer
  readonly #handler: KadHandler
  /** Keys that this node provides. */
  readonly #own = new Set<string>()

  constructor(init: RecordServerInit) {
    const { components, prefix, findNode, others, self } = init
    this.#init = init
    const log = components.logger.forComponent('p2pshare:dht:records')
    this.#store = new RecordStore({
      table: this.#table,
      datastore: components.datastore,
      prefix,
      log
    })
    this.#server = new ProviderServer({
      records: this.#store,
      peerStore: components.peerStore,
      closer: async (key, sender) => findNode.closer(key, sender),
      own: (key) => (this.#own.has(key) ? self() : undefined)
    })
    this.#handler = new KadHandler({ providers: this.#server, findNode, others, log })
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

  /** Answer that this node provides `key`, from now on. */
  provide(key: Uint8Array): void {
    this.#own.add(keyOf(key))
  }

  unprovide(key: Uint8Array): void {
    this.#own.delete(keyOf(key))
  }

  /** What others told this node of `key`. */
  async local(key: Uint8Array): Promise<PeerRecord[]> {
    return this.#server.local(key)
  }

  counts(): NetworkStatus['records'] {
    const { size: count, keys, bytes } = this.#table
    return { count, keys, bytes, refused: this.#server.refused }
  }
}
