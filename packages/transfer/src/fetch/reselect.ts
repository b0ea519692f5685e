import type { Content } from '../share/content.ts'
import type { Swarm } from '../share/swarm.ts'
import { missingBytes, requireSpace } from '../store/free-space.ts'
import { nodeFs } from '../store/fs.ts'
import { leavesOf } from '../store/selection.ts'
import type { View } from '../view.ts'
import { prepareContent } from './prepare-content.ts'
import type { ContentParts } from './prepare-content.ts'

type Files = ReadonlySet<number> | undefined

/** Another choice of files, while leaves are fetched. */
export interface Reselection extends Omit<ContentParts, 'wants'> {
  readonly view: View
  /** Indices of the files that are wanted; `undefined`: all. */
  readonly files: Files
  /** Those that were until now. */
  readonly former: Files
  /** Where there has to be room. */
  readonly directory: string
  readonly swarm: Pick<Swarm, 'choose'> & { readonly wishes: Pick<Swarm['wishes'], 'isMissing'> }
  /** All that was wanted until now. */
  readonly wants: Content['wants']
  /** Whether these leaves are still fetched into this store. */
  isOpen(): boolean
}

/**
 * Fetch these files from now on. What was asked for until now may come meanwhile: the store takes it until nobody is asked for
 * it any more.
 *
 * @returns what is fetched now; `undefined`, and nothing was changed, when the store is not open any more.
 * @throws NotEnoughSpaceError, DiskError: nothing was changed then
 */
export async function reselect(reselection: Reselection): Promise<Content | undefined> {
  const { map, view, store, files, former, directory, swarm, wants, ...parts } = reselection
  const chosen = files && leavesOf(view.layout, files)
  const isWanted = (leaf: number): boolean => leaf < view.layout.leafCount && (chosen?.has(leaf) ?? true)
  let selected = former
  store.select(files && former && new Set([...files, ...former]))
  try {
    const need = missingBytes(map, { wants: isWanted, has: (leaf) => store.has(leaf) })
    await requireSpace(nodeFs, directory, need)
    const content = await prepareContent({ ...parts, map, store, wants: isWanted })
    if (!reselection.isOpen()) {
      return undefined
    }
    swarm.choose({
      wants: content.wants,
      more: [...content.missing.indices()].filter((leaf) => !swarm.wishes.isMissing(leaf)),
      less: [...wants.indices()].filter((leaf) => !content.wants.has(leaf))
    })
    selected = files
    return content
  } finally {
    store.select(selected)
  }
}
