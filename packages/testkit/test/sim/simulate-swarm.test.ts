import { describe, expect, test } from 'vitest'
import type { Brain, Parcel } from '../../src/sim/network.ts'
import { simulateSwarm } from '../../src/sim/simulate-swarm.ts'
import type { SwarmScenario } from '../../src/sim/simulate-swarm.ts'
import type { SwarmNodeInit, SwarmProgress } from '../../src/sim/swarm-node.ts'

const MIB = 1024 * 1024

/** A seeder that sends every leaf to everybody, and leechers that only take: what nobody would do. */
class ServerBrain implements Brain<string, number>, SwarmProgress {
  missing: number
  receivedBytes = 0
  wastedBytes = 0
  readonly #init: SwarmNodeInit<string, number>
  readonly #queue: Array<Parcel<number>> = []
  #index = -1

  constructor(init: SwarmNodeInit<string, number>) {
    this.#init = init
    this.missing = init.seeder ? 0 : init.share.leafCount
  }

  place(index: number): void {
    this.#index = index
  }

  joined(peer: number): void {
    const { seeder, share, network } = this.#init
    if (seeder) {
      for (let leaf = 0; leaf < share.leafCount; leaf++) {
        this.#queue.push({ to: peer, bytes: share.leafBytes(leaf), block: leaf })
      }
      network.poke(this.#index)
    }
  }

  left(peer: number): void {
    this.#queue.splice(0, Infinity, ...this.#queue.filter(({ to }) => to !== peer))
  }

  message(): void {
    // nobody says anything
  }

  block(_from: number, leaf: number): void {
    this.missing--
    this.receivedBytes += this.#init.share.leafBytes(leaf)
  }

  next(canTake: (peer: number) => boolean): Parcel<number> | undefined {
    const at = this.#queue.findIndex(({ to }) => canTake(to))
    return at < 0 ? undefined : this.#queue.splice(at, 1)[0]
  }

  sent(): void {
    // nothing to do
  }

  wake(): void {
    // never asked for
  }
}

function serve(scenario: SwarmScenario, seed = 1) {
  return simulateSwarm<string, number>({ totalBytes: 8 * MIB, ...scenario }, seed, (node) => new ServerBrain(node))
}

describe('a server and its clients', () => {
  test('take as many times as long as there are clients', () => {
    expect([1, 2, 4].map((leechers) => Math.round(serve({ leechers }).ratio))).toEqual([1, 2, 4])
    const { seederCopies, heldShare, wastedShare } = serve({ leechers: 4 })
    expect([seederCopies, heldShare, wastedShare]).toEqual([[4], 1, 0])
  })

  test('do not finish when the server leaves after one copy', () => {
    const result = serve({ leechers: 2, seederCopies: 1, limitMs: 60_000 })
    expect(result.ratio).toBe(Infinity)
    expect(result.heldShare).toBeCloseTo(0.5)
  })

  test('those that leave are not waited for', () => {
    const result = serve({ leechers: 2, leaveMs: (ordinal) => (ordinal === 0 ? 100 : Infinity) })
    expect(result.doneMs[0]).toBeUndefined()
    expect(result.ratio).toBeLessThan(1.2)
  })

  test('a scenario and a seed say all: the same ones give the same fingerprint', () => {
    const scenario: SwarmScenario = { leechers: 3, up: (_, random) => random.int(10) * MIB, jitterMs: 5 }
    expect(serve(scenario, 7).digest).toBe(serve(scenario, 7).digest)
    expect(serve(scenario, 7).digest).not.toBe(serve(scenario, 8).digest)
  })
})
