import { equalLeaves, PolicyBrain, SimNetwork } from '@p2pshare/testkit/sim'
import type { SimShare, SwarmMessage, SwarmNodeInit } from '@p2pshare/testkit/sim'
import { seededRandom } from '@p2pshare/testkit'
import type { Random } from '@p2pshare/testkit'
import { Bitfield } from '../../../src/swarm/bitfield.ts'
import { blockCount } from '../../../src/swarm/block-run.ts'
import { SharePolicy } from '../../../src/swarm/policy.ts'
import { BadBrain } from './bad-brain.ts'
import type { Manner } from './bad-brain.ts'
import { CheckedPolicy } from './checked-policy.ts'
import type { TestRun } from './checked-policy.ts'

export interface ArenaInit {
  readonly seed: string
  readonly leafCount: number
  readonly leafBytes?: number
  readonly rttMs?: number
}

export interface HonestInit {
  /** Leaves it has at first. @default none */
  readonly have?: Bitfield
  /** Leaves it wants, held ones included. @default all */
  readonly wants?: Bitfield
  /** Bytes a second. @default 4 MiB/s */
  readonly up?: number
}

export interface Honest {
  readonly node: number
  readonly policy: CheckedPolicy
  readonly brain: PolicyBrain
  finishedAt: number | undefined
}

/** Swarms of nodes with the shipped policy, and of others that do not play by the rules. */
export class Arena {
  readonly share: SimShare
  readonly network: SimNetwork<SwarmMessage, TestRun>
  readonly honest: Honest[] = []
  readonly #random: Random
  readonly #nodes: number[] = []

  constructor(init: ArenaInit) {
    const leafBytes = init.leafBytes ?? 256 * 1024
    this.share = equalLeaves(init.leafCount * leafBytes, leafBytes)
    this.#random = seededRandom(init.seed)
    const { rttMs = 20 } = init
    this.network = new SimNetwork({ random: this.#random.fork('net'), rttMs: () => rttMs, jitterMs: rttMs / 4 })
  }

  addSeeder(up?: number): Honest {
    const none = new Bitfield(this.share.leafCount)
    return this.add({ have: Bitfield.full(this.share.leafCount), wants: none, ...(up === undefined ? {} : { up }) })
  }

  add({ have, wants, up = 4 * 1024 * 1024 }: HonestInit = {}): Honest {
    const { leafCount, leafBytes } = this.share
    const held = have?.copy() ?? new Bitfield(leafCount)
    const wanted = wants ?? Bitfield.full(leafCount)
    const draws = this.#random.fork(`node ${this.#nodes.length}`)
    const random = (): number => draws.float()
    const policy = new CheckedPolicy(
      new SharePolicy({
        leafCount,
        leafBytes,
        have: held,
        missing: [...wanted.indices()].filter((leaf) => !held.has(leaf)),
        firstOffer: 0,
        random,
        canTake: (peer) => this.network.canTake(Number(peer))
      }),
      (leaf) => blockCount(leafBytes(leaf))
    )
    const node: SwarmNodeInit<SwarmMessage, TestRun> = {
      network: this.network,
      share: this.share,
      seeder: policy.missing === 0,
      ordinal: this.#nodes.length,
      seeders: 1,
      upBytesPerSecond: up,
      knowsUplink: true,
      knowsRtt: false,
      storeMs: 1,
      frameBlocks: 128,
      random
    }
    const brain = new PolicyBrain(node, policy, [...wanted.ranges()])
    const honest: Honest = { node: this.#place(up, brain), policy, brain, finishedAt: undefined }
    this.honest.push(honest)
    return honest
  }

  addBad(manner: Manner, up = 4 * 1024 * 1024): number {
    return this.#place(up, new BadBrain(this.network, manner, this.share.leafCount))
  }

  /** Connect it to all that are there. */
  enter(node: number): void {
    for (const other of this.#nodes) {
      this.network.connect(node, other)
    }
  }

  enterAll(): void {
    for (const node of this.#nodes) {
      this.enter(node)
    }
  }

  /** Runs until every honest node that is still there has what it wants; throws with what is left after `limitMs`. */
  finish(limitMs = 600_000): void {
    const left = (): Honest[] =>
      this.honest.filter(({ node, policy }) => this.network.isAlive(node) && policy.missing > 0)
    const done = this.network.run(() => {
      for (const honest of this.honest) {
        honest.finishedAt ??= honest.policy.missing === 0 ? this.network.now : undefined
      }
      return left().length === 0
    }, limitMs)
    if (!done) {
      const state = left().map(({ node, policy }) => `${node} ${policy.missing}`)
      throw new RangeError(`after ${this.network.now} ms still missing: ${state.join(', ')}`)
    }
  }

  /** Let what is on the way arrive. */
  settle(ms: number): void {
    this.network.run(() => false, this.network.now + ms)
  }

  copiesSentBy({ node }: Honest): number {
    return this.network.sentBytes(node) / this.share.totalBytes
  }

  #place(up: number, brain: PolicyBrain | BadBrain): number {
    const node = this.network.add({ upBytesPerSecond: up }, brain)
    brain.place(node)
    this.#nodes.push(node)
    return node
  }
}
