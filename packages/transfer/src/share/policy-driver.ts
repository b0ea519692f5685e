import type { LeafMap } from '../leaf-map.ts'
import type { Range } from '../swarm/bitfield.ts'
import type { PeerKey, PolicyEffect } from '../swarm/effects.ts'
import type { SharePolicy } from '../swarm/policy.ts'
import type { Upload } from '../swarm/upload-queue.ts'
import type { Message, Run } from '../wire/codec.ts'
import { MAX_RANGES, MAX_RUNS } from '../wire/limits.ts'
import { hear } from './hear.ts'
import type { SwarmMember } from './member.ts'
import type { UplinkOrder } from './uplink.ts'

/** Timers do not fire more exactly than this. */
const TIMER_MS = 1

export interface PolicyDriverInit {
  readonly map: LeafMap
  readonly policy: SharePolicy
  member(peer: PeerKey): SwarmMember | undefined
  /** There may be something to send. */
  wakeUplink(): void
  /** Bytes of leaves were put on a lane. */
  sent(bytes: number, peer: PeerKey): void
  /** Every block of the leaf is here. */
  verify(leaf: number): void
  /** What came of the leaf will not be completed. */
  forget(leaf: number): void
  /** End the session: wrong bytes, or repeated stalls. */
  drop(member: SwarmMember, reason: 'wrong-bytes' | 'stalled'): void
}

/** Gives the policy of one share the time and what peers say, and does what it wants done. */
export class PolicyDriver implements UplinkOrder {
  readonly policy: SharePolicy
  readonly #init: PolicyDriverInit
  #timer: NodeJS.Timeout | undefined
  #timerAt = Infinity
  #stopped = false

  constructor(init: PolicyDriverInit) {
    this.#init = init
    this.policy = init.policy
  }

  /** @throws InvalidMessageError for what is outside the share or out of place */
  hear(member: SwarmMember, message: Message): void {
    this.act(hear(this.#init, member, message, performance.now()))
  }

  /** Do what an event led to. */
  act(effects: readonly PolicyEffect[]): void {
    for (const effect of effects) {
      this.#do(effect)
    }
    this.#init.wakeUplink()
    this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  next(canTake: (peer: string) => boolean, maxBlocks: (peer: string) => number): Upload | undefined {
    return this.policy.take(canTake, maxBlocks, performance.now())
  }

  sent(peer: string, bytes: number): void {
    this.#init.sent(bytes, peer)
    this.act(this.policy.onSent(peer, bytes, performance.now()))
  }

  unsent(peer: string, run: Run): void {
    this.act(this.policy.onUnsent(peer, run, performance.now()))
  }

  #do(effect: PolicyEffect): void {
    if ('leaf' in effect) {
      this.#init[effect.type](effect.leaf)
      return
    }
    const member = this.#init.member(effect.peer)
    if (member !== undefined) {
      this.#say(member, effect)
    }
  }

  #say(member: SwarmMember, effect: Extract<PolicyEffect, { readonly peer: PeerKey }>): void {
    const { session } = member
    switch (effect.type) {
      case 'have':
      case 'offer':
      case 'pass':
        sendRanges(member, effect.type, effect.ranges)
        return
      case 'grant':
        session.send({ type: 'grant', leaves: effect.leaves })
        return
      case 'request':
      case 'cancel':
        if (effect.type === 'request') {
          member.owed.asked(effect.runs)
        }
        for (const runs of batches(effect.runs)) {
          session.send({ type: effect.type, runs })
        }
        return
      case 'reject':
        for (const runs of batches(effect.runs)) {
          session.send({ type: 'reject', reason: effect.reason, runs, nodes: 0 })
        }
        return
      case 'drop':
        this.#init.drop(member, effect.reason)
    }
  }

  #schedule(): void {
    const at = this.policy.wakeAt
    if (at >= this.#timerAt - TIMER_MS || this.#stopped) {
      return
    }
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(
      () => {
        this.#timerAt = Infinity
        this.act(this.policy.tick(performance.now()))
      },
      // Node cuts off what is no whole millisecond: the policy would be woken for nothing, and again
      Math.max(0, Math.ceil(at - performance.now()))
    )
  }
}

/** Say ranges in as many messages as it takes; one that says nothing is said too. */
export function sendRanges(
  { session }: Pick<SwarmMember, 'session'>,
  type: 'want' | 'have' | 'offer' | 'pass',
  ranges: Iterable<Range>
): void {
  const all = [...ranges]
  for (let at = 0; at === 0 || at < all.length; at += MAX_RANGES) {
    const part = all.slice(at, at + MAX_RANGES)
    session.send(type === 'want' ? { type, ranges: part, urgent: false, adds: at > 0 } : { type, ranges: part })
  }
}

function* batches(runs: readonly Run[]): Generator<readonly Run[]> {
  for (let at = 0; at < runs.length; at += MAX_RUNS) {
    yield runs.slice(at, at + MAX_RUNS)
  }
}
