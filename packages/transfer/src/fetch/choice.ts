import { InvalidOptionError } from '@p2pshare/interface'
import { NothingSelectedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { selectFiles } from '../select.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import type { LeafOrder, Urgency } from '../swarm/picker.ts'

/** Globs with a priority; each is tried on every file of the share. */
export const MAX_PRIORITIES = 64

const PRIORITIES = ['skip', 'low', 'normal', 'high'] as const

/** How much a file is wanted. `skip`: not at all; of the others the higher ones come first. */
export type FilePriority = (typeof PRIORITIES)[number]

/** What is fetched of a share, and what of it first. */
export interface Choice {
  /** Glob patterns over paths in the share (`*`, `**`, `?`, `{a,b}`); only matching files are fetched. @default all */
  select?: readonly string[]
  /** Priorities by the same kind of patterns; of several that fit the last one counts. @default all are `normal` */
  priorities?: ReadonlyArray<{ readonly glob: string; readonly priority: FilePriority }>
  /**
   * Among files of one priority: `rarest`, what fewest peers have, is best for everybody; `sequential` is from the first
   * byte to the last, for who looks at it meanwhile, and a swarm of such readers is slower.
   *
   * @default 'rarest'
   */
  order?: 'rarest' | 'sequential'
}

/** What a choice comes to in one share. */
export interface Chosen {
  /** Indices of the files that are fetched; `undefined`: all. */
  readonly files: ReadonlySet<number> | undefined
  /** What comes first. */
  readonly order: LeafOrder
}

/** Throws `InvalidOptionError` for what can be chosen of no share; the patterns are looked at with the files. */
export function checkChoice({ priorities = [], order = 'rarest', select = [] }: Choice): void {
  if (priorities.length > MAX_PRIORITIES) {
    throw new InvalidOptionError('priorities', `${priorities.length} globs, at most ${MAX_PRIORITIES}`)
  }
  for (const { priority } of priorities) {
    if (!isOneOf(PRIORITIES, priority)) {
      throw new InvalidOptionError('priorities', `${priority} is not one of ${PRIORITIES.join(', ')}`)
    }
  }
  if (!isOneOf(['rarest', 'sequential'], order)) {
    throw new InvalidOptionError('order', `${order} is neither rarest nor sequential`)
  }
  selectFiles([], [...select, ...priorities.map(({ glob }) => glob)])
}

/** Programs without types say anything. */
function isOneOf(words: readonly unknown[], word: unknown): boolean {
  return words.includes(word)
}

/** Whether there is anything to fetch. Throws `NothingSelectedError` if not. */
export function requireFiles({ files }: Chosen, { select = [], priorities = [] }: Choice): void {
  if (files?.size === 0) {
    const skipped = priorities.filter(({ priority }) => priority === 'skip').map(({ glob }) => `not ${glob}`)
    throw new NothingSelectedError([...select, ...skipped])
  }
}

/** What the choice comes to. Throws `InvalidOptionError` for a pattern that cannot be read. */
export function resolveChoice(layout: LeafMap, choice: Choice): Chosen {
  const { select = [], order = 'rarest' } = choice
  const priorities = prioritiesOf(layout, choice)
  const isSkipped = (file: number): boolean => priorities.get(file) === 'skip'
  const all = select.length === 0 ? [...layout.files.keys()] : selectFiles(layout.files, select)
  const files = all.filter((file) => !isSkipped(file))
  const urgency = [...priorities.values()].some((priority) => priority === 'high' || priority === 'low')
    ? urgencyOf(layout, files, priorities)
    : undefined
  return {
    files: select.length === 0 && files.length === layout.files.length ? undefined : new Set(files),
    order: { sequential: order === 'sequential', ...(urgency && { urgency }) }
  }
}

function prioritiesOf(layout: LeafMap, { priorities = [] }: Choice): Map<number, FilePriority> {
  const of = new Map<number, FilePriority>()
  for (const { glob, priority } of priorities) {
    for (const file of selectFiles(layout.files, [glob])) {
      of.set(file, priority)
    }
  }
  return of
}

/** Of a leaf that is in several files the most urgent one counts. */
function urgencyOf(
  layout: LeafMap,
  files: readonly number[],
  priorities: ReadonlyMap<number, FilePriority>
): (leaf: number) => Urgency {
  const high = new Bitfield(layout.leafCount)
  const low = new Bitfield(layout.leafCount)
  const others = new Bitfield(layout.leafCount)
  for (const file of files) {
    const { firstLeaf = 0, leafCount = 0 } = layout.files[file] ?? {}
    const priority = priorities.get(file)
    const members = priority === 'high' ? high : priority === 'low' ? low : others
    for (let leaf = firstLeaf; leaf < firstLeaf + leafCount; leaf++) {
      members.set(layout.canonical(leaf))
    }
  }
  return (leaf) => (high.has(leaf) ? 'high' : low.has(leaf) && !others.has(leaf) ? 'low' : 'normal')
}
