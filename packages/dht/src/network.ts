import type { CounterGroup, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { setMaxListeners } from 'main-event'
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
import { watched } from './rpc/watched.ts'
import type { Watcher } from './rpc/watched.ts'
import { Departures } from './rules/departures.ts'
import { SEEDS } from './rules/lookup.ts'
import type { KnownSize, SizeEstimate } from './rules/network-size.ts'
import { REPLICATION } from './rules/network-size.ts'
import { commonPrefix, distanceOf } from './rules/position.ts'
import type { Position } from './rules/position.ts'
import type { RecordServer } from './server/record-server.ts'
import { SizePoll } from './size-poll.ts'
import { SizeSamples, guessSize } from './size-samples.ts'
import type { DhtCollaborators, LookupCounts, TableEntry } from './types.ts'
import { abortable } from './wait.ts'
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
  readonly #poll: SizePoll
  readonly #departures = new Departures()
  #stopped: AbortController | undefined

  constructor(init: NetworkInit) {
    this.#init = init
    this.spec = init.spec
    this.kad = init.kad
    this.records = init.records
    this.contacts = init.contacts
    this.rpc = watched(init.rpc, this.#noteOutcome)
    this.meter = new Meter(init.counters)
    this.position = positionOfKey(init.self.toMultihash().bytes)
    this.#poll = new SizePoll({
      rpc: this.rpc,
      tableSize: () => this.kad.tableSize(),
      contacts: () => this.kad.peers().map((id) => this.contacts.of(id)),
      guess: () => this.#guess()
    })
  }

  async start(): Promise<void> {
    await this.kad.start()
    this.#stopped = new AbortController()
    setMaxListeners(Infinity, this.#stopped.signal)
    const stopWatching = this.kad.onPeer(() => {
      this.#learnSize()
    })
    this.#stopped.signal.addEventListener('abort', stopWatching, { once: true })
    if (!this.spec.clientMode) {
      await this.records.start()
    }
  }

  async stop(): Promise<void> {
    this.#stopped?.abort()
    this.#stopped = undefined
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
    return this.#bestSize()?.nodes
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
    const size = view === undefined ? this.#bestSize() : { nodes: view.members }
    this.#learnSize()
    const resize = async (signal: AbortSignal): Promise<KnownSize | undefined> => {
      if (this.size() === undefined) {
        // the answers are for all lookups: one that is left early does not end the asking
        await abortable(this.#poll.ask(this.#stopped?.signal ?? order.shutdown), { signal }).catch(() => undefined)
      }
      return this.#bestSize()
    }
    this.meter.count(order.kind === 'find' ? 'finds' : 'provides')
    emit({
      name: 'start',
      kind: order.kind,
      seeds: seeds.length,
      ...(size === undefined ? {} : { nodes: Math.round(size.nodes) }),
      from: view === undefined ? 'table' : 'view'
    })
    const run = new LookupRun(
      { ...rest, key, target, seeds, seedsNear, ...size, ...(view === undefined ? { resize } : {}) },
      { rpc: this.rpc, meter: this.meter, emit }
    )
    const result = await run.run()
    this.#sizes.add(result.sample)
    this.#forgetGone(result)
    return result
  }

  /**
   * kad-dht drops a contact only where a bucket wants room, which those of a deep table hardly ever do. When most fail it is
   * our own link that is down.
   */
  #forgetGone({ answered, failed, gone }: LookupResult): void {
    if (answered.size > failed.size) {
      for (const contact of [...gone.values()].filter(this.#isInTable)) {
        void this.#forgetUnlessThere(contact)
      }
    }
  }

  /**
   * Others may have named addresses where nobody is, and these were dialled: who can be reached where it says itself that
   * it is has its place.
   */
  async #forgetUnlessThere(contact: DhtContact): Promise<void> {
    if (!(await this.#isThere(contact))) {
      await this.kad.forget(contact.id)
    }
  }

  /** Who takes connections and never answers leaves as well, but not for one silence. Strangers have nothing to leave. */
  readonly #noteOutcome: Watcher = (contact, outcome) => {
    if (!this.#isInTable(contact)) {
      return
    }
    if (outcome.ok) {
      this.#departures.answered(contact.key)
    } else if (outcome.why === 'timeout') {
      void this.#noteSilence(contact)
    }
  }

  /** One that was not even reached was perhaps dialled elsewhere, and has not been silent then. */
  async #noteSilence(contact: DhtContact): Promise<void> {
    const wasAsked = this.rpc.isConnected(contact) || !(await this.#isThere(contact))
    if (wasAsked && this.#departures.silent(contact.key, Date.now())) {
      await this.kad.forget(contact.id)
    }
  }

  async #isThere(contact: DhtContact): Promise<boolean> {
    const signal = this.#stopped?.signal
    return this.rpc.reaches(contact, signal === undefined ? {} : { signal })
  }

  readonly #isInTable = ({ id, position }: DhtContact): boolean => this.kad.closest(position, 1)[0]?.equals(id) === true

  /** From lookups; before there were three, from what others say of their neighbourhoods, or the own one alone. */
  #bestSize(): KnownSize | undefined {
    const measured = this.size()
    if (measured !== undefined) {
      return measured
    }
    return this.#atLeastTable(this.#poll.size() ?? this.#guess())
  }

  /** From the own neighbourhood. */
  #guess(): Required<KnownSize> | undefined {
    const nearest = this.kad.closest(this.position, REPLICATION).map((id) => this.contacts.of(id).position)
    return this.#atLeastTable(guessSize(this.position, nearest))
  }

  /** There are those that are known. */
  #atLeastTable(size: Required<KnownSize> | undefined): Required<KnownSize> | undefined {
    return size === undefined ? undefined : { ...size, nodes: Math.max(size.nodes, this.kad.tableSize() + 1) }
  }

  #learnSize(): void {
    if (this.#stopped !== undefined && this.size() === undefined) {
      void this.#poll.refresh(this.#stopped.signal)
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
