import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { Bitfield } from '../../../src/swarm/bitfield.ts'
import type { PeerKey } from '../../../src/swarm/leech.ts'
import { EventLoop } from './event-loop.ts'
import { SimNode } from './sim-node.ts'
import type { SimMessage, SimNodeInit, SimWorld } from './sim-node.ts'

const TICK_MS = 250

export interface SimulationInit {
  readonly seed: string | number
  readonly leafCount: number
  /** Of every leaf. @default 256 KiB */
  readonly leafBytes?: number
  /** Bytes a millisecond of every uplink that does not say otherwise. @default 4 MiB/s */
  readonly uplink?: number
  /** One way, each message anew. @default 5 to 25 ms */
  readonly delayMs?: readonly [min: number, max: number]
}

type NodeOptions = Partial<Omit<SimNodeInit, 'key' | 'leafCount' | 'leafBytes' | 'random'>>

/** Nodes joined by links that keep messages in order, in virtual time, the same for the same seed. */
export class Simulation implements SimWorld {
  readonly leafCount: number
  readonly random: Random
  readonly nodes = new Map<PeerKey, SimNode>()
  readonly #loop = new EventLoop()
  readonly #leafBytes: number
  readonly #uplink: number
  readonly #delayMs: readonly [number, number]
  /** `from to` -> the link's age, and when its last message arrives. */
  readonly #links = new Map<string, { arrivesAt: number }>()
  readonly #refused = new Set<string>()

  constructor(init: SimulationInit) {
    this.leafCount = init.leafCount
    this.#leafBytes = init.leafBytes ?? 256 * 1024
    this.#uplink = init.uplink ?? (4 * 1024 * 1024) / 1000
    this.#delayMs = init.delayMs ?? [5, 25]
    this.random = seededRandom(init.seed)
  }

  get now(): number {
    return this.#loop.now
  }

  get totalBytes(): number {
    return this.leafCount * this.#leafBytes
  }

  /** A node that has everything. */
  addSeeder(key: PeerKey, options: NodeOptions = {}): SimNode {
    return this.add(key, { have: Bitfield.full(this.leafCount), ...options })
  }

  /** A node that wants everything. */
  addLeecher(key: PeerKey, options: NodeOptions = {}): SimNode {
    return this.add(key, { wants: Bitfield.full(this.leafCount), ...options })
  }

  add(key: PeerKey, options: NodeOptions): SimNode {
    const random = this.random.fork(key)
    const node = new SimNode(
      {
        uplink: this.#uplink,
        ...options,
        key,
        leafCount: this.leafCount,
        leafBytes: () => this.#leafBytes,
        random: () => random.float()
      },
      this
    )
    this.nodes.set(key, node)
    const tick = (): void => {
      if (this.nodes.get(key) === node) {
        node.tick()
        this.after(TICK_MS, tick)
      }
    }
    this.after(random.float() * TICK_MS, tick)
    return node
  }

  /** Every pair of nodes there is now. */
  connectAll(): void {
    const keys = [...this.nodes.keys()]
    keys.forEach((a, at) => {
      for (const b of keys.slice(at + 1)) {
        this.connect(a, b)
      }
    })
  }

  connect(a: PeerKey, b: PeerKey): void {
    const [first, second] = [this.nodes.get(a), this.nodes.get(b)]
    if (first === undefined || second === undefined || this.#refused.has(`${a} ${b}`) || this.#links.has(`${a} ${b}`)) {
      return
    }
    this.#links.set(`${a} ${b}`, { arrivesAt: 0 })
    this.#links.set(`${b} ${a}`, { arrivesAt: 0 })
    first.joined(b)
    second.joined(a)
  }

  /** The node is gone at once, with everything it had on the way. */
  remove(key: PeerKey): void {
    const node = this.nodes.get(key)
    this.nodes.delete(key)
    for (const peer of [...(node?.peers.keys() ?? [])]) {
      this.#cut(key, peer)
    }
  }

  after(ms: number, run: () => void): void {
    this.#loop.after(ms, run)
  }

  send(from: SimNode, to: PeerKey, message: SimMessage): void {
    const link = this.#links.get(`${from.key} ${to}`)
    if (link === undefined || this.nodes.get(from.key) !== from) {
      return
    }
    const [min, max] = this.#delayMs
    link.arrivesAt = Math.max(link.arrivesAt, this.now + min + this.random.float() * (max - min))
    this.after(link.arrivesAt - this.now, () => {
      if (this.#links.get(`${from.key} ${to}`) === link) {
        this.nodes.get(to)?.receive(from.key, message)
      }
    })
  }

  disconnect(from: SimNode, to: PeerKey, because: string): void {
    if (because === 'wrong-bytes' || because === 'stalled') {
      this.#refused.add(`${from.key} ${to}`)
      this.#refused.add(`${to} ${from.key}`)
    }
    // as a stream does it: both ends hear of it in another turn
    this.after(0, () => {
      this.#cut(from.key, to)
    })
  }

  /** Runs until every honest node has what it wants; throws with what is left when `limitMs` is over. */
  finish(limitMs = 600_000): void {
    const honest = (): SimNode[] => [...this.nodes.values()].filter(({ manner }) => manner === 'honest')
    if (!this.#loop.run(() => honest().every((node) => node.isComplete), limitMs)) {
      const left = honest().map(({ key, leech }) => `${key} ${leech.missing}`)
      throw new RangeError(`after ${this.now} ms still missing: ${left.join(', ')} (seed ${this.random.seed})`)
    }
  }

  /** Let what is on the way arrive. */
  settle(ms: number): void {
    this.#loop.run(() => false, this.now + ms)
  }

  #cut(a: PeerKey, b: PeerKey): void {
    const connected = this.#links.delete(`${a} ${b}`)
    this.#links.delete(`${b} ${a}`)
    if (connected) {
      this.nodes.get(a)?.left(b)
      this.nodes.get(b)?.left(a)
    }
  }
}
