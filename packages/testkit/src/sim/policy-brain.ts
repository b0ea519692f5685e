import type { Brain, Parcel, SimNetwork } from './network.ts'
import { SIM_BLOCK_BYTES } from './swarm-node.ts'
import type { SwarmNodeInit, SwarmProgress } from './swarm-node.ts'
import type { SimRange, SimRun, SwarmEffect, SwarmMessage, SwarmPolicy } from './swarm-policy.ts'

/** Puts a swarm policy into the simulated network: messages in, effects out, blocks counted. */
export class PolicyBrain implements Brain<SwarmMessage, SimRun>, SwarmProgress {
  readonly policy: SwarmPolicy
  receivedBytes = 0
  wastedBytes = 0
  readonly #init: SwarmNodeInit<SwarmMessage, SimRun>
  readonly #network: SimNetwork<SwarmMessage, SimRun>
  /** Peers that want nothing. */
  readonly #content = new Set<number>()
  readonly #peers = new Set<number>()
  #index = -1
  readonly #wants: readonly SimRange[]
  #complete: boolean

  /** @param wants - what it wants in all; nothing once it has that. Everything, unless it is told. */
  constructor(init: SwarmNodeInit<SwarmMessage, SimRun>, policy: SwarmPolicy, wants?: readonly SimRange[]) {
    this.policy = policy
    this.#init = init
    this.#network = init.network
    this.#wants = wants ?? [{ start: 0, count: init.share.leafCount }]
    this.#complete = init.seeder
  }

  get missing(): number {
    return this.policy.missing
  }

  place(index: number): void {
    this.#index = index
    if (this.#init.knowsUplink || this.#init.upBytesPerSecond === 0) {
      this.#do(this.policy.setUploadCap(this.#init.upBytesPerSecond, this.#network.now))
    }
  }

  joined(peer: number, rttMs: number): void {
    this.#peers.add(peer)
    this.#sayWant(peer)
    this.#do(this.policy.peerJoined(String(peer), this.#network.now, this.#init.knowsRtt ? rttMs : undefined))
  }

  left(peer: number): void {
    this.#peers.delete(peer)
    this.#content.delete(peer)
    this.#do(this.policy.peerLeft(String(peer), this.#network.now))
  }

  message(from: number, message: SwarmMessage): void {
    if (message.type === 'want') {
      this.#onWant(from, message.ranges)
    } else {
      this.#do(this.#hear(String(from), message, this.#network.now))
    }
  }

  block(from: number, run: SimRun): void {
    const peer = String(from)
    for (let block = run.first; block < run.first + run.count; block++) {
      const bytes = this.#bytesOf({ leaf: run.leaf, first: block, count: 1 })
      this.receivedBytes += bytes
      this.wastedBytes += this.policy.takes(run.leaf, block, peer) ? 0 : bytes
    }
    this.#do(this.policy.onBlocks(peer, run, this.#network.now))
  }

  next(canTake: (peer: number) => boolean): Parcel<SimRun> | undefined {
    const upload = this.policy.take(
      (peer) => canTake(Number(peer)),
      () => this.#init.frameBlocks,
      this.#network.now
    )
    return upload === undefined
      ? undefined
      : { to: Number(upload.peer), bytes: this.#bytesOf(upload.run), block: upload.run }
  }

  sent({ to, bytes }: Parcel<SimRun>): void {
    this.#do(this.policy.onSent(String(to), bytes, this.#network.now))
  }

  wake(): void {
    this.#do(this.policy.tick(this.#network.now))
  }

  #hear(peer: string, message: Exclude<SwarmMessage, { type: 'want' }>, now: number): readonly SwarmEffect[] {
    switch (message.type) {
      case 'have':
        return this.policy.onHave(peer, leavesOf(message.ranges), now)
      case 'offer':
        return this.policy.onOffer(peer, leavesOf(message.ranges), now)
      case 'grant':
        return this.policy.onGrant(peer, message.leaves, now)
      case 'pass':
        return this.policy.onPass(peer, leavesOf(message.ranges), now)
      case 'request':
        return this.policy.onRequest(peer, message.runs, now)
      case 'cancel':
        return this.policy.onCancel(peer, message.runs, now)
      case 'reject':
        return this.policy.onReject(peer, message.runs, message.reason === 'busy', now)
      case 'drop':
        return []
    }
  }

  #onWant(from: number, ranges: readonly SimRange[]): void {
    if (ranges.length === 0) {
      this.#content.add(from)
    }
    this.#do(this.policy.onWant(String(from), leavesOf(ranges), this.#network.now))
    this.#closeIfIdle(from)
  }

  #do(effects: readonly SwarmEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'verify':
          this.#store(effect.leaf)
          break
        case 'forget':
          break
        case 'drop':
          this.#network.disconnect(this.#index, Number(effect.peer))
          break
        default:
          this.#network.send(this.#index, Number(effect.peer), effect)
      }
    }
    this.#network.poke(this.#index)
    this.#network.wakeAt(this.#index, this.policy.wakeAt)
  }

  #store(leaf: number): void {
    this.#network.after(this.#init.storeMs, () => {
      if (!this.#network.isAlive(this.#index)) {
        return
      }
      this.#do(this.policy.onStored(leaf, this.#network.now))
      if (this.missing === 0 && !this.#complete) {
        this.#complete = true
        for (const peer of [...this.#peers]) {
          this.#sayWant(peer)
          this.#closeIfIdle(peer)
        }
      }
    })
  }

  #sayWant(peer: number): void {
    this.#network.send(this.#index, peer, { type: 'want', ranges: this.#complete ? [] : this.#wants })
  }

  /** Two peers that both want nothing more have nothing to say to each other. */
  #closeIfIdle(peer: number): void {
    if (this.#complete && this.#content.has(peer)) {
      this.#network.disconnect(this.#index, peer)
    }
  }

  #bytesOf({ leaf, first, count }: SimRun): number {
    const bytes = this.#init.share.leafBytes(leaf)
    return Math.min(bytes, (first + count) * SIM_BLOCK_BYTES) - first * SIM_BLOCK_BYTES
  }
}

function leavesOf(ranges: readonly SimRange[]): number[] {
  const leaves: number[] = []
  for (const { start, count } of ranges) {
    for (let leaf = start; leaf < start + count; leaf++) {
      leaves.push(leaf)
    }
  }
  return leaves
}
