import { access } from 'node:fs/promises'
import type { Logger } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { holdsAll } from '../copy-share.ts'
import { AlreadyFetchingError, SealedLeafError, SourceChangedError } from '../errors.ts'
import { resolveChoice } from '../fetch/choice.ts'
import { verifyLeaf } from '../leaf-block.ts'
import type { ShareSecret } from '../private/secret.ts'
import { errnoOf } from '../store/fs.ts'
import type { LeafVerifier } from '../store/recover.ts'
import { openSeedStore } from '../store/seed-store.ts'
import type { GetOptions } from '../types.ts'
import { seedContent } from './content.ts'
import type { Content } from './content.ts'
import { isFetching } from './entry.ts'
import type { Entry } from './entry.ts'
import type { Library } from './library.ts'
import type { Shares } from './shares.ts'

/** What this node has of a root that is to be fetched. */
export interface OwnContent {
  readonly entry: Entry
  /** As it is wanted: of a private share with its key, what the key opens. */
  readonly content: Content
  readonly verify: LeafVerifier
  /** Indices of the files that are wanted; `undefined`: all. */
  readonly files: ReadonlySet<number> | undefined
  /** It is all that is wanted. */
  readonly whole: boolean
  /** To be called when nothing of it is read any more; the share itself stays as it is. */
  close(): Promise<void>
}

/**
 * What of a root this node has already, all that is wanted or not. A share whose files are gone is forgotten.
 *
 * @throws AlreadyFetchingError, SealedLeafError for a key that is not that of the share.
 */
export async function findOwnContent(
  root: CID,
  options: GetOptions,
  { shares, library, log }: { readonly shares: Shares; readonly library: Library; readonly log: Logger }
): Promise<OwnContent | undefined> {
  const entry = shares.get(root)
  if (entry === undefined) {
    return undefined
  }
  try {
    await shares.wake(entry)
    await access(entry.info.path)
  } catch (error) {
    if (isFetching(entry) && !entry.asleep) {
      throw new AlreadyFetchingError(root, { cause: error })
    }
    if (!(error instanceof SourceChangedError) && errnoOf(error) !== 'ENOENT') {
      throw error // it may be there again in a moment: keep what is known of it
    }
    log('%c is not where it was, fetching it again - %e', root, error)
    await shares.close(entry, 'its files are gone')
    await library.remove(root)
    return undefined
  }
  const { content } = entry
  if (isFetching(entry) || content === undefined) {
    throw new AlreadyFetchingError(root)
  }
  const wanted = options.secret === undefined ? asItIs(content) : await opened(content, options.secret)
  const { files } = resolveChoice(wanted.content.map, options)
  return { ...wanted, entry, files, whole: holdsAll(wanted.content, files) }
}

type Wanted = Pick<OwnContent, 'content' | 'verify' | 'close'>

/** What everybody gets of it. */
function asItIs(content: Content): Wanted {
  const verify: LeafVerifier = (index, bytes) => verifyLeaf(content.map, index, bytes)
  return { content, verify, close: async () => undefined }
}

async function opened({ map, source }: Content, secret: ShareSecret): Promise<Wanted> {
  if (source?.view.secret === undefined) {
    throw new AlreadyFetchingError(map.root) // sealed under names that are not the user's: see SPEC.md#private-shares
  }
  if (!source.view.secret.equals(secret)) {
    throw new SealedLeafError(map.root)
  }
  const { view, path, files } = source
  const store = await openSeedStore(view.layout, path, files && { files })
  return {
    content: seedContent(view.layout, store),
    verify: (index, bytes) => view.verify(index, bytes),
    close: async () => store.close()
  }
}
