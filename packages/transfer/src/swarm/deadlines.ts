/** Readers of one share that come before everything else; those beyond are served like other downloads. */
export const MAX_DEADLINES = 64

/** Leaves that one deadline may name: what is further away is not urgent yet. */
export const MAX_DEADLINE_LEAVES = 1024

/** Leaves that somebody waits for, the first of them first. */
export interface Deadline {
  /** Canonical indices. */
  readonly leaves: readonly number[]
  /** When the first one is due, by the clock that is passed in everywhere. */
  readonly dueMs: number
  /** So much later is each of the others. */
  readonly eachMs: number
}

/**
 * What is needed by when, of all who wait for something. A deadline is named by an object of its owner. Pure: it holds no
 * clock, and looks at no more than `MAX_DEADLINES` times `MAX_DEADLINE_LEAVES` leaves.
 */
export class Deadlines {
  readonly #all = new Map<object, Deadline>()

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  /** In place of what the owner set before. Returns `false`, and forgets that, when there are too many. */
  set(owner: object, { leaves, dueMs, eachMs }: Deadline): boolean {
    this.#all.delete(owner)
    if (this.#all.size >= MAX_DEADLINES) {
      return false
    }
    this.#all.set(owner, { leaves: leaves.slice(0, MAX_DEADLINE_LEAVES), dueMs, eachMs })
    return true
  }

  delete(owner: object): void {
    this.#all.delete(owner)
  }

  /** Whether somebody waits for the leaf. */
  has(leaf: number): boolean {
    return [...this.#all.values()].some(({ leaves }) => leaves.includes(leaf))
  }

  /** Whether somebody waits for the leaf, and should have it by now. */
  isDue(leaf: number, now: number): boolean {
    return [...this.#all.values()].some(({ leaves, dueMs, eachMs }) => {
      const at = leaves.indexOf(leaf)
      return at >= 0 && dueMs + at * eachMs <= now
    })
  }

  /** Of the leaves that pass, the one that is due first. */
  first(passes: (leaf: number) => boolean): number | undefined {
    let best: number | undefined
    let bestDueMs = Infinity
    for (const { leaves, dueMs, eachMs } of this.#all.values()) {
      const at = leaves.findIndex(passes)
      if (at >= 0 && dueMs + at * eachMs < bestDueMs) {
        best = leaves[at]
        bestDueMs = dueMs + at * eachMs
      }
    }
    return best
  }

  /** All that somebody waits for, what is due first in front; a leaf that several wait for is there once. */
  inOrder(): number[] {
    const due = new Map<number, number>()
    for (const { leaves, dueMs, eachMs } of this.#all.values()) {
      leaves.forEach((leaf, at) => due.set(leaf, Math.min(due.get(leaf) ?? Infinity, dueMs + at * eachMs)))
    }
    return [...due].sort(([, a], [, b]) => a - b).map(([leaf]) => leaf)
  }
}
