import { Bitfield } from '../../../src/swarm/bitfield.ts'
import type { Range } from '../../../src/swarm/bitfield.ts'
import { Leech } from '../../../src/swarm/leech.ts'
import type { LeechEffect, PeerKey } from '../../../src/swarm/leech.ts'
import { Seed } from '../../../src/swarm/seed.ts'
import type { SeedEffect } from '../../../src/swarm/seed.ts'
import { UploadQueue } from '../../../src/swarm/upload-queue.ts'
import { LeechRules } from './leech-rules.ts'

/**
 * How a node treats what is asked of it. `mute`, `drip`, `liar`, `rejecter` and `busy` say that they have everything;
 * `mute` then says nothing more and `drip` sends a byte now and then. `silent` and `greedy` want everything and announce
 * nothing; `greedy` takes all it can get.
 */
export type Manner = 'honest' | 'mute' | 'drip' | 'liar' | 'rejecter' | 'busy' | 'silent' | 'greedy'

const DRIP_MS = 4000

export type SimMessage =
  | { readonly type: 'want' | 'have' | 'offer' | 'pass'; readonly ranges: readonly Range[] }
  | { readonly type: 'request' | 'cancel'; readonly leaves: readonly number[] }
  | { readonly type: 'reject'; readonly leaves: readonly number[]; readonly busy: boolean }
  | { readonly type: 'data'; readonly leaf: number; readonly right: boolean }
  | { readonly type: 'byte'; readonly leaf: number }

export interface SimNodeInit {
  readonly key: PeerKey
  readonly leafCount: number
  leafBytes(leaf: number): number
  /** Leaves it has from the beginning. */
  readonly have?: Bitfield
  /** Leaves it wants, held ones included; none: a seed. */
  readonly wants?: Bitfield
  readonly manner?: Manner
  /** Bytes a millisecond. */
  readonly uplink: number
  readonly firstOffer?: number
  random(): number
}

interface Link {
  readonly queue: UploadQueue
  wantsNothing: boolean
  /** Number of the turn in which something was last sent to it. */
  servedAt: number
}

/** What a node does to the world around it. */
export interface SimWorld {
  readonly now: number
  after(ms: number, run: () => void): void
  send(from: SimNode, to: PeerKey, message: SimMessage): void
  disconnect(from: SimNode, to: PeerKey, because: string): void
}

/** One peer: the shipped machines, a queue a peer, and an uplink that serves the queues in turn, a leaf at a time. */
export class SimNode {
  readonly key: PeerKey
  readonly manner: Manner
  readonly rules: LeechRules
  readonly have: Bitfield
  readonly wants: Bitfield
  readonly leech: Leech
  readonly seed: Seed
  readonly peers = new Map<PeerKey, Link>()
  readonly drops: Array<{ peer: PeerKey; reason: string }> = []
  /** Wrong leaves that came from each peer. */
  readonly wrong = new Map<PeerKey, number>()
  sentBytes = 0
  wastedBytes = 0
  finishedAt: number | undefined
  readonly #init: SimNodeInit
  readonly #world: SimWorld
  #sending = false
  #turn = 0

  constructor(init: SimNodeInit, world: SimWorld) {
    this.#init = init
    this.#world = world
    this.key = init.key
    this.manner = init.manner ?? 'honest'
    this.have = init.have?.copy() ?? new Bitfield(init.leafCount)
    this.wants = init.wants?.copy() ?? new Bitfield(init.leafCount)
    const missing = [...this.wants.indices()].filter((leaf) => !this.have.has(leaf))
    const { leafCount, random } = init
    const leafBytes = (leaf: number): number => init.leafBytes(leaf)
    this.leech = new Leech({ leafCount, leafBytes, missing, random })
    this.seed = new Seed({ leafCount, leafBytes, have: this.have.copy(), firstOffer: init.firstOffer ?? 0 })
    this.rules = new LeechRules(leafBytes, missing)
  }

  get isComplete(): boolean {
    return this.leech.missing === 0
  }

  joined(peer: PeerKey): void {
    this.peers.set(peer, { queue: new UploadQueue(), wantsNothing: false, servedAt: 0 })
    this.#say(peer, { type: 'want', ranges: this.isComplete ? [] : [...this.wants.ranges()] })
    this.rules.joined(peer)
    this.leech.peerJoined(peer, this.#world.now)
    if (this.manner === 'honest') {
      this.#doAll(this.seed.peerJoined(peer, this.#world.now))
    } else if (this.manner !== 'greedy' && this.manner !== 'silent') {
      this.#say(peer, { type: 'have', ranges: [{ start: 0, count: this.#init.leafCount }] })
    }
  }

  left(peer: PeerKey): void {
    this.peers.delete(peer)
    this.rules.left(peer)
    this.#doAll([...this.leech.peerLeft(peer, this.#world.now), ...this.seed.peerLeft(peer, this.#world.now)])
  }

  tick(): void {
    this.#doAll([...this.leech.tick(this.#world.now), ...this.seed.tick(this.#world.now)])
  }

  receive(peer: PeerKey, message: SimMessage): void {
    const { now } = this.#world
    const link = this.peers.get(peer)
    if (link === undefined || this.manner === 'mute' || this.manner === 'silent') {
      return
    }
    switch (message.type) {
      case 'want': {
        const wants = new Bitfield(this.#init.leafCount)
        message.ranges.forEach((range) => wants.setRange(range))
        link.wantsNothing = wants.count === 0
        this.#doAll(this.seed.onWant(peer, wants, now))
        this.#closeIfIdle(peer)
        return
      }
      case 'have':
        this.rules.announced(peer, expand(message.ranges))
        this.#doAll([
          ...this.seed.onHave(peer, expand(message.ranges), now),
          ...this.leech.onHave(peer, expand(message.ranges), now)
        ])
        return
      case 'offer':
        this.rules.offered(peer, expand(message.ranges))
        this.#doAll(this.leech.onOffer(peer, expand(message.ranges), now))
        return
      case 'pass':
        this.#doAll(this.seed.onPass(peer, expand(message.ranges), now))
        return
      case 'request':
        this.#onRequest(peer, message.leaves)
        return
      case 'cancel':
        link.queue.cancel(message.leaves.map(asRun))
        return
      case 'reject':
        for (const leaf of message.leaves) {
          this.rules.failed(peer, leaf, !message.busy)
        }
        this.#doAll(this.leech.onReject(peer, message.leaves, now, message.busy))
        return
      case 'data':
        this.#onData(peer, message.leaf, message.right)
        return
      case 'byte':
        if (this.leech.isAskedOf(message.leaf, peer)) {
          this.leech.onBytes(peer, 1, now)
        }
    }
  }

  #onRequest(peer: PeerKey, leaves: readonly number[]): void {
    this.seed.onProgress(peer, this.#world.now)
    if (this.manner === 'rejecter' || this.manner === 'busy') {
      this.#say(peer, { type: 'reject', leaves, busy: this.manner === 'busy' })
      return
    }
    if (this.manner === 'drip') {
      this.#drip(peer, leaves)
      return
    }
    this.peers.get(peer)?.queue.add(leaves.map(asRun))
    this.#pump()
  }

  #drip(peer: PeerKey, leaves: readonly number[]): void {
    const link = this.peers.get(peer)
    this.#world.after(DRIP_MS, () => {
      if (link !== undefined && this.peers.get(peer) === link) {
        leaves.forEach((leaf) => this.#say(peer, { type: 'byte', leaf }))
        this.#drip(peer, leaves)
      }
    })
  }

  #onData(peer: PeerKey, leaf: number, right: boolean): void {
    const { now } = this.#world
    const bytes = this.#init.leafBytes(leaf)
    if (!this.leech.isAskedOf(leaf, peer)) {
      this.wastedBytes += bytes
      return
    }
    this.leech.onBytes(peer, bytes, now)
    if (!right) {
      this.wrong.set(peer, (this.wrong.get(peer) ?? 0) + 1)
      this.rules.failed(peer, leaf, false)
      this.#doAll(this.leech.onWrong(leaf, peer, now))
      return
    }
    this.rules.delivered(leaf)
    this.#doAll(this.leech.onDelivered(leaf, peer))
    this.#world.after(this.#init.random() * 5, () => {
      this.#store(leaf)
    })
  }

  #store(leaf: number): void {
    if (!this.leech.isMissing(leaf)) {
      throw new RangeError(`leaf ${leaf} was delivered twice`)
    }
    this.have.set(leaf)
    this.rules.stored(leaf)
    this.#doAll(this.leech.onStored(leaf, this.#world.now))
    if (this.manner !== 'greedy') {
      this.#doAll(this.seed.onStored([leaf]))
    }
    if (this.isComplete) {
      this.finishedAt = this.#world.now
      for (const peer of [...this.peers.keys()]) {
        this.#say(peer, { type: 'want', ranges: [] })
        this.#closeIfIdle(peer)
      }
    }
  }

  #closeIfIdle(peer: PeerKey): void {
    if (this.peers.get(peer)?.wantsNothing === true && this.isComplete) {
      this.#world.disconnect(this, peer, 'nothing left to exchange')
    }
  }

  /** One leaf after another, peers in turn. */
  #pump(): void {
    if (this.#sending) {
      return
    }
    const waiting = [...this.peers].filter(([, { queue }]) => queue.size > 0)
    const [next] = waiting.sort(([, a], [, b]) => a.servedAt - b.servedAt)
    const run = next?.[1].queue.next()
    if (next === undefined || run === undefined) {
      return
    }
    const [peer, link] = next
    link.servedAt = ++this.#turn
    if (this.manner === 'honest' && !this.have.has(run.leaf)) {
      throw new RangeError(`${this.key} was asked for ${run.leaf}, which it does not have`)
    }
    this.#sending = true
    const bytes = this.#init.leafBytes(run.leaf)
    this.#world.after(bytes / this.#init.uplink, () => {
      this.#sending = false
      this.sentBytes += bytes
      this.#say(peer, { type: 'data', leaf: run.leaf, right: this.manner !== 'liar' })
      this.seed.onProgress(peer, this.#world.now)
      this.#pump()
    })
  }

  #doAll(effects: ReadonlyArray<LeechEffect | SeedEffect>): void {
    this.rules.check(effects.filter((effect): effect is LeechEffect => !('ranges' in effect) || effect.type === 'pass'))
    for (const effect of effects) {
      switch (effect.type) {
        case 'drop':
          this.drops.push({ peer: effect.peer, reason: effect.reason })
          this.#world.disconnect(this, effect.peer, effect.reason)
          break
        case 'request':
        case 'cancel':
          this.#say(effect.peer, { type: effect.type, leaves: effect.leaves })
          break
        default:
          this.#say(effect.peer, { type: effect.type, ranges: effect.ranges })
      }
    }
  }

  #say(peer: PeerKey, message: SimMessage): void {
    this.#world.send(this, peer, message)
  }
}

function asRun(leaf: number): { leaf: number; first: number; count: number } {
  return { leaf, first: 0, count: 128 }
}

function expand(ranges: readonly Range[]): number[] {
  return ranges.flatMap(({ start, count }) => Array.from({ length: count }, (_, at) => start + at))
}
