import type { MemberNews } from './brain.ts'

const UNKNOWN = 0
const ALIVE = 1
const SUSPECT = 2
const DEAD = 3
const LEFT = 4

const STATUS_AFTER = { join: ALIVE, alive: ALIVE, update: ALIVE, suspect: SUSPECT, dead: DEAD, leave: LEFT } as const

/** A member that is held alive this long after its end was not just news on its way. */
const GHOST_AFTER_MS = 30_000

/** Something that happened to one member, and when each of the others knew. */
export interface TrackedEvent {
  readonly kind: 'join' | 'leave' | 'crash'
  readonly subject: number
  readonly startedMs: number
  /** Who was up then, without the subject. */
  readonly viewers: readonly number[]
  /** By viewer: when it knew; `Infinity`: not yet. */
  readonly knownMs: Float64Array
  /** By viewer: hops that the news took. */
  readonly hops: Uint8Array
  firstSuspectedMs: number
  /** Only of a join: when the newcomer knew every member that was up when it came. */
  completeMs: number
}

/** What went wrong in the views so far; only while `counting`. */
export interface ViewFaults {
  /** (member, incarnation) that somebody held dead while it was up, by whether it was among those that are stalled. */
  deadHealthy: number
  deadStalled: number
  /** (member, incarnation) that somebody suspected while it was up. */
  suspected: number
  /** Ends of members, long past, that somebody took back without cause. */
  resurrected: number
  /** How long expelled members that were up and awake were held dead by any viewer that is not stalled itself, in ms. */
  readonly rejoinMs: number[]
}

/** What every member holds about every other one, beside what is true. */
export class MemberViews {
  readonly faults: ViewFaults = { deadHealthy: 0, deadStalled: 0, suspected: 0, resurrected: 0, rejoinMs: [] }
  readonly events: TrackedEvent[] = []
  counting = false
  /** Called for each false verdict, to look at one. */
  onFalseDeath: ((viewer: number, member: number, now: number) => void) | undefined
  /** Called for each change of what a viewer holds. */
  onChange: ((viewer: number, member: number, type: MemberNews['type'], now: number) => void) | undefined
  readonly #size: number
  readonly #status: Uint8Array
  readonly #up: Uint8Array
  readonly #stalled: Uint8Array
  readonly #downSince: Float64Array
  /** By viewer: members that are up and not held alive, and those that are down and are. */
  readonly #missing: Int32Array
  readonly #ghosts: Int32Array
  /** By member: viewers that are up, are not stalled on purpose, and hold it dead or left. */
  readonly #deniers: Int32Array
  readonly #deniedSince: Float64Array
  readonly #tracked = new Map<number, TrackedEvent>()
  readonly #deaths = new Set<string>()
  readonly #suspicions = new Set<string>()
  #upCount = 0

  constructor(capacity: number) {
    this.#size = capacity
    this.#status = new Uint8Array(capacity * capacity)
    this.#up = new Uint8Array(capacity)
    this.#stalled = new Uint8Array(capacity)
    this.#downSince = new Float64Array(capacity).fill(-Infinity)
    this.#missing = new Int32Array(capacity)
    this.#ghosts = new Int32Array(capacity)
    this.#deniers = new Int32Array(capacity)
    this.#deniedSince = new Float64Array(capacity)
  }

  get upCount(): number {
    return this.#upCount
  }

  isUp(member: number): boolean {
    return this.#up[member] === 1
  }

  /** One of those that are stalled on purpose: what is said of it is counted apart. */
  markStalled(member: number): void {
    this.#stalled[member] = 1
  }

  isMarked(member: number): boolean {
    return this.#stalled[member] === 1
  }

  /** A member is up and holds only these alive. */
  cameUp(member: number, knows: readonly number[], now: number): void {
    this.#up[member] = 1
    this.#upCount++
    const row = member * this.#size
    this.#status.fill(UNKNOWN, row, row + this.#size)
    this.#missing[member] = this.#upCount - 1
    this.#ghosts[member] = 0
    for (const known of knows) {
      if (known !== member) {
        this.#status[row + known] = ALIVE
        const counter = this.#up[known] === 1 ? this.#missing : this.#ghosts
        counter[member] = (counter[member] ?? 0) + (this.#up[known] === 1 ? -1 : 1)
      }
    }
    let deniers = 0
    for (let viewer = 0; viewer < this.#size; viewer++) {
      if (viewer !== member) {
        const status = this.#status[viewer * this.#size + member] ?? 0
        this.#truthChanged(viewer, status, 1)
        deniers += status >= DEAD && this.#counts(viewer) ? 1 : 0
      }
    }
    this.#deniers[member] = deniers
    this.#deniedSince[member] = now
  }

  /** A member is not up any more, however it ended. */
  wentDown(member: number, now: number): void {
    this.#up[member] = 0
    this.#upCount--
    this.#downSince[member] = now
    const row = member * this.#size
    for (let other = 0; other < this.#size; other++) {
      if (other !== member) {
        this.#truthChanged(other, this.#status[other * this.#size + member] ?? 0, -1)
        if ((this.#status[row + other] ?? 0) >= DEAD && this.#up[other] === 1 && this.#stalled[member] === 0) {
          this.#denied(other, -1, now)
        }
      }
    }
  }

  /** Begin to note who knows what happened to a member. */
  track(kind: TrackedEvent['kind'], subject: number, now: number): TrackedEvent {
    const viewers: number[] = []
    for (let viewer = 0; viewer < this.#size; viewer++) {
      if (viewer !== subject && this.#up[viewer] === 1) {
        viewers.push(viewer)
      }
    }
    const event: TrackedEvent = {
      kind,
      subject,
      startedMs: now,
      viewers,
      knownMs: new Float64Array(this.#size).fill(Infinity),
      hops: new Uint8Array(this.#size),
      firstSuspectedMs: Infinity,
      completeMs: Infinity
    }
    this.#tracked.set(subject, event)
    this.events.push(event)
    return event
  }

  isTracked(member: number): boolean {
    return this.#tracked.has(member)
  }

  /** Members that are up and `viewer` does not hold alive, and those that are down and it does. */
  wrongIn(viewer: number): number {
    return (this.#missing[viewer] ?? 0) + (this.#ghosts[viewer] ?? 0)
  }

  /** Viewers among those that are up whose view is not the truth. */
  wrongViewers(): number {
    let wrong = 0
    for (let viewer = 0; viewer < this.#size; viewer++) {
      wrong += this.#up[viewer] === 1 && this.wrongIn(viewer) > 0 ? 1 : 0
    }
    return wrong
  }

  /** Wrong entries in the views of members that are up: live ones denied, and dead ones believed. */
  wrongEntries(): { missing: number; ghosts: number } {
    let [missing, ghosts] = [0, 0]
    for (let viewer = 0; viewer < this.#size; viewer++) {
      if (this.#up[viewer] === 1) {
        missing += this.#missing[viewer] ?? 0
        ghosts += this.#ghosts[viewer] ?? 0
      }
    }
    return { missing, ghosts }
  }

  /** What a viewer's brain says changed. `incarnation`: of the member, as the viewer knows it. */
  hear(viewer: number, { type, member, hops }: MemberNews, incarnation: number, now: number): void {
    if (member === viewer || this.#up[viewer] !== 1) {
      return
    }
    const at = viewer * this.#size + member
    const before = this.#status[at] ?? 0
    const after = STATUS_AFTER[type]
    if (before === after) {
      return
    }
    this.#status[at] = after
    const isUp = this.#up[member] === 1
    this.#recount(viewer, member, before, after, isUp, now)
    if (this.counting) {
      this.#judge(viewer, member, before, after, incarnation, now)
    }
    this.#note(viewer, member, after, hops, now)
    this.onChange?.(viewer, member, type, now)
  }

  #recount(viewer: number, member: number, before: number, after: number, isUp: boolean, now: number): void {
    const wasIn = isIn(before)
    if (wasIn !== isIn(after)) {
      const counter = isUp ? this.#missing : this.#ghosts
      counter[viewer] = (counter[viewer] ?? 0) + (wasIn === isUp ? 1 : -1)
    }
    if (isUp && before >= DEAD !== after >= DEAD && this.#counts(viewer)) {
      this.#denied(member, after >= DEAD ? 1 : -1, now)
    }
  }

  /** A viewer that is asleep itself says nothing about how soon others are back. */
  #counts(viewer: number): boolean {
    return this.#up[viewer] === 1 && this.#stalled[viewer] === 0
  }

  #denied(member: number, by: number, now: number): void {
    const before = this.#deniers[member] ?? 0
    const after = before + by
    this.#deniers[member] = after
    if (before === 0) {
      this.#deniedSince[member] = now
    } else if (after === 0 && this.counting) {
      this.faults.rejoinMs.push(now - (this.#deniedSince[member] ?? 0))
    }
  }

  /** An expelled member was asleep until now: only from here on it can come back. */
  awoke(member: number, now: number): void {
    this.#deniedSince[member] = Math.max(now, this.#deniedSince[member] ?? 0)
  }

  #judge(viewer: number, member: number, before: number, after: number, incarnation: number, now: number): void {
    const isUp = this.#up[member] === 1
    const key = `${member}/${incarnation}`
    if (after === DEAD && isUp && !this.#deaths.has(key)) {
      this.#deaths.add(key)
      const isStalled = this.#stalled[member] === 1
      this.faults.deadStalled += isStalled ? 1 : 0
      this.faults.deadHealthy += isStalled ? 0 : 1
      this.onFalseDeath?.(viewer, member, now)
    } else if (after === SUSPECT && isUp && !this.#suspicions.has(key)) {
      this.#suspicions.add(key)
      this.faults.suspected++
    } else if (!isUp && isIn(after) && !isIn(before) && now - (this.#downSince[member] ?? 0) > GHOST_AFTER_MS) {
      this.faults.resurrected++
    }
  }

  #note(viewer: number, member: number, after: number, hops: number, now: number): void {
    const event = this.#tracked.get(member)
    if (event !== undefined) {
      if (after === SUSPECT) {
        event.firstSuspectedMs = Math.min(event.firstSuspectedMs, now)
      } else if (event.knownMs[viewer] === Infinity && isKnowing(event.kind, after)) {
        event.knownMs[viewer] = now
        event.hops[viewer] = hops
      }
    }
    const own = this.#tracked.get(viewer)
    if (own?.completeMs === Infinity && own.kind === 'join' && this.#missing[viewer] === 0) {
      own.completeMs = now
    }
  }

  /** A member went up (`by` 1) or down: what a viewer holds of it is right or wrong now. */
  #truthChanged(viewer: number, status: number, by: number): void {
    const counter = isIn(status) ? this.#ghosts : this.#missing
    const right = isIn(status) ? -by : by
    counter[viewer] = (counter[viewer] ?? 0) + right
  }
}

function isIn(status: number): boolean {
  return status === ALIVE || status === SUSPECT
}

function isKnowing(kind: TrackedEvent['kind'], status: number): boolean {
  return kind === 'join' ? status === ALIVE : kind === 'leave' ? status >= DEAD : status === DEAD
}
