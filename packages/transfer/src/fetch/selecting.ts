import type { LeafMap } from '../leaf-map.ts'
import { checkDistinct, pathsOf } from '../paths.ts'
import type { Choice, Chosen } from './choice.ts'
import { checkChoice, requireFiles, resolveChoice } from './choice.ts'

/** What a download does with another choice of files. */
export interface SelectingInit {
  /** Fetch these files from now on, in this order. Rejects, and nothing changes, when that cannot be. */
  apply(chosen: Chosen): Promise<void>
}

/**
 * What one download fetches, which may change while it runs: before the map is known by patterns alone, then by files, one
 * change after the other, until everything is here and gets its name.
 */
export class Selecting {
  readonly #init: SelectingInit
  #choice: Choice
  #layout: LeafMap | undefined
  #chosen: Chosen | undefined
  /** Files that were wanted in this run, and are not any more. */
  readonly #dropped = new Set<number>()
  #changing: Promise<unknown> | undefined
  #closed = false

  constructor(choice: Choice, init: SelectingInit) {
    checkChoice(choice)
    this.#choice = pick(choice)
    this.#init = init
  }

  /** Indices of the files that are fetched; `undefined`: all. */
  get files(): ReadonlySet<number> | undefined {
    return this.#chosen?.files
  }

  /** Something changes: what is missing now is not the last word. */
  get isChanging(): boolean {
    return this.#changing !== undefined
  }

  /** Whether it is too late for a change. */
  get isClosed(): boolean {
    return this.#closed
  }

  /** The files that were wanted for a while in this run. */
  get dropped(): ReadonlySet<number> {
    return this.#dropped
  }

  /** The map is known. Throws `NothingSelectedError`, `UnsafePathError`. */
  open(layout: LeafMap): Chosen {
    this.#layout = layout
    this.#chosen = this.#resolve(layout, this.#choice)
    return this.#chosen
  }

  /** From now on nothing is changed. What is dropped and was fetched is kept: these are the files in the end. */
  close(wasFetched: (file: number) => boolean): ReadonlySet<number> | undefined {
    this.#closed = true
    const kept = [...this.#dropped].filter(wasFetched)
    if (this.#chosen?.files !== undefined && kept.length > 0) {
      this.#chosen = { ...this.#chosen, files: new Set([...this.#chosen.files, ...kept].sort((a, b) => a - b)) }
    }
    return this.files
  }

  /** What is named in the choice, in place of what was chosen of it before. Rejects when that cannot be. */
  async change(choice: Choice): Promise<void> {
    checkChoice(choice)
    return this.#inTurn(async () => this.#change({ ...this.#choice, ...pick(choice) }))
  }

  /** This file too, whatever the patterns say. */
  async include(file: number): Promise<void> {
    return this.#inTurn(async () => {
      const path = this.#layout?.files[file]?.path
      if (path === undefined || this.files?.has(file) !== false) {
        return
      }
      const { select = [], priorities = [] } = this.#choice
      const glob = `/${path.replaceAll(/[\\*?[\]{},]/gu, '\\$&')}`
      await this.#change({
        ...this.#choice,
        ...(select.length > 0 && { select: [...select, glob] }),
        priorities: priorities.some(({ priority }) => priority === 'skip')
          ? [...priorities, { glob, priority: 'normal' }]
          : priorities
      })
    })
  }

  async #change(choice: Choice): Promise<void> {
    const layout = this.#layout
    if (layout === undefined) {
      this.#choice = choice
      return
    }
    const before = this.files ?? new Set(layout.files.keys())
    const chosen = this.#resolve(layout, choice)
    await this.#init.apply(chosen)
    this.#choice = choice
    this.#chosen = chosen
    for (const file of layout.files.keys()) {
      if (chosen.files?.has(file) ?? true) {
        this.#dropped.delete(file)
      } else if (before.has(file)) {
        this.#dropped.add(file)
      }
    }
  }

  #resolve(layout: LeafMap, choice: Choice): Chosen {
    const chosen = resolveChoice(layout, choice)
    requireFiles(chosen, choice)
    checkDistinct(pathsOf(layout, chosen.files))
    return chosen
  }

  async #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = (this.#changing ?? Promise.resolve()).then(action)
    const over = turn.catch(() => undefined)
    this.#changing = over
    try {
      await turn
    } finally {
      if (this.#changing === over) {
        this.#changing = undefined
      }
    }
  }
}

function pick({ select, priorities, order }: Choice): Choice {
  return { ...(select && { select }), ...(priorities && { priorities }), ...(order && { order }) }
}
