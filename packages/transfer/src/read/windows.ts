/** How what all readers need has changed. Canonical indices. */
export interface WindowsChange {
  readonly more: readonly number[]
  /** Not here, and needed by nobody any more. */
  readonly less: readonly number[]
}

/** What each reader of a share needs next, and so what is fetched where nothing else is. Pure. */
export class Windows {
  readonly #windows = new Map<object, readonly number[]>()
  /** What was to be fetched after the last change. */
  #open: ReadonlySet<number> = new Set()

  /** In place of what the reader needed before. Canonical indices. */
  set(reader: object, leaves: readonly number[]): void {
    this.#windows.set(reader, leaves)
  }

  delete(reader: object): void {
    this.#windows.delete(reader)
  }

  /** Since the last call. */
  change(isHeld: (leaf: number) => boolean): WindowsChange {
    const open = new Set<number>()
    for (const leaves of this.#windows.values()) {
      for (const leaf of leaves) {
        if (!isHeld(leaf)) {
          open.add(leaf)
        }
      }
    }
    const before = this.#open
    this.#open = open
    return {
      more: [...open].filter((leaf) => !before.has(leaf)),
      less: [...before].filter((leaf) => !open.has(leaf) && !isHeld(leaf))
    }
  }
}
