import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'

/** Which leaves of a share a download keeps. It may change while the download runs. */
export class Selection {
  readonly #map: LeafMap
  #files: ReadonlySet<number> | undefined
  /** `undefined`: all. */
  #wanted: Bitfield | undefined
  /** Wanted now or before: what was asked for then may still come. `undefined`: all. */
  #taken: Bitfield | undefined

  /** @param files - indices of the files to fetch; `undefined`: all. */
  constructor(map: LeafMap, files: ReadonlySet<number> | undefined) {
    this.#map = map
    this.#files = files
    this.#wanted = files && leavesOf(map, files)
    this.#taken = this.#wanted?.copy()
  }

  /** The files that get their final name in the end. */
  get files(): ReadonlySet<number> | undefined {
    return this.#files
  }

  wants(leaf: number): boolean {
    return this.#wanted?.has(leaf) ?? true
  }

  /** Whether the leaf may be written: it is wanted, or was. */
  takes(leaf: number): boolean {
    return this.#taken?.has(leaf) ?? true
  }

  /** These files from now on, whatever was wanted before. */
  select(files: ReadonlySet<number> | undefined): void {
    this.#files = files
    this.#wanted = files && leavesOf(this.#map, files)
    for (const leaf of this.#wanted?.indices() ?? []) {
      this.#taken?.set(leaf)
    }
    this.#taken = this.#wanted && this.#taken
  }

  /** These leaves too, of files that will not be whole. */
  add(leaves: Iterable<number>): void {
    for (const leaf of leaves) {
      this.#wanted?.set(leaf)
      this.#taken?.set(leaf)
    }
  }
}

/** The leaves of some files of a share. */
export function leavesOf(map: LeafMap, files: ReadonlySet<number>): Bitfield {
  const leaves = new Bitfield(map.leafCount)
  for (const index of files) {
    const file = map.files[index]
    if (file !== undefined) {
      leaves.setRange({ start: file.firstLeaf, count: file.leafCount })
    }
  }
  return leaves
}
