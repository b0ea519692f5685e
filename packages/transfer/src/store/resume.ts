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

/**
 * Find what a former run left in `paths`, and open its journal or begin one.
 *
 * @throws TargetExistsError when it is a download of another share.
 */
export async function resume(map: LeafMap, paths: PartialPaths, options: RecoverOptions): Promise<Resumed> {
  const { fs } = options
  const header = { root: map.root.bytes, leafCount: map.leafCount }
  const found = await readJournal(fs, paths.journal, header)
  if (found.status === 'foreign') {
    throw new TargetExistsError(paths.directory)
  }
  const content = await onDisk(paths.content, async () => ifThere(async () => fs.lstat(paths.content)))
  // content without a journal that can be read: hash whatever is there
  const guess = {
    trusted: new Bitfield(map.leafCount),
    unverified: content === undefined ? new Bitfield(map.leafCount) : Bitfield.full(map.leafCount)
  }
  const recovered = await recover(map, paths.content, found.status === 'ours' ? found.state : guess, options)
  if (found.status !== 'ours' || found.state.damaged) {
    const state = { trusted: new Bitfield(map.leafCount), unverified: recovered.held }
    return { ...recovered, journal: await Journal.create(fs, paths.journal, header, state) }
  }
  const journal = await Journal.open(fs, paths.journal, header, found.state.records)
  try {
    await journal.drop(recovered.dropped)
    return { ...recovered, journal }
  } catch (error) {
    await journal.close()
    throw error
  }
}
