import { REPLICATION } from './network-size.ts'
import { POSITION_BITS, commonPrefix, flipBit } from './position.ts'
import type { Contact, Position } from './position.ts'
import { EVERYTHING, blend, contains, halves, isUnder, parent, prefixOf } from './prefix.ts'
import type { Prefix } from './prefix.ts'

/** Lookups one exploration may take, as in Kubo; a part of the key space that is well chosen takes two to four. */
export const MAX_EXPLORATION_LOOKUPS = 64

/** So many lookups in a row that named nobody new end an exploration: the network answers, but not with this part. */
const STALE_LOOKUPS = 2

/**
 * The parts of the key space whose peers are all known after the nearest to `target` were found. With fewer than 20
 * those are all peers there are.
 */
export function coveredPrefixes(target: Position, closest: readonly Contact[]): readonly Prefix[] {
  if (closest.length < REPLICATION) {
    return [EVERYTHING]
  }
  const covered: Prefix[] = []
  let from = target
  for (;;) {
    const prefixes = closest.map(({ position }) => commonPrefix(position, from))
    const shared = Math.min(...prefixes)
    covered.push(prefixOf(from, Math.min(POSITION_BITS, shared + 1)))
    // one is farther than this part, so nobody of it can be missing
    if (shared >= POSITION_BITS - 1 || prefixes.some((each) => each > shared)) {
      return covered
    }
    // nobody lives there; all of the nearest are the nearest to the other half as well
    from = flipBit(from, shared)
  }
}

/** The largest parts of `prefix` that no covered one holds; those that begin like `order` first. */
export function gapsIn(prefix: Prefix, covered: readonly Prefix[], order: Position): readonly Prefix[] {
  if (covered.some((each) => contains(each, prefix))) {
    return []
  }
  const inside = covered.filter((each) => contains(prefix, each))
  if (inside.length === 0) {
    return [prefix]
  }
  const parts = halves(prefix)
  const [first] = parts
  const inOrder = first !== undefined && isUnder(blend(prefix.position, order, prefix.length), first)
  return (inOrder ? parts : [...parts].reverse()).flatMap((part) => gapsIn(part, inside, order))
}

/**
 * Finds everybody in a part of the key space, lookup by lookup. Pure: look `next()` up, tell `found()` the nearest that
 * answered, and go on until `next()` is `undefined`.
 */
export class Exploration<C extends Contact> {
  readonly #order: Position
  readonly #contacts = new Map<string, C>()
  readonly #covered: Prefix[] = []
  #prefix: Prefix
  #next: Position | undefined
  #lookups = 0
  #stale = 0

  /** `order`: the own position, so that different nodes begin at different ends. */
  constructor(prefix: Prefix, order: Position) {
    this.#prefix = prefix
    this.#order = order
    this.#aim(prefix)
  }

  /** What was explored: larger than what was asked for where that holds fewer than 20. */
  get prefix(): Prefix {
    return this.#prefix
  }

  /** Everybody in it that was found. */
  get contacts(): readonly C[] {
    return [...this.#contacts.values()].filter(({ position }) => isUnder(position, this.#prefix))
  }

  get lookups(): number {
    return this.#lookups
  }

  /** The position to look up. */
  next(): Position | undefined {
    return this.#next
  }

  /** The 20 nearest to `next()`; fewer say that there are no more. */
  found(closest: readonly C[]): void {
    const target = this.#next
    if (target === undefined) {
      return
    }
    this.#lookups++
    const before = this.#contacts.size
    closest.forEach((contact) => this.#contacts.set(contact.key, contact))
    this.#stale = this.#contacts.size === before ? this.#stale + 1 : 0
    // a lookup that found too few where there are more has failed: it covers nothing
    if (closest.length >= REPLICATION || this.#contacts.size < REPLICATION) {
      this.#covered.push(...coveredPrefixes(target, closest))
    }
    const isOver = this.#stale >= STALE_LOOKUPS || this.#lookups >= MAX_EXPLORATION_LOOKUPS
    this.#aim(isOver ? undefined : this.#gap())
    if (this.#next === undefined) {
      this.#widen()
    }
  }

  /** The next part to look at. A part with too few holders is looked at together with its neighbour. */
  #gap(): Prefix | undefined {
    for (;;) {
      const [gap] = gapsIn(this.#prefix, this.#covered, this.#order)
      if (gap !== undefined || !this.#isTooSmall()) {
        return gap
      }
      this.#prefix = parent(this.#prefix)
    }
  }

  #widen(): void {
    while (this.#isTooSmall()) {
      this.#prefix = parent(this.#prefix)
    }
  }

  #isTooSmall(): boolean {
    return this.#prefix.length > 0 && this.contacts.length < REPLICATION
  }

  #aim(gap: Prefix | undefined): void {
    this.#next = gap === undefined ? undefined : blend(gap.position, this.#order, gap.length)
  }
}
