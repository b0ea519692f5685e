import type { Random } from '@p2pshare/testkit'

/**
 * How a disk keeps names. `journalled`, as ext4 and XFS: in the order in which they were made, and whatever is synced
 * brings all before it along. `loose`, as POSIX allows: any of those that were not synced, in no order.
 */
export type Character = 'journalled' | 'loose'

/** A name in a directory now stands for another inode, or for none. */
export interface NameChange {
  readonly directory: number
  readonly name: string
  readonly inode: number | undefined
}

type Names = Map<number, Map<string, number>>

/** Which names stand for which inodes, and what of that has reached the disk. What belongs together happens together. */
export class NameTable {
  readonly #character: Character
  #now: Names = new Map()
  #durable: Names = new Map()
  #pending: Array<readonly NameChange[]> = []

  constructor(character: Character) {
    this.#character = character
  }

  of(directory: number): ReadonlyMap<string, number> {
    return this.#now.get(directory) ?? new Map()
  }

  /** Names that stand for an inode. */
  links(inode: number): number {
    let count = 0
    for (const names of this.#now.values()) {
      for (const named of names.values()) {
        count += named === inode ? 1 : 0
      }
    }
    return count
  }

  change(...together: readonly NameChange[]): void {
    apply(this.#now, together)
    this.#pending.push(together)
  }

  /** A directory or a file was synced. */
  sync(inode: number): void {
    const isNamed = (change: NameChange): boolean => change.directory === inode
    this.#keep(
      this.#character === 'journalled'
        ? this.#pending.map(() => true)
        : this.#pending.map((together) => together.some(isNamed))
    )
  }

  /** The power fails. */
  cut(random: Random): void {
    if (this.#character === 'journalled') {
      const kept = random.int(this.#pending.length + 1)
      this.#keep(this.#pending.map((_, at) => at < kept))
    } else {
      const odds = random.pick([0, 0.2, 0.5, 0.8, 1])
      this.#keep(this.#pending.map(() => random.float() < odds))
    }
    this.#pending = []
    this.#now = copy(this.#durable)
  }

  /** A change stays only with the earlier ones of the same names. */
  #keep(chosen: boolean[]): void {
    const needed = new Set<string>()
    const keyOf = ({ directory, name }: NameChange): string => `${directory}/${name}`
    for (const [at, together] of [...this.#pending.entries()].reverse()) {
      if (chosen[at] === true || together.some((change) => needed.has(keyOf(change)))) {
        chosen[at] = true
        together.forEach((change) => needed.add(keyOf(change)))
      }
    }
    this.#pending = this.#pending.filter((together, at) => {
      if (chosen[at] === true) {
        apply(this.#durable, together)
      }
      return chosen[at] !== true
    })
  }
}

function apply(names: Names, together: readonly NameChange[]): void {
  for (const { directory, name, inode } of together) {
    const entries = names.get(directory) ?? new Map<string, number>()
    names.set(directory, entries)
    if (inode === undefined) {
      entries.delete(name)
    } else {
      entries.set(name, inode)
    }
  }
}

function copy(names: Names): Names {
  return new Map([...names].map(([directory, entries]) => [directory, new Map(entries)]))
}
