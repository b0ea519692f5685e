import type { Brain, Parcel, SimNetwork, SwarmMessage, SwarmProgress } from '@p2pshare/testkit/sim'
import type { TestRun } from './checked-policy.ts'

/**
 * How a node treats what is asked of it. All but the last two say that they have everything: `mute` then says nothing more,
 * `granter` grants and sends nothing, `drip` sends a block now and then, `liar` sends wrong ones, `rejecter` and `busy`
 * refuse. `silent` and `greedy` want everything and announce nothing; `greedy` asks for all of it at once, and again.
 */
export type Manner = 'mute' | 'granter' | 'drip' | 'liar' | 'rejecter' | 'busy' | 'silent' | 'greedy'

const GRANT_EVERY_MS = 50
const DRIP_MS = 4000
const NAG_MS = 500

/** A peer that does not play by the rules. */
export class BadBrain implements Brain<SwarmMessage, TestRun>, SwarmProgress {
  readonly missing = 0
  readonly receivedBytes = 0
  readonly wastedBytes = 0
  readonly #network: SimNetwork<SwarmMessage, TestRun>
  readonly #manner: Manner
  readonly #leafCount: number
  readonly #peers = new Set<number>()
  readonly #queue: Array<Parcel<TestRun>> = []
  #index = -1

  constructor(network: SimNetwork<SwarmMessage, TestRun>, manner: Manner, leafCount: number) {
    this.#network = network
    this.#manner = manner
    this.#leafCount = leafCount
  }

  place(index: number): void {
    this.#index = index
    this.#repeat()
  }

  joined(peer: number): void {
    this.#peers.add(peer)
    const ranges = [{ start: 0, count: this.#leafCount }]
    this.#say(peer, { type: 'want', ranges })
    if (this.#manner !== 'silent' && this.#manner !== 'greedy') {
      this.#say(peer, { type: 'have', peer: '', ranges })
    }
  }

  left(peer: number): void {
    this.#peers.delete(peer)
  }

  message(from: number, message: SwarmMessage): void {
    if (message.type === 'request') {
      this.#onRequest(from, message.runs)
    } else if (this.#manner === 'greedy' && message.type === 'offer') {
      this.#say(from, { type: 'request', peer: '', runs: message.ranges.map(({ start }) => all(start)) })
    }
  }

  block(): void {
    // it keeps it for itself
  }

  next(canTake: (peer: number) => boolean): Parcel<TestRun> | undefined {
    const at = this.#queue.findIndex(({ to }) => canTake(to))
    return at < 0 ? undefined : this.#queue.splice(at, 1)[0]
  }

  sent(): void {
    // whatever
  }

  wake(): void {
    // never asked for
  }

  #onRequest(from: number, runs: readonly TestRun[]): void {
    switch (this.#manner) {
      case 'rejecter':
      case 'busy':
        this.#say(from, {
          type: 'reject',
          peer: '',
          runs,
          reason: this.#manner === 'busy' ? 'busy' : 'not-held'
        })
        return
      case 'liar':
        this.#queue.push(
          ...runs.map((run) => ({ to: from, bytes: run.count * 16_384, block: { ...run, wrong: true } }))
        )
        this.#network.poke(this.#index)
        return
      case 'drip':
        runs.forEach((run, at) => {
          this.#network.after(DRIP_MS * (at + 1), () => {
            this.#queue.push({ to: from, bytes: 16_384, block: { ...run, count: 1 } })
            this.#network.poke(this.#index)
          })
        })
        return
      case 'granter':
      case 'greedy':
      case 'mute':
      case 'silent':
        return
    }
  }

  #repeat(): void {
    const manner = this.#manner
    if (manner !== 'mute' && manner !== 'silent') {
      this.#network.after(manner === 'greedy' ? NAG_MS : GRANT_EVERY_MS, () => {
        for (const peer of this.#peers) {
          this.#say(
            peer,
            manner === 'greedy'
              ? { type: 'request', peer: '', runs: Array.from({ length: this.#leafCount }, (_, leaf) => all(leaf)) }
              : { type: 'grant', peer: '', leaves: 4 }
          )
        }
        this.#repeat()
      })
    }
  }

  #say(to: number, message: SwarmMessage): void {
    this.#network.send(this.#index, to, message)
  }
}

function all(leaf: number): TestRun {
  return { leaf, first: 0, count: 1 }
}
