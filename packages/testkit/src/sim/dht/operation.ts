import type { Random } from '../../random.ts'
import type { EventHash } from '../event-hash.ts'
import { EventQueue } from '../event-queue.ts'
import type { DhtAsk, DhtLookup, DhtPatience } from './lookup.ts'
import type { DhtPosition } from './position.ts'
import type { DhtWorld, RequestOutcome } from './world.ts'

/** One search or announcement, and what it meets. */
export interface OperationInit<Ask extends DhtAsk> {
  readonly world: DhtWorld
  readonly self: number
  readonly target: DhtPosition
  readonly lookup: DhtLookup<Ask>
  readonly patience: DhtPatience
  readonly random: Random
  /** Takes the way it went. */
  readonly hash: EventHash
  /** Share of the own table's live contacts that are connected. @default 0.5 */
  readonly connectedShare?: number
  /** Providers that a node names, `true`: with the one that is looked for among them. @default nobody names any */
  readonly records?: (node: number) => { readonly count: number; readonly isTrue: boolean } | undefined
  /** The caller has what it wants with the first true record. @default true */
  readonly stopAtRecord?: boolean
}

/** What became of it. Times in milliseconds since it began. */
export interface OperationResult {
  /** Requests, puts included. */
  readonly messages: number
  readonly dials: number
  /** First true record; `Infinity`: none. */
  readonly recordAtMs: number
  /** Requests until then. */
  readonly recordMessages: number
  /** Of each confirmation, in order. */
  readonly ackAtMs: readonly number[]
  /** Nothing was left to do. */
  readonly doneAtMs: number
  /** Who confirmed the record. */
  readonly holders: ReadonlySet<number>
  readonly asked: ReadonlySet<number>
  readonly refused: number
  /** How many answers led to it; 1: from the own table. */
  readonly hops: ReadonlyMap<number, number>
  readonly events: number
}

/** Kinds of events in the fingerprint. */
const KIND = { answer: 1, fail: 2, slow: 3, ack: 4, refuse: 5, putSlow: 6 } as const

/** Runs one lookup in virtual time to its end. */
export function runOperation<Ask extends DhtAsk>(init: OperationInit<Ask>): OperationResult {
  return new Operation(init).run()
}

class Operation<Ask extends DhtAsk> {
  readonly #init: OperationInit<Ask>
  readonly #queue = new EventQueue<() => void>()
  readonly #connected = new Set<number>()
  readonly #hops = new Map<number, number>()
  readonly #asked = new Set<number>()
  readonly #holders = new Set<number>()
  readonly #ackAtMs: number[] = []
  #now = 0
  #busyUntil = 0
  #messages = 0
  #dials = 0
  #refused = 0
  #events = 0
  #recordAtMs = Infinity
  #recordMessages = Infinity

  constructor(init: OperationInit<Ask>) {
    this.#init = init
    const { world, self, target, random, connectedShare = 0.5 } = init
    for (const seed of world.known(self, target)) {
      this.#hops.set(seed, 1)
      if (random.float() < connectedShare && world.answers(seed)) {
        this.#connected.add(seed)
      }
    }
  }

  run(): OperationResult {
    const { stopAtRecord = true } = this.#init
    let doneAtMs = Infinity
    for (;;) {
      if (this.#send()) {
        doneAtMs = this.#now
        break
      }
      const at = this.#queue.nextAt
      const event = this.#queue.pop()
      if (at === undefined || event === undefined || (stopAtRecord && this.#recordAtMs < Infinity)) {
        break
      }
      this.#now = at
      this.#events++
      event()
    }
    return {
      messages: this.#messages,
      dials: this.#dials,
      recordAtMs: this.#recordAtMs,
      recordMessages: this.#recordMessages,
      ackAtMs: this.#ackAtMs,
      doneAtMs,
      holders: this.#holders,
      asked: this.#asked,
      refused: this.#refused,
      hops: this.#hops,
      events: this.#events
    }
  }

  #send(): boolean {
    const { lookup } = this.#init
    const { asks, puts, isDone } = lookup.step()
    asks.forEach((ask) => {
      this.#ask(ask)
    })
    puts.forEach((node) => {
      this.#put(node)
    })
    return isDone
  }

  #ask(ask: Ask): void {
    const { lookup } = this.#init
    this.#asked.add(ask.node)
    this.#request(ask.node, {
      slow: () => {
        this.#note(KIND.slow, ask.node)
        lookup.slow(ask)
      },
      done: (ok) => {
        this.#note(ok ? KIND.answer : KIND.fail, ask.node)
        if (ok) {
          this.#answered(ask)
        } else {
          lookup.failed(ask)
        }
      }
    })
  }

  #answered(ask: Ask): void {
    const { lookup, world, self, records } = this.#init
    const closer = world.known(ask.node, ask.target).filter((node) => node !== self)
    const hops = (this.#hops.get(ask.node) ?? 0) + 1
    for (const node of closer) {
      if (!this.#hops.has(node)) {
        this.#hops.set(node, hops)
      }
    }
    const named = records?.(ask.node)
    if (named?.isTrue === true && this.#recordAtMs === Infinity) {
      this.#recordAtMs = this.#now
      this.#recordMessages = this.#messages
    }
    lookup.answered(ask, closer, named?.count ?? 0)
  }

  #put(node: number): void {
    const { lookup } = this.#init
    this.#request(node, {
      slow: () => {
        this.#note(KIND.putSlow, node)
        lookup.putSlow(node)
      },
      done: (ok) => {
        this.#note(ok ? KIND.ack : KIND.refuse, node)
        if (ok) {
          this.#holders.add(node)
          this.#ackAtMs.push(this.#now)
          lookup.acked(node)
        } else {
          this.#refused++
          lookup.refused(node)
        }
      }
    })
  }

  #request(node: number, on: { slow: () => void; done: (ok: boolean) => void }): void {
    const { world, self, patience, random } = this.#init
    const connected = this.#connected.has(node)
    this.#messages++
    this.#dials += Number(!connected)
    const outcome = world.outcome(self, node, connected, random)
    const { ok } = outcome
    const afterMs = this.#queued(outcome)
    const hardMs = patience.hardMs(node)
    const softMs = patience.softMs(connected)
    const isOver = afterMs <= hardMs
    let isDone = false
    this.#queue.push(this.#now + Math.min(afterMs, hardMs), () => {
      isDone = true
      if (isOver && ok) {
        this.#connected.add(node)
      }
      on.done(isOver && ok)
    })
    if (softMs < Math.min(afterMs, hardMs)) {
      this.#queue.push(this.#now + softMs, () => {
        if (!isDone) {
          on.slow()
        }
      })
    }
  }

  /** How long it takes with what else the processor has to do. */
  #queued({ wireMs, workMs }: RequestOutcome): number {
    if (!this.#init.world.delays.sharedProcessor) {
      return wireMs + workMs
    }
    this.#busyUntil = Math.max(this.#now, this.#busyUntil) + workMs
    return wireMs + (this.#busyUntil - this.#now)
  }

  #note(kind: number, node: number): void {
    const { hash } = this.#init
    hash.add(Math.round(this.#now * 1000))
    hash.add(kind)
    hash.add(node)
  }
}
