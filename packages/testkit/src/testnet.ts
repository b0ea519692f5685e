import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { AbortOptions, Connection, Libp2p, ServiceMap } from '@libp2p/interface'
import { InvalidOptionError } from '@p2pshare/interface'
import type { Libp2pOptions, ServiceFactoryMap } from 'libp2p'
import { connectNodes, disconnectNodes } from './connect.ts'
import { createTestNode } from './test-node.ts'
import { seededRandom, seedFromEnv } from './random.ts'
import type { Random } from './random.ts'
import { linksOf } from './topology.ts'
import type { Topology } from './topology.ts'

/** The services every node of a testnet has, besides those asked for. */
export interface BaseServices extends ServiceMap {
  identify: Identify
}

/** A node of a testnet. */
export type TestNode<T extends ServiceMap = ServiceMap> = Libp2p<T & BaseServices>

/** What a node of a testnet may be made from. */
export interface NodeContext {
  /** Place in `nodes`. */
  readonly index: number
  /** This node's own generator, named by the testnet's seed and the index. */
  readonly random: Random
}

/** Options of `createTestnet`. */
export interface TestnetInit<T extends ServiceMap> {
  /** How many nodes, from 1 to 1_000. All run in this process: a hundred is quick, a thousand takes patience. */
  nodes: number
  /**
   * Services of each node, as `createLibp2p` takes them, or a function that makes them for one node. `identify` is
   * there by itself.
   */
  services?: ServiceFactoryMap<T> | ((node: NodeContext) => ServiceFactoryMap<T>)
  /**
   * Who is connected when `createTestnet` resolves: nobody, each with each, all with the first, or each with the next.
   *
   * @default 'none'
   */
  topology?: Topology
  /**
   * Decides keys, and so peer ids, and all of `random`. The environment's `SEED`, or a new one, when not given.
   */
  seed?: string | number
  /** More options of each node: they replace ours one by one (memory, plaintext, yamux, no connection monitor). */
  libp2p?: (node: NodeContext) => Omit<Libp2pOptions, 'services' | 'privateKey'>
  /** Gives up; nodes that run already are stopped. */
  signal?: AbortSignal
}

/** A network of real libp2p nodes in this process. */
export interface Testnet<T extends ServiceMap = ServiceMap> extends AsyncDisposable {
  readonly seed: string
  readonly random: Random
  /** All nodes, also those that were added or stopped since. */
  readonly nodes: readonly TestNode<T>[]
  /** Node `index`; throws `InvalidOptionError` when there is none. */
  node(index: number): TestNode<T>
  /** One more node, not connected to any. */
  add(): Promise<TestNode<T>>
  /**
   * Connect two nodes, given as themselves or by index. Resolves when both have the connection and have identified
   * each other, so that services know who speaks their protocol. Harmless when they are connected.
   */
  connect(a: TestNode<T> | number, b: TestNode<T> | number, options?: AbortOptions): Promise<Connection>
  /** Close all connections between two nodes. Resolves when both have noticed. */
  disconnect(a: TestNode<T> | number, b: TestNode<T> | number, options?: AbortOptions): Promise<void>
  /** Stop all nodes, one after the other. Idempotent; `await using` calls it. Rejects with the first failure. */
  stop(): Promise<void>
}

/** Above this the process, not the code under test, is what a test measures. */
export const MAX_NODES = 1_000

class MemoryTestnet<T extends ServiceMap> implements Testnet<T> {
  readonly seed: string
  readonly random: Random
  readonly #init: TestnetInit<T>
  readonly #nodes: TestNode<T>[] = []

  constructor(init: TestnetInit<T>) {
    this.#init = init
    this.seed = String(init.seed ?? seedFromEnv())
    this.random = seededRandom(this.seed)
  }

  get nodes(): readonly TestNode<T>[] {
    return this.#nodes
  }

  node(index: number): TestNode<T> {
    const node = this.#nodes[index]
    if (node === undefined) {
      throw new InvalidOptionError('index', `there is no node ${index}, the testnet has ${this.#nodes.length}`)
    }
    return node
  }

  async add(): Promise<TestNode<T>> {
    const { services, libp2p } = this.#init
    const index = this.#nodes.length
    const context: NodeContext = { index, random: this.random.fork(`node-${index}`) }
    // the base is first: a test may bring its own identify
    const all = { identify: identify(), ...(typeof services === 'function' ? services(context) : services) }
    const node = await createTestNode<T & BaseServices>(
      context,
      // the spread above has both parts; its type cannot say so for a generic T
      all as unknown as ServiceFactoryMap<T & BaseServices>,
      libp2p?.(context) ?? {}
    )
    this.#nodes.push(node)
    return node
  }

  async connect(a: TestNode<T> | number, b: TestNode<T> | number, options?: AbortOptions): Promise<Connection> {
    return connectNodes(this.#resolve(a), this.#resolve(b), options)
  }

  async disconnect(a: TestNode<T> | number, b: TestNode<T> | number, options?: AbortOptions): Promise<void> {
    await disconnectNodes(this.#resolve(a), this.#resolve(b), options)
  }

  async stop(): Promise<void> {
    const failures: unknown[] = []
    // one after the other: two nodes that close their connection at the same time wait 500 ms for each other
    for (const node of this.#nodes) {
      try {
        await node.stop()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) {
      throw failures[0]
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #resolve(node: TestNode<T> | number): TestNode<T> {
    return typeof node === 'number' ? this.node(node) : node
  }
}

/**
 * Start real libp2p nodes that reach each other in memory: no port, no file, no other process. Peer ids depend on the
 * seed alone. Any number of testnets, of the same seed too, run side by side and do not meet.
 */
export async function createTestnet<T extends ServiceMap = ServiceMap>(init: TestnetInit<T>): Promise<Testnet<T>> {
  if (!Number.isInteger(init.nodes) || init.nodes < 1 || init.nodes > MAX_NODES) {
    throw new InvalidOptionError('nodes', `a whole number from 1 to ${MAX_NODES} is needed, not ${init.nodes}`)
  }
  init.signal?.throwIfAborted()
  const net = new MemoryTestnet(init)
  try {
    for (let index = 0; index < init.nodes; index++) {
      await net.add()
      init.signal?.throwIfAborted()
    }
    for (const [a, b] of linksOf(init.topology ?? 'none', init.nodes)) {
      await net.connect(a, b, init.signal === undefined ? {} : { signal: init.signal })
    }
    return net
  } catch (error) {
    await net.stop()
    throw error
  }
}
