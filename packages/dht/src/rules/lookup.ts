import { FINDABLE_ACKS } from './ack-state.ts'
import { Frontier } from './frontier.ts'
import type { Heard } from './frontier.ts'
import { REPLICATION, crowdedDistance, nearDistance } from './network-size.ts'
import type { KnownSize, SizeSample } from './network-size.ts'
import { distanceOf } from './position.ts'
import type { Contact, Position } from './position.ts'
import { Puts } from './puts.ts'
import { MAX_REGION_MESSAGES, regionPlan } from './region-plan.ts'

/** Requests in flight at once: a person waits for a search, nobody for the end of an announcement. */
export const ALPHA = Object.freeze({ find: 10, provide: 5 })

/** An announcement's walk is at its goal when so many nearest have answered. A search must not rely on that. */
export const BETA = 3

/**
 * Records on their way at once until five are confirmed: twenty dials at a time would share one processor, and the first
 * five come in when all are nearly done. Three times as many as are needed cost nothing where nodes are far apart.
 */
const FIRST_PUTS = 3 * FINDABLE_ACKS

/**
 * Contacts of the own table that a lookup begins with. In a network whose every table holds everybody, answers name
 * nobody new: then these must do for 20 holders, dead ones replaced.
 */
export const SEEDS = 40

/** Where a lookup begins and what it knows. */
export interface LookupInit<C extends Contact> {
  readonly kind: 'find' | 'provide'
  readonly target: Position
  /** Estimated number of servers; without it nothing is put early and no alarm is raised. */
  readonly nodes?: number
  /**
   * Peers the estimate is made of (`SizeEstimate.ranks`); fewer than 20 make it a lower bound. The default is that the
   * number is known.
   */
  readonly ranks?: number
  /** Requests in flight at once. The default is `ALPHA`. */
  readonly alpha?: number
  /** The `SEEDS` nearest of the own table. */
  readonly seeds: readonly C[]
  /** Contacts of the own table nearest to another position, for probes: a crowded key's neighbours name only each other. */
  readonly seedsNear: (position: Position) => readonly C[]
}

/** A request to send: who is near `target`, and with a search, who provides the key. */
export interface Ask<C extends Contact> {
  readonly contact: C
  readonly target: Position
  /** Which walk it belongs to; 0 is the one to the key. */
  readonly walk: number
}

/** What is to be done next. */
export interface LookupStep<C extends Contact> {
  readonly asks: readonly Ask<C>[]
  readonly puts: readonly C[]
  /** Nothing is left to do. With an announcement: everybody was told and has answered. */
  readonly isDone: boolean
}

type Phase = 'walk' | 'probe' | 'region' | 'put' | 'done'

const isUsable = <C extends Contact>({ status }: Heard<C>): boolean => status !== 'failed'
const isPrompt = <C extends Contact>({ status }: Heard<C>): boolean => status !== 'failed' && status !== 'slow'

/**
 * One search or announcement (SPEC.md#lookup). Pure: whoever drives it sends what `step()` says and tells what came of
 * it with `answered`, `slow`, `failed`, `acked`, `putSlow` and `refused`, each followed by another `step()`.
 */
export class Lookup<C extends Contact> {
  readonly puts = new Puts()
  readonly #init: LookupInit<C>
  #size: KnownSize | undefined
  #crowdedBelow = 0
  readonly #alpha: number
  /** The one to the key; probes come behind it in `#walks`. */
  readonly #main: Frontier<C>
  readonly #walks: Frontier<C>[]
  #phase: Phase = 'walk'
  #alarm = false
  #isSuspicious = false
  #isResizing = false
  #regionMessages = 0
  #radius = 0
  #crowd = 0

  constructor(init: LookupInit<C>) {
    this.#init = init
    this.#alpha = init.alpha ?? ALPHA[init.kind]
    if (init.nodes !== undefined) {
      this.resize({ ...init, nodes: init.nodes })
    }
    this.#main = new Frontier<C>(init.target)
    init.seeds.forEach((seed) => this.#main.add(seed))
    this.#walks = [this.#main]
  }

  /** Somebody finds out how many servers there are: until `resize()` nothing is taken for crowded. */
  awaitSize(): void {
    this.#isResizing = true
  }

  /** More is known about how many servers there are, or no more: an alarm that was not raised yet is judged by that. */
  resize(size: KnownSize | undefined): void {
    this.#isResizing = false
    if (size === undefined) {
      return
    }
    this.#size = size
    this.#crowdedBelow = crowdedDistance(size)
    this.#isSuspicious &&= this.#isCrowdedBy(isUsable)
  }

  /** How many servers there are, as far as it knows by now. */
  get nodes(): number | undefined {
    return this.#size?.nodes
  }

  /** When the 20th nearest is nearer than this, somebody has placed peers around the key. */
  get crowdedBelow(): number {
    return this.#crowdedBelow
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Whether the key is crowded by placed peers; then everybody in the honest radius is asked and told. */
  get alarm(): boolean {
    return this.#alarm
  }

  /** The walk to the key has come to its end, and with an alarm the region is done as well. */
  get isConverged(): boolean {
    return this.#phase === 'put' || this.#phase === 'done'
  }

  /**
   * Whether those around the key are known well enough to count on what they confirm: the size says how near holders are,
   * or, where a table of a few contacts could be a corner of a large network, most of the nearest have answered.
   */
  get isSure(): boolean {
    const { ranks = Infinity } = this.#size ?? {}
    const nearest = ranks >= REPLICATION || this.isConverged ? [] : this.#main.nearest(BETA + 2, isUsable)
    return nearest.filter(({ status }) => status === 'answered').length >= Math.min(BETA, nearest.length)
  }

  /** The 20 nearest that answered or confirmed, nearest first. */
  get closest(): readonly C[] {
    return this.#main.nearest(REPLICATION, this.#isThere).map(({ contact }) => contact)
  }

  /** For the size of the network: of the 20 nearest that answered or confirmed. `undefined` before the end and with an alarm. */
  sample(now: number): SizeSample | undefined {
    const closest = this.#main.nearest(REPLICATION, this.#isThere)
    const last = closest.at(-1)
    return this.#phase !== 'done' || this.#alarm || last === undefined
      ? undefined
      : { count: closest.length, distance: last.distance, at: now }
  }

  answered({ contact, walk }: Ask<C>, closer: readonly C[]): void {
    this.#walks[walk]?.set(contact.key, 'answered')
    for (const each of closer) {
      this.#main.add(each)
      this.#addToProbe(walk, each)
    }
  }

  /** It has not answered yet; the next may be asked. */
  slow({ contact, walk }: Ask<C>): void {
    if (this.#walks[walk]?.get(contact.key)?.status === 'asked') {
      this.#walks[walk].set(contact.key, 'slow')
    }
  }

  failed({ contact }: Ask<C>): void {
    // whom one walk cannot reach no other can
    this.#walks.forEach((walk) => {
      walk.set(contact.key, 'failed')
    })
  }

  acked(contact: C): void {
    this.puts.settle(contact.key, true)
  }

  /** It has not confirmed the record yet; another may be told in its place. */
  putSlow(contact: C): void {
    this.puts.slow(contact.key)
  }

  refused(contact: C): void {
    this.puts.settle(contact.key, false)
    this.#main.set(contact.key, 'failed')
  }

  step(): LookupStep<C> {
    const asks: Ask<C>[] = []
    const puts: C[] = []
    // each phase that has nothing left hands over to the next at once
    for (let before: Phase | undefined; before !== this.#phase;) {
      before = this.#phase
      this.#advance(asks, puts)
    }
    return { asks, puts, isDone: this.#phase === 'done' }
  }

  #advance(asks: Ask<C>[], puts: C[]): void {
    switch (this.#phase) {
      case 'walk':
        this.#putEarly(puts)
        if (this.#isAtGoal() && !this.#wantsProof()) {
          this.#endWalk()
        } else {
          this.#ask(0, this.#main.nearest(this.#reach, isPrompt), asks)
        }
        return
      case 'probe':
        this.#walks.forEach((walk, at) => {
          if (at > 0) {
            this.#ask(at, walk.nearest(BETA, isPrompt), asks)
          }
        })
        if (this.#walks.every((walk, at) => at === 0 || walk.waiting === 0)) {
          this.#phase = 'region'
        }
        return
      case 'region': {
        const region = this.#main.within(this.#radius, REPLICATION, isUsable)
        this.#put(region, MAX_REGION_MESSAGES, puts)
        this.#ask(0, [...this.#witnesses(), ...region], asks)
        if (this.#main.waiting === 0) {
          this.#phase = this.#init.kind === 'provide' ? 'put' : 'done'
        }
        return
      }
      case 'put':
        if (!this.puts.isFull()) {
          this.#put(this.#main.nearest(Infinity, isUsable), this.#room, puts)
        }
        if (this.puts.isSettled) {
          this.#phase = 'done'
        }
        return
      case 'done':
    }
  }

  /**
   * So many of the nearest are worth a question: an announcement asks those that the three it needs may come from, and
   * does not pass the time by asking all others while one of them keeps it waiting.
   */
  get #reach(): number {
    return this.#init.kind === 'find' || this.#isSuspicious ? REPLICATION : BETA + this.#alpha
  }

  /** Of those that answer in time, enough of the nearest have answered. */
  #isAtGoal(): boolean {
    const { kind } = this.#init
    if (kind === 'provide') {
      const nearest = this.#main.nearest(this.#isSuspicious ? REPLICATION : BETA, isPrompt)
      const isOver = nearest.every(({ status }) => status === 'answered')
      return isOver && (nearest.length > 0 || this.#main.nearest(1, isUsable).length === 0)
    }
    // the slow ones may hold the only record
    return this.#main.nearest(REPLICATION, isUsable).every(({ status }) => status === 'answered')
  }

  /**
   * An announcement has asked few of those it has heard of, and some of those are long gone: when they seem to crowd the
   * key, it asks all of the nearest before it believes that.
   */
  #wantsProof(): boolean {
    if (this.#isSuspicious || this.#init.kind === 'find' || !this.#isCrowdedBy(isUsable)) {
      return false
    }
    this.#isSuspicious = true
    return !this.#isAtGoal()
  }

  readonly #isThere = ({ status, contact }: Heard<C>): boolean =>
    status === 'answered' || this.puts.isAcked(contact.key)

  #isCrowdedBy(counts: (heard: Heard<C>) => boolean): boolean {
    const last = this.#main.nearest(REPLICATION, counts).at(REPLICATION - 1)
    return last !== undefined && last.distance < this.#crowdedBelow
  }

  #endWalk(): void {
    const { nodes } = this
    if (nodes === undefined || !this.#isCrowdedBy(this.#isThere)) {
      this.#phase = this.#init.kind === 'provide' ? 'put' : 'done'
    } else if (!this.#isResizing) {
      this.#raiseAlarm(nodes)
    }
  }

  #raiseAlarm(nodes: number): void {
    const { target, seedsNear } = this.#init
    this.#alarm = true
    this.#phase = 'probe'
    const { radius, probes, crowd } = regionPlan(target, nodes)
    this.#radius = radius
    this.#crowd = crowd
    for (const probe of probes) {
      const walk = this.#walks.push(new Frontier<C>(probe)) - 1
      seedsNear(probe).forEach((seed) => {
        this.#main.add(seed)
        this.#addToProbe(walk, seed)
      })
    }
  }

  /** Those around the probes are outside of the crowd, and know some of the honest in it. */
  #witnesses(): Heard<C>[] {
    return this.#walks
      .slice(1)
      .flatMap((walk) => walk.nearest(BETA, ({ status }) => status === 'answered'))
      .flatMap(({ contact }) => this.#main.get(contact.key) ?? [])
  }

  #addToProbe(walk: number, contact: C): void {
    if (walk > 0 && distanceOf(contact.position, this.#init.target) >= this.#crowd) {
      this.#walks[walk]?.add(contact)
    }
  }

  #ask(walk: number, candidates: readonly Heard<C>[], asks: Ask<C>[]): void {
    const frontier = this.#walks[walk]
    if (frontier === undefined) {
      return
    }
    for (const { contact, status } of candidates) {
      if (frontier.waiting >= this.#alpha || !this.#mayAsk()) {
        return
      }
      if (status === 'heard') {
        frontier.set(contact.key, 'asked')
        this.#regionMessages += Number(this.#alarm)
        asks.push({ contact, target: frontier.target, walk })
      }
    }
  }

  #mayAsk(): boolean {
    return !this.#alarm || this.#regionMessages < MAX_REGION_MESSAGES
  }

  /** Those that are surely among the holders need not wait for the end of the walk. */
  #putEarly(puts: C[]): void {
    const { kind, target } = this.#init
    const { nodes } = this
    if (kind === 'provide' && nodes !== undefined && this.isSure) {
      const near = nearDistance(nodes)
      const holders = this.#main.nearest(REPLICATION, isUsable)
      const sure = holders.filter(({ contact }) => distanceOf(contact.position, target) <= near)
      this.#put(sure, this.#room, puts)
    }
  }

  /** Records that may be sent now. */
  get #room(): number {
    const { acks, pending, likely } = this.puts
    const wanted = REPLICATION - likely
    return acks < FINDABLE_ACKS ? Math.min(wanted, FIRST_PUTS - pending) : wanted
  }

  #put(candidates: readonly Heard<C>[], most: number, puts: C[]): void {
    if (this.#init.kind === 'find') {
      return
    }
    let left = most
    for (const { contact } of candidates) {
      if (left <= 0 || !this.#mayAsk()) {
        return
      }
      if (this.puts.take(contact)) {
        this.#regionMessages += Number(this.#alarm)
        puts.push(contact)
        left--
      }
    }
  }
}
