import { seededRandom } from '../../random.ts'
import type { Random } from '../../random.ts'
import type { MemberBrain, MemberNews, MemberPort } from './brain.ts'
import { MemberNetwork } from './network.ts'
import type { NetworkModel } from './network-model.ts'
import { MemberViews } from './views.ts'
import type { TrackedEvent } from './views.ts'

/** Incarnations are Unix milliseconds: virtual time zero is here. */
export const SIM_EPOCH_MS = Date.UTC(2026, 0, 1)

/** A node that leaves is there for so long after saying so. */
const LINGER_MS = 1000

/** One member, for whoever makes its brain. */
export interface MemberInit<Message> {
  readonly port: MemberPort<Message>
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly now: number
  /** Whole number that grows with every life. */
  readonly incarnation: number
  /** Members that it knows from the start; the same array for all that start together. */
  readonly knows: readonly number[]
  /** Tell the simulation what changed in this member's view. */
  readonly notify: (news: MemberNews, incarnation: number) => void
}

/** Makes a member's brain and starts it. */
export type MakeMember<Message> = (init: MemberInit<Message>) => MemberBrain<Message>

export interface MembershipSimulationInit<Message> {
  readonly seed: number | string
  /** Members that are there from the start and know each other. */
  readonly members: number
  /** Numbers for members that come later. @default 0 */
  readonly spare?: number
  readonly model: (capacity: number, random: Random) => NetworkModel
  readonly make: MakeMember<Message>
}

/** A cluster in virtual time, and what can happen to it. */
export class MembershipSimulation<Message> {
  readonly network: MemberNetwork<Message>
  readonly views: MemberViews
  readonly random: Random
  readonly members: number
  readonly capacity: number
  readonly brains: Array<MemberBrain<Message> | undefined>
  readonly #make: MakeMember<Message>
  readonly #knows: readonly number[]
  #nextSpare: number

  constructor({ seed, members, spare = 0, model, make }: MembershipSimulationInit<Message>) {
    const random = seededRandom(seed)
    this.members = members
    this.capacity = members + spare
    this.random = random.fork('world')
    this.network = new MemberNetwork({
      capacity: this.capacity,
      model: model(this.capacity, random.fork('model')),
      random: random.fork('network')
    })
    this.views = new MemberViews(this.capacity)
    this.brains = Array.from({ length: this.capacity }, () => undefined)
    this.#make = make
    this.#nextSpare = members
    this.#knows = Array.from({ length: members }, (_, member) => member)
    for (const member of this.#knows) {
      this.#start(member, this.#knows)
    }
  }

  get now(): number {
    return this.network.now
  }

  /** Count messages, bytes, dials and faults from here on. */
  measure(): void {
    this.network.measuring = true
    this.views.counting = true
  }

  /** A number that no member has had. */
  spare(): number | undefined {
    return this.#nextSpare < this.capacity ? this.#nextSpare++ : undefined
  }

  /** Any member that is up; `accepts` narrows it. */
  pickUp(accepts: (member: number) => boolean = () => true): number | undefined {
    const candidates: number[] = []
    for (let member = 0; member < this.capacity; member++) {
      if (this.views.isUp(member) && accepts(member)) {
        candidates.push(member)
      }
    }
    return candidates.length === 0 ? undefined : this.random.pick(candidates)
  }

  /** A member comes up with an empty view, or comes back, and connects to one that is there. */
  join(member: number, track = false): TrackedEvent | undefined {
    const contact = this.pickUp((other) => other !== member && this.network.sameSide(other, member))
    this.#start(member, [])
    const event = track ? this.views.track('join', member, this.now) : undefined
    if (contact !== undefined) {
      this.network.link(member, contact)
    }
    return event
  }

  /** A member says goodbye and goes. */
  leave(member: number, track = false): TrackedEvent | undefined {
    const event = track ? this.views.track('leave', member, this.now) : undefined
    this.views.wentDown(member, this.now)
    this.network.soon(member, (now) => this.brains[member]?.leave(now))
    this.network.after(LINGER_MS, () => this.network.stop(member))
    return event
  }

  /** A member ends without a word; with `reset`, its host closes its connections. */
  crash(member: number, { reset = false, track = false } = {}): TrackedEvent | undefined {
    const event = track ? this.views.track('crash', member, this.now) : undefined
    this.views.wentDown(member, this.now)
    this.network.crash(member, reset)
    return event
  }

  /** Freeze a member's process or its network. */
  stall(member: number, kind: 'process' | 'network', ms: number): void {
    if (kind === 'process') {
      this.network.stallProcess(member, ms)
    } else {
      this.network.stallNetwork(member, ms)
    }
    this.network.after(ms, (now) => this.views.awoke(member, now))
  }

  run(untilMs: number, done?: () => boolean): void {
    this.network.run(untilMs, done)
  }

  #start(member: number, knows: readonly number[]): void {
    const random = this.random.fork(`member ${member} at ${this.now}`)
    this.views.cameUp(member, knows, this.now)
    this.brains[member] = this.network.add(member, (port) =>
      this.#make({
        port,
        random: () => random.float(),
        now: this.now,
        incarnation: SIM_EPOCH_MS + Math.floor(this.now),
        knows,
        notify: (news, incarnation) => this.views.hear(member, news, incarnation, this.now)
      })
    )
  }
}
