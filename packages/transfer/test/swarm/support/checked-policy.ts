import type { SimRun, SwarmEffect, SwarmPolicy } from '@p2pshare/testkit/sim'
import { MAX_IN_FLIGHT_BYTES } from '../../../src/swarm/fetching.ts'
import type { SharePolicy } from '../../../src/swarm/policy.ts'

/** Blocks with or without the right bytes. */
export interface TestRun extends SimRun {
  readonly wrong?: boolean
}

interface Known {
  /** Announced or offered. */
  readonly has: Set<number>
  readonly offered: Set<number>
  granted: number
  /** Set when the peer granted something that was neither used nor passed. */
  unanswered: boolean
}

/**
 * The shipped policy, watched from outside: whatever peers do, it must not break these rules. Blocks that were marked as
 * wrong make their leaf a wrong one.
 */
export class CheckedPolicy implements SwarmPolicy {
  readonly #policy: SharePolicy
  readonly #blocks: (leaf: number) => number
  readonly #peers = new Map<string, Known>()
  /** Leaf -> block -> who is asked for it. */
  readonly #asked = new Map<number, Map<number, string>>()
  readonly #wrong = new Set<number>()
  readonly #verifying = new Set<number>()
  readonly #stored = new Set<number>()
  /** Leaves that may be asked for once more, without a grant. */
  #again = 0
  mostInFlightBytes = 0

  constructor(policy: SharePolicy, blocks: (leaf: number) => number) {
    this.#policy = policy
    this.#blocks = blocks
  }

  get wakeAt(): number {
    return this.#policy.wakeAt
  }

  get missing(): number {
    return this.#policy.missing
  }

  /** Peers whose grants or offers were left without an answer. */
  get unanswered(): string[] {
    return [...this.#peers].flatMap(([peer, known]) => (known.unanswered || known.offered.size > 0 ? [peer] : []))
  }

  takes(leaf: number, block: number, peer: string): boolean {
    return this.#policy.takes(leaf, block, peer)
  }

  setUploadCap(bytesPerSecond: number | undefined, now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.setUploadCap(bytesPerSecond, now))
  }

  peerJoined(peer: string, now: number, rttMs?: number): readonly SwarmEffect[] {
    this.#peers.set(peer, { has: new Set(), offered: new Set(), granted: 0, unanswered: false })
    return this.#check(this.#policy.peerJoined(peer, now, rttMs))
  }

  peerLeft(peer: string, now: number): readonly SwarmEffect[] {
    this.#forgetPeer(peer)
    return this.#check(this.#policy.peerLeft(peer, now))
  }

  onWant(peer: string, leaves: Iterable<number>, now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.onWant(peer, leaves, now))
  }

  onHave(peer: string, leaves: Iterable<number>, now: number): readonly SwarmEffect[] {
    const all = [...leaves]
    all.forEach((leaf) => this.#peers.get(peer)?.has.add(leaf))
    return this.#check(this.#policy.onHave(peer, all, now))
  }

  onOffer(peer: string, leaves: readonly number[], now: number): readonly SwarmEffect[] {
    const known = this.#peers.get(peer)
    for (const leaf of leaves) {
      known?.has.add(leaf)
      // what is asked of the peer already is answered
      if (![...(this.#asked.get(leaf)?.values() ?? [])].includes(peer)) {
        known?.offered.add(leaf)
      }
    }
    return this.#check(this.#policy.onOffer(peer, leaves, now))
  }

  onGrant(peer: string, leaves: number, now: number): readonly SwarmEffect[] {
    const known = this.#peers.get(peer)
    if (known !== undefined) {
      known.granted = leaves
      known.unanswered = true
    }
    return this.#check(this.#policy.onGrant(peer, leaves, now))
  }

  onPass(peer: string, leaves: readonly number[], now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.onPass(peer, leaves, now))
  }

  onRequest(peer: string, runs: readonly SimRun[], now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.onRequest(peer, runs, now))
  }

  onCancel(peer: string, runs: readonly SimRun[], now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.onCancel(peer, runs, now))
  }

  onReject(peer: string, runs: readonly SimRun[], busy: boolean, now: number): readonly SwarmEffect[] {
    for (const run of runs) {
      this.#free(peer, run)
      if (!busy) {
        this.#peers.get(peer)?.has.delete(run.leaf)
        this.#peers.get(peer)?.offered.delete(run.leaf)
      }
    }
    return this.#check(this.#policy.onReject(peer, runs, busy, now))
  }

  onBlocks(peer: string, run: TestRun, now: number): readonly SwarmEffect[] {
    for (let block = run.first; block < run.first + run.count; block++) {
      if (this.#policy.takes(run.leaf, block, peer)) {
        this.#asked.get(run.leaf)?.delete(block)
        if (run.wrong === true) {
          this.#wrong.add(run.leaf)
        }
      }
    }
    return this.#check(this.#policy.onBlocks(peer, run, now))
  }

  onStored(leaf: number, now: number): readonly SwarmEffect[] {
    this.#demand(this.#verifying.delete(leaf), `${leaf} is stored and was not to be verified`)
    if (this.#wrong.delete(leaf)) {
      this.#asked.delete(leaf)
      this.#again++
      return this.#check(this.#policy.onWrong(leaf, now))
    }
    this.#stored.add(leaf)
    return this.#check(this.#policy.onStored(leaf, now))
  }

  take(
    canTake: (peer: string) => boolean,
    maxBlocks: (peer: string) => number,
    now: number
  ): { readonly peer: string; readonly run: SimRun } | undefined {
    return this.#policy.take(canTake, maxBlocks, now)
  }

  onSent(peer: string, bytes: number, now: number): readonly SwarmEffect[] {
    return this.#check(this.#policy.onSent(peer, bytes, now))
  }

  tick(now: number): readonly SwarmEffect[] {
    const effects = this.#check(this.#policy.tick(now))
    this.#demand(this.#policy.wakeAt > now, `wants to be woken at ${this.#policy.wakeAt}, and it is ${now}`)
    return effects
  }

  #check(effects: readonly SwarmEffect[]): readonly SwarmEffect[] {
    for (const effect of effects) {
      switch (effect.type) {
        case 'request':
          this.#onRequests(effect.peer, effect.runs)
          break
        case 'cancel':
          effect.runs.forEach((run) => {
            this.#free(effect.peer, run)
          })
          break
        case 'pass':
          this.#onPassed(effect.peer, effect.ranges)
          break
        case 'verify':
          this.#onVerify(effect.leaf)
          break
        case 'forget':
          this.#asked.delete(effect.leaf)
          this.#wrong.delete(effect.leaf)
          break
        case 'drop':
          this.#forgetPeer(effect.peer)
          break
        case 'grant':
        case 'have':
        case 'offer':
        case 'reject':
          break
      }
    }
    this.mostInFlightBytes = Math.max(this.mostInFlightBytes, this.#policy.inFlightBytes)
    this.#demand(this.#policy.inFlightBytes <= MAX_IN_FLIGHT_BYTES, `${this.#policy.inFlightBytes} bytes in flight`)
    return effects
  }

  #onRequests(peer: string, runs: readonly SimRun[]): void {
    const known = this.#peers.get(peer)
    this.#demand(known !== undefined, `asked ${peer}, which is not connected`)
    for (const leaf of new Set(runs.map((run) => run.leaf))) {
      this.#demand(known?.has.has(leaf) === true, `asked ${peer} for ${leaf}, which it never announced`)
      this.#demand(!this.#stored.has(leaf) && !this.#verifying.has(leaf), `asked ${peer} for ${leaf}, which is here`)
      if (known?.offered.delete(leaf) !== true) {
        const granted = known !== undefined && known.granted > 0
        this.#demand(granted || this.#again > 0, `asked ${peer} for ${leaf} without its leave`)
        if (known !== undefined && granted) {
          known.granted--
          known.unanswered = false
        } else {
          this.#again--
        }
      }
    }
    for (const run of runs) {
      this.#ask(peer, run)
    }
  }

  #ask(peer: string, { leaf, first, count }: SimRun): void {
    const asked = this.#asked.get(leaf) ?? new Map<number, string>()
    this.#asked.set(leaf, asked)
    for (let block = first; block < first + count; block++) {
      this.#demand(!asked.has(block), `asked ${peer} for block ${block} of ${leaf}, and ${asked.get(block) ?? ''} too`)
      this.#demand(block < this.#blocks(leaf), `asked for block ${block} of ${leaf}`)
      asked.set(block, peer)
    }
  }

  #free(peer: string, { leaf, first, count }: SimRun): void {
    const asked = this.#asked.get(leaf)
    for (let block = first; block < first + count; block++) {
      if (asked?.get(block) === peer) {
        asked.delete(block)
      }
    }
  }

  #onPassed(peer: string, ranges: readonly { readonly start: number; readonly count: number }[]): void {
    const known = this.#peers.get(peer)
    if (known !== undefined && ranges.length === 0) {
      known.granted = 0
      known.unanswered = false
    }
    for (const { start, count } of ranges) {
      for (let leaf = start; leaf < start + count; leaf++) {
        known?.offered.delete(leaf)
      }
    }
  }

  #onVerify(leaf: number): void {
    this.#demand(!this.#verifying.has(leaf) && !this.#stored.has(leaf), `${leaf} is whole twice`)
    this.#demand((this.#asked.get(leaf)?.size ?? 0) === 0, `${leaf} is whole, and blocks of it are still asked for`)
    this.#verifying.add(leaf)
  }

  #forgetPeer(peer: string): void {
    this.#peers.delete(peer)
    for (const asked of this.#asked.values()) {
      for (const [block, of] of [...asked]) {
        if (of === peer) {
          asked.delete(block)
        }
      }
    }
  }

  #demand(kept: boolean, breach: string): void {
    if (!kept) {
      throw new RangeError(breach)
    }
  }
}
