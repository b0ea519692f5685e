import { EventHash, seededRandom } from '@p2pshare/testkit/sim'
import type { OperationResult, Random } from '@p2pshare/testkit/sim'
import type { ScenarioRun } from './figures.ts'

/** One seed of a scenario: its chance, and what is noted on the way. */
export class Recorder {
  readonly random: Random
  readonly hash = new EventHash()
  readonly seed: number
  readonly #samples: Record<string, number[]> = {}
  readonly #cpu = process.cpuUsage()
  #events = 0
  #virtualMs = 0

  constructor(seed: number) {
    this.seed = seed
    this.random = seededRandom(`dht/${seed}`)
  }

  note(name: string, value: number): void {
    const samples = (this.#samples[name] ??= [])
    samples.push(value)
  }

  /** Counts an operation that was run. */
  ran({ events, doneAtMs, recordAtMs }: OperationResult): void {
    this.#events += events
    const lasted = Math.min(doneAtMs, recordAtMs)
    this.#virtualMs += Number.isFinite(lasted) ? lasted : 0
  }

  /** For scenarios whose time is not that of operations. */
  passed(virtualMs: number): void {
    this.#virtualMs += virtualMs
  }

  get run(): ScenarioRun {
    const { user, system } = process.cpuUsage(this.#cpu)
    return {
      seed: this.seed,
      digest: this.hash.digest,
      cpuSeconds: (user + system) / 1e6,
      virtualSeconds: this.#virtualMs / 1000,
      events: this.#events,
      samples: this.#samples
    }
  }
}
