import type { CounterGroup, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { viewOf } from './holder-view.ts'
import type { HolderView } from './holder-view.ts'
import type { Kad } from './kad.ts'
import { keyNear } from './lookup/key-near.ts'
import { LookupRun } from './lookup/lookup-run.ts'
import type { LookupResult, LookupTask } from './lookup/lookup-run.ts'
import { Meter } from './lookup/meter.ts'
import { unwatched } from './lookup/trace.ts'
import type { Emit } from './lookup/trace.ts'
import type { NetworkSpec } from './networks.ts'
import type { Rpc } from './rpc/client.ts'
import { positionOfKey } from './rpc/contacts.ts'
import type { Contacts, DhtContact } from './rpc/contacts.ts'
import { SEEDS } from './rules/lookup.ts'
import type { SizeEstimate } from './rules/network-size.ts'
import { REPLICATION } from './rules/network-size.ts'
import { commonPrefix, distanceOf } from './rules/position.ts'
import type { Position } from './rules/position.ts'
import type { RecordServer } from './server/record-server.ts'
import { SizeSamples, guessSize } from './size-samples.ts'
import type { DhtCollaborators, LookupCounts, TableEntry } from './types.ts'
import { MessageType } from './wire/messages.ts'

/** What a `Network` works with. */
export interface NetworkInit {
  readonly spec: NetworkSpec
  readonly self: PeerId
  readonly kad: Kad
  readonly records: Pick<RecordServer, 'start' | 'stop' | 'provide' | 'unprovide' | 'local' | 'counts'>
  readonly rpc: Rpc
  readonly contacts: Contacts
  /** Those of this node that it announces here. */
  readonly addresses: () => readonly Multiaddr[]
  /** Whether this node is connected to anybody. */
  readonly isConnected: () => boolean
  readonly membership: () => DhtCollaborators['membership']
  /** Where the node's metrics count lookups. */
  readonly counters?: CounterGroup<keyof LookupCounts> | undefined
}

/** The part of a `LookupTask` that differs from one lookup to the next. */
export type LookupOrder = Pick<
  LookupTask,
  'kind' | 'type' | 'key' | 'signal' | 'shutdown' | 'onProviders' | 'onFindable'
> & { readonly emit?: Emit }

/** One Kademlia network this node is in: its table, its records, and lookups in it. */
export class Network {
  readonly spec: NetworkSpec
  readonly kad: Kad
  readonly records: NetworkInit['records']
  readonly contacts: Contacts
  readonly rpc: Rpc
  readonly meter: Meter
  /** Where this node itself is. */
  readonly position: Position
  readonly #init: NetworkInit
  readonly #sizes = new SizeSamples()

  constructor(init: NetworkInit) {
    this.#init = init
    this.spec = init.spec
    this.kad = init.kad
    this.records = init.records
    this.contacts = init.contacts
    this.rpc = init.rpc
    this.meter = new Meter(init.counters)
    this.position = positionOfKey(init.self.toMultihash().bytes)
  }

  async start(): Promise<void> {
    await this.kad.start()
    if (!this.spec.clientMode) {
      await this.records.start()
    }
  }

  async stop(): Promise<void> {
    if (!this.spec.clientMode) {
      await this.records.stop()
    }
    await this.kad.stop()
  }

  /** Whether others could dial this node at an address it would announce here. */
  hasAddresses(): boolean {
    return this.addresses().length > 0
  }

  /** Whether a peer may be about to join the table: one that was just dialled has not answered yet. */
  isConnected(): boolean {
    return this.#init.isConnected()
  }

  /** As text, in a fixed order: to see whether they have changed. */
  addresses(): readonly string[] {
    return this.#init
      .addresses()
      .map((address) => address.toString())
      .sort()
  }

  size(): SizeEstimate | undefined {
    return this.#sizes.estimate(Date.now())
  }

  /** About how many servers there are, as well as can be said now. */
  nodes(): number | undefined {
    const nearest = this.kad.closest(this.position, REPLICATION).map((id) => this.contacts.of(id).position)
    return this.size()?.nodes ?? guessSize(this.position, nearest)
  }

  /** Whom membership names as holders of the key at `target`. The own network only: membership knows no other. */
  view(target: Position): HolderView | undefined {
    const { membership, self } = this.#init
    return this.spec.name === 'own' ? viewOf(target, membership(), this.kad.peers(), this.contacts, self) : undefined
  }

  /** Walk to a key; from the holders that membership names, or from the own table. */
  async lookup(order: LookupOrder): Promise<LookupResult> {
    const { key, emit = unwatched, ...rest } = order
    const target = positionOfKey(key)
    const view = this.view(target)
    const seedsNear = (position: Position): DhtContact[] =>
      this.kad.closest(position, SEEDS).map((id) => this.contacts.of(id))
    const seeds = [...(view?.holders ?? []), ...seedsNear(target)]
    const nodes = view?.members ?? this.nodes()
    this.meter.count(order.kind === 'find' ? 'finds' : 'provides')
    emit({
      name: 'start',
      kind: order.kind,
      seeds: seeds.length,
      ...(nodes === undefined ? {} : { nodes: Math.round(nodes) }),
      from: view === undefined ? 'table' : 'view'
    })
    const run = new LookupRun(
      { ...rest, key, target, seeds, seedsNear, ...(nodes === undefined ? {} : { nodes }) },
      { rpc: this.rpc, meter: this.meter, emit }
    )
    const result = await run.run()
    this.#sizes.add(result.sample)
    this.#forgetDead(result)
    return result
  }

  /**
   * kad-dht drops a contact only where a bucket wants room, which those of a deep table hardly ever do. When most fail it is
   * our own link that is down.
   */
  #forgetDead({ answered, failed }: LookupResult): void {
    if (answered.size > failed.size) {
      for (const contact of failed.values()) {
        if (!this.rpc.isConnected(contact)) {
          void this.kad.forget(contact.id)
        }
      }
    }
  }

  /** The 20 nearest to `target` that answer, nearest first; fewer when there are no more. */
  async closest(target: Position, signals: Pick<LookupTask, 'signal' | 'shutdown'>): Promise<DhtContact[]> {
    const bits = Math.ceil(Math.log2(this.nodes() ?? 1)) + 2
    const key = await keyNear(target, bits, this.position.low)
    const { answered } = await this.lookup({ kind: 'find', type: MessageType.FIND_NODE, key, ...signals })
    const distance = ({ position }: DhtContact): number => distanceOf(position, target)
    return [...answered.values()].sort((a, b) => distance(a) - distance(b)).slice(0, REPLICATION)
  }

  table(): TableEntry[] {
    return this.kad.peers().map((id) => {
      const contact = this.contacts.of(id)
      return {
        network: this.spec.name,
        id,
        commonBits: commonPrefix(contact.position, this.position),
        connected: this.rpc.isConnected(contact)
      }
    })
  }

  /** Who provides a key by the records that others stored here. */
  async local(key: Uint8Array): Promise<DhtContact[]> {
    return (await this.records.local(key)).flatMap((record) => this.contacts.read(record) ?? [])
  }
}
