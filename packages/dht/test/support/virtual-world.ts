import type { ContentRouting, PeerDiscovery, PeerId, PeerRouting } from '@libp2p/interface'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import * as Digest from 'multiformats/hashes/digest'
import { Network } from '../../src/network.ts'
import type { NetworkInit } from '../../src/network.ts'
import { networksOf } from '../../src/networks.ts'
import { resolveDhtOptions } from '../../src/options.ts'
import type { Answer, Outcome, Rpc } from '../../src/rpc/client.ts'
import { Contacts, positionOfKey } from '../../src/rpc/contacts.ts'
import type { DhtContact } from '../../src/rpc/contacts.ts'
import { distanceOf } from '../../src/rules/position.ts'
import type { Position } from '../../src/rules/position.ts'
import { HARD_TIMEOUT_MS } from '../../src/rules/soft-timeout.ts'
import { keyOf } from '../../src/server/provider-server.ts'
import { RecordTable } from '../../src/server/record-table.ts'
import { MessageType } from '../../src/wire/messages.ts'

const K = 20
const IDENTITY = 0x00

/** `silent` takes connections and never answers. */
type Fate = 'answers' | 'gone' | 'silent'

/** One node of a `VirtualWorld`. */
export interface VirtualNode {
  readonly id: PeerId
  readonly contact: DhtContact
  readonly records: RecordTable
  fate: Fate
}

/** A peer id out of random bytes, without the cost of a key; the first that `accepts` takes. */
export function peerOf(random: Random, accepts: (position: Position) => boolean = () => true): PeerId {
  const bytes = new Uint8Array(36)
  bytes.set([0x08, 0x01, 0x12, 0x20])
  for (;;) {
    bytes.set(random.bytes(32), 4)
    const digest = Digest.create(IDENTITY, bytes)
    if (accepts(positionOfKey(digest.bytes))) {
      return peerIdFromMultihash(digest)
    }
  }
}

/** Nodes with real record tables, and networks of real lookups over them; only the wire is not there. */
export class VirtualWorld {
  readonly random: Random
  readonly nodes: VirtualNode[] = []
  /** Whom somebody took out of its table. */
  readonly forgotten: string[] = []
  readonly #contacts: Contacts
  /** Milliseconds of one round trip. */
  rttMs = 40
  /** Takes the place of what honest nodes answer. */
  answer: ((node: VirtualNode, target: Position) => DhtContact[]) | undefined

  constructor(seed: string, count: number) {
    this.random = seededRandom(seed)
    this.#contacts = new Contacts(peerOf(this.random), () => true)
    for (let at = 0; at < count; at++) {
      this.add()
    }
  }

  node(at: number): VirtualNode {
    const node = this.nodes[at]
    if (node === undefined) {
      throw new RangeError(`no node ${at}`)
    }
    return node
  }

  /** One more node, where `accepts` wants it. */
  add(accepts?: (position: Position) => boolean): VirtualNode {
    const id = peerOf(this.random, accepts)
    const contact = this.#contacts.of(id, [multiaddr(`/ip4/127.0.0.1/tcp/${1 + (this.nodes.length % 65_000)}`)])
    const node: VirtualNode = {
      id,
      contact,
      records: new RecordTable(() => this.random.float()),
      fate: 'answers'
    }
    this.nodes.push(node)
    return node
  }

  /** Those that were not found dead yet, nearest first. */
  nearest(target: Position, count: number, filter: (node: VirtualNode) => boolean = () => true): VirtualNode[] {
    const distance = ({ contact }: VirtualNode): number => distanceOf(contact.position, target)
    return this.nodes
      .filter(filter)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, count)
  }

  holdersOf(key: Uint8Array, now = Date.now()): VirtualNode[] {
    return this.nodes.filter(({ fate, records }) => fate === 'answers' && records.get(keyOf(key), now, 50).length > 0)
  }

  /** The network as `self` sees it. */
  networkOf(self: VirtualNode, more: Partial<NetworkInit> = {}): Network {
    const [spec] = networksOf(resolveDhtOptions({}))
    if (spec === undefined) {
      throw new RangeError('no network')
    }
    const addresses = [multiaddr('/ip4/127.0.0.1/tcp/4001')]
    return new Network({
      spec,
      self: self.id,
      kad: {
        tableSize: () => this.nodes.length - 1,
        peers: () => this.nodes.filter((node) => node !== self).map(({ id }) => id),
        closest: (position, count) => this.nearest(position, count, (node) => node !== self).map(({ id }) => id),
        onPeer: () => () => undefined,
        forget: async (id) => {
          this.forgotten.push(id.toString())
        },
        answer: async () => undefined,
        start: async () => undefined,
        stop: async () => undefined,
        contentRouting: {} as ContentRouting,
        peerRouting: {} as PeerRouting,
        peerDiscovery: {} as PeerDiscovery
      },
      records: {
        start: async () => undefined,
        stop: async () => undefined,
        provide: () => undefined,
        unprovide: () => undefined,
        local: async () => [],
        counts: () => ({ count: 0, keys: 0, bytes: 0, refused: 0 })
      },
      rpc: this.rpcOf(self),
      contacts: new Contacts(self.id, () => true),
      addresses: () => addresses,
      isConnected: () => true,
      membership: () => undefined,
      ...more
    })
  }

  rpcOf(self: VirtualNode): Rpc {
    return {
      isConnected: () => false,
      softTimeoutMs: () => 1_000,
      reaches: async ({ key }) => this.nodes.some(({ contact, fate }) => contact.key === key && fate === 'answers'),
      ask: async (contact, type, key, { signal }) =>
        this.#reach(contact, signal, (node) => {
          const target = positionOfKey(key)
          const names = type === MessageType.GET_PROVIDERS ? node.records.get(keyOf(key), Date.now(), 50) : []
          const closer =
            this.answer?.(node, target) ??
            this.nearest(target, K, (each) => each !== node && each !== self && each.fate !== 'gone').map(
              (each) => each.contact
            )
          const providers = names.flatMap(({ provider }) =>
            this.nodes.filter(({ contact: { key: name } }) => name === provider).map((each) => each.contact)
          )
          return { closer, providers: providers.filter(({ id }) => !id.equals(self.id)) } satisfies Answer
        }),
      put: async (contact, keys, { signal }) =>
        this.#reach(contact, signal, (node) => {
          for (const key of keys) {
            node.records.put({
              key: keyOf(key),
              provider: self.contact.key,
              addresses: [],
              receivedAt: Date.now()
            })
          }
          return undefined
        })
    }
  }

  async #reach<T>(
    contact: DhtContact,
    signal: AbortSignal | undefined,
    use: (node: VirtualNode) => T
  ): Promise<Outcome<T>> {
    const node = this.nodes.find((each) => each.contact.key === contact.key)
    const tookMs = node?.fate === 'silent' ? HARD_TIMEOUT_MS : this.rttMs * (0.5 + this.random.float())
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, tookMs)
      signal?.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true }
      )
    })
    if (node?.fate !== 'answers' || signal?.aborted === true) {
      return { ok: false, why: node?.fate === 'silent' ? 'timeout' : 'unreachable', tookMs }
    }
    return { ok: true, value: use(node), tookMs }
  }
}
