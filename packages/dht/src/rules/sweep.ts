import { REPLICATION } from './network-size.ts'
import { commonPrefix, distanceOf } from './position.ts'
import type { Contact, Position } from './position.ts'
import { contains, halves, isUnder, parent, prefixOf } from './prefix.ts'
import type { Prefix } from './prefix.ts'

/** Random keys looked up before the first sweep, to learn how deep parts of about 20 peers are. */
export const DEPTH_LOOKUPS = 4

/** Deeper parts do not get their own time: no network has 2^24 times 20 servers. */
const MAX_DEPTH = 24

/** So few keys of one part are announced by a walk each: exploring it takes more lookups than that. */
export const MAX_SINGLE_KEYS = 2

/** How soon a part whose lookups or puts failed is tried again. */
export const SWEEP_RETRY_MS = 5 * 60 * 1000

/**
 * How many bits deep parts with about 20 peers are, from the nearest to some random keys: the mean, rounded down. `0`:
 * fewer than 20 peers answered, all of them hold everything.
 */
export function sweepDepth(closests: readonly (readonly Contact[])[]): number {
  if (closests.length === 0 || closests.some(({ length }) => length < REPLICATION)) {
    return 0
  }
  const depths = closests.map(([first, ...others]) =>
    first === undefined ? 0 : Math.min(...others.map(({ position }) => commonPrefix(position, first.position)))
  )
  return Math.min(MAX_DEPTH, Math.floor(depths.reduce((sum, depth) => sum + depth, 0) / depths.length))
}

/** The parts of `depth` bits that hold keys, in the order of the key space. */
export function partsWith(keys: readonly Position[], depth: number): readonly Prefix[] {
  const parts = new Map<string, Prefix>()
  for (const key of keys) {
    const part = prefixOf(key, depth)
    parts.set(nameOf(part), part)
  }
  return [...parts.values()].sort((a, b) => a.position.high - b.position.high || a.position.low - b.position.low)
}

/**
 * When in an interval a part has its turn, in `[0, 1)`. `order` is the own position: parts of one node are spread
 * evenly, and so are the turns of all nodes at one part.
 */
export function turnOf({ position, length }: Prefix, order: Position): number {
  const depth = Math.min(length, MAX_DEPTH)
  const slot = distanceOf(prefixOf(position, depth).position, prefixOf(order, depth).position)
  // nodes with the same order of parts still differ within the slot
  return slot + (order.low / 2 ** 32) * 2 ** -depth
}

/** The next turn of a part that was done at `doneAt`: not within half an interval, not later than one and a half. */
export function nextTurnAt(prefix: Prefix, order: Position, intervalMs: number, doneAt: number): number {
  const earliest = doneAt + intervalMs / 2
  const turn = turnOf(prefix, order) * intervalMs
  return turn + Math.ceil((earliest - turn) / intervalMs) * intervalMs
}

/** A part of the key space and when its keys are told to its holders again. */
export interface SweepTurn {
  readonly prefix: Prefix
  readonly at: number
}

/** What a sweep is made for. */
export interface SweepInit {
  /** The own position. */
  readonly order: Position
  /** Between two turns of one part, in milliseconds. */
  readonly intervalMs: number
}

/** Which part of the key space is announced when. Parts never overlap. It knows no keys: a part without any is skipped. */
export class SweepSchedule {
  readonly #order: Position
  readonly #intervalMs: number
  #turns: readonly SweepTurn[] = []

  constructor({ order, intervalMs }: SweepInit) {
    this.#order = order
    this.#intervalMs = intervalMs
  }

  /** All parts, the earliest turn first. */
  get turns(): readonly SweepTurn[] {
    return this.#turns
  }

  /** The part whose turn comes first. */
  next(): SweepTurn | undefined {
    return this.#turns[0]
  }

  /** Whether a key belongs to a part that has a turn. */
  covers(key: Position): boolean {
    return this.#turns.some(({ prefix }) => isUnder(key, prefix))
  }

  /** Give a part a turn at `at`, for example when it holds new keys or after a restart. Larger parts keep theirs. */
  add(prefix: Prefix, at: number): void {
    if (!this.#turns.some((turn) => contains(turn.prefix, prefix))) {
      this.#replace(prefix, [{ prefix, at }])
    }
  }

  /** A part was announced as these regions: each gets its own turn, and takes the place of what it covers. */
  done(explored: Prefix, regions: readonly Prefix[], now: number): void {
    const turns = regions.map((prefix) => ({
      prefix,
      at: nextTurnAt(prefix, this.#order, this.#intervalMs, now)
    }))
    this.#replace(explored, turns)
  }

  /** It could not be announced: again soon, before the others whose turn is later. */
  failed(prefix: Prefix, now: number): void {
    this.#replace(prefix, [{ prefix, at: now + SWEEP_RETRY_MS }])
  }

  #replace(explored: Prefix, turns: readonly SweepTurn[]): void {
    // a larger part that held the explored one goes on with what is left of it
    const kept = this.#turns.flatMap((turn) =>
      contains(explored, turn.prefix)
        ? []
        : contains(turn.prefix, explored)
          ? without(turn.prefix, explored).map((prefix) => ({ prefix, at: turn.at }))
          : [turn]
    )
    this.#turns = [...kept, ...turns].sort((a, b) => a.at - b.at)
  }
}

/** What is left of `outer` when its part `inner` is taken out: the other half at each depth between them. */
function without(outer: Prefix, inner: Prefix): Prefix[] {
  const left: Prefix[] = []
  for (let part = inner; part.length > outer.length; part = parent(part)) {
    const taken = part
    left.push(...halves(parent(part)).filter((half) => !contains(half, taken)))
  }
  return left
}

function nameOf({ position, length }: Prefix): string {
  return `${length}/${position.high}/${position.low}`
}
