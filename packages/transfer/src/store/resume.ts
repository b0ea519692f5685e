import type { LeafMap } from '../leaf-map.ts'
import { TargetExistsError } from '../errors.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import { ifThere, onDisk } from './fs.ts'
import { Journal, readJournal } from './journal-file.ts'
import type { PartialPaths } from './partial.ts'
import { recover } from './recover.ts'
import type { Recovered, RecoverOptions } from './recover.ts'

/** Where a download goes on. */
export interface Resumed extends Pick<Recovered, 'held' | 'rechecked'> {
  readonly journal: Journal
}

/** Options of `resume`. */
export interface ResumeOptions extends RecoverOptions {
  /** A clock in milliseconds that never goes back. @default performance.now */
  readonly now?: (() => number) | undefined
}

/**
 * Find what a former run left in `paths`, and open its journal or begin one.
 *
 * @throws TargetExistsError when it is a download of another share.
 */
export async function resume(map: LeafMap, paths: PartialPaths, options: ResumeOptions): Promise<Resumed> {
  const { fs, now } = options
  const header = { root: map.root.bytes, leafCount: map.leafCount }
  const place = { fs, path: paths.journal, header, now }
  const found = await readJournal(fs, paths.journal, header)
  if (found.status === 'foreign') {
    throw new TargetExistsError(paths.directory)
  }
  const intact = found.status === 'ours' && !found.state.damaged ? found.state : undefined
  const named = intact ?? (await guess(map, paths, options))
  const recovered = await recover(map, paths.content, named, options)
  if (intact === undefined) {
    const state = { trusted: new Bitfield(map.leafCount), unverified: recovered.held }
    return { ...recovered, journal: await Journal.create(place, state) }
  }
  const journal = await Journal.open(place, intact.records)
  try {
    await journal.drop(recovered.dropped)
    return { ...recovered, journal }
  } catch (error) {
    await journal.close()
    throw error
  }
}

/** Content without a journal that says what it is: hash whatever is there. */
async function guess(
  map: LeafMap,
  { content }: PartialPaths,
  { fs }: RecoverOptions
): Promise<{ trusted: Bitfield; unverified: Bitfield }> {
  const found = await onDisk(content, async () => ifThere(async () => fs.lstat(content)))
  const none = new Bitfield(map.leafCount)
  return { trusted: none, unverified: found === undefined ? none : Bitfield.full(map.leafCount) }
}
