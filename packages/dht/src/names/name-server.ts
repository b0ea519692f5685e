import type { Logger, PeerId } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { Key } from 'interface-datastore'
import type { Datastore } from 'interface-datastore'
import { AddRates } from '../server/rate-limit.ts'
import { WriteBehind } from '../store/write-behind.ts'
import { MessageType } from '../wire/messages.ts'
import type { KadMessage, PeerRecord } from '../wire/messages.ts'
import { isNameKey, keyToName, nameToText, parseName } from './name.ts'
import { openNameRecord } from './name-record.ts'
import { NameStore } from './name-store.ts'
import { ValueRecord } from './wire/messages.ts'

/** What a `NameServer` works with. */
export interface NameServerInit {
  readonly datastore: Datastore
  /** Of all it keeps there. */
  readonly prefix: string
  readonly distance: (name: string) => number
  /** Peers that this node knows nearer to the key, for who asks. */
  readonly closer: (key: Uint8Array, sender: PeerId) => Promise<PeerRecord[]>
  readonly log: Logger
  /** @default Date.now */
  readonly now?: () => number
}

/**
 * Answers PUT_VALUE and GET_VALUE about names. The handlers of kad-dht take an older record for a newer one; here the
 * sequence of a name never goes back, also not when the node starts again.
 */
export class NameServer {
  readonly #init: NameServerInit
  readonly #now: () => number
  readonly #rates = new AddRates()
  readonly #writes: WriteBehind
  readonly #store: NameStore

  constructor(init: NameServerInit) {
    this.#init = init
    this.#now = init.now ?? Date.now
    this.#writes = new WriteBehind(init)
    this.#store = new NameStore({
      distance: init.distance,
      onChange: (name, record) => {
        if (record === undefined) {
          this.#writes.delete(this.#keyOf(name))
        } else {
          this.#writes.put(this.#keyOf(name), () => record.bytes)
        }
      }
    })
  }

  get size(): NameStore['size'] {
    return this.#store.size
  }

  async start(): Promise<void> {
    const { datastore, prefix, log } = this.#init
    const now = this.#now()
    for await (const { key, value } of datastore.query({ prefix: `${prefix}/` })) {
      const name = key.baseNamespace()
      try {
        this.#store.put(name, await openNameRecord(parseName(name), value, now), now)
      } catch (err) {
        log('dropping the record of %s - %e', name, err)
        this.#writes.delete(key.toString())
      }
    }
    this.#writes.start()
  }

  async stop(): Promise<void> {
    await this.#writes.stop()
  }

  /** `undefined` when a message is not about names. Throws `InvalidMessageError`, `InvalidNameRecordError`. */
  async answer(sender: PeerId, message: KadMessage): Promise<KadMessage | undefined> {
    const { key, type } = message
    if (key === undefined || !isNameKey(key)) {
      return undefined
    }
    switch (type) {
      case MessageType.PUT_VALUE:
        return this.#put(sender, key, message)
      case MessageType.GET_VALUE:
        return this.#get(sender, key)
      case MessageType.ADD_PROVIDER:
      case MessageType.GET_PROVIDERS:
      case MessageType.FIND_NODE:
      case MessageType.PING:
        return undefined
    }
  }

  async #put(sender: PeerId, key: Uint8Array<ArrayBuffer>, message: KadMessage): Promise<KadMessage> {
    const now = this.#now()
    if (!this.#rates.take(sender.toString(), now)) {
      throw new InvalidMessageError('PUT_VALUE: too many')
    }
    const name = keyToName(key)
    const value = message.record === undefined ? undefined : ValueRecord.decode(message.record).value
    const record = await openNameRecord(name, value ?? new Uint8Array(), now)
    const kept = this.#store.put(nameToText(name), record, now)
    if (kept === 'older' || kept === 'full') {
      throw new InvalidMessageError(`PUT_VALUE: the record was not taken (${kept})`)
    }
    return message
  }

  async #get(sender: PeerId, key: Uint8Array<ArrayBuffer>): Promise<KadMessage> {
    const record = this.#store.get(nameToText(keyToName(key)), this.#now())
    return {
      type: MessageType.GET_VALUE,
      key,
      ...(record === undefined ? {} : { record: wrap(key, record.bytes) }),
      closer: await this.#init.closer(key, sender).catch(() => []),
      providers: []
    }
  }

  #keyOf(name: string): string {
    return new Key(`${this.#init.prefix}/${name}`).toString()
  }
}

/** A record as PUT_VALUE and GET_VALUE carry it. */
export function wrap(key: Uint8Array, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(ValueRecord.encode({ key: Uint8Array.from(key), value: Uint8Array.from(value) }))
}
