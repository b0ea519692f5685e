import type { Logger } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { holdsAll } from '../copy-share.ts'
import { AlreadyFetchingError, SealedLeafError, SourceChangedError } from '../errors.ts'
import { resolveChoice } from '../fetch/choice.ts'
import { verifyLeaf } from '../leaf-block.ts'
import type { ShareSecret } from '../private/secret.ts'
import { nodeFs } from '../store/fs.ts'
import type { LeafVerifier } from '../store/recover.ts'
import { openSeedStore } from '../store/seed-store.ts'
import { requireThere } from '../store/whereabouts.ts'
import type { GetOptions } from '../types.ts'
import { seedContent } from './content.ts'
import type { Content } from './content.ts'
import { isFetching } from './entry.ts'
import type { Entry, ShareInfo } from './entry.ts'
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

/** What became of a look at it. */
export interface OwnFound {
  readonly own?: OwnContent
  /** Its files are not where they were. It is not served now, and still remembered. */
  readonly gone?: ShareInfo
}

/**
 * What of a root this node has already, all that is wanted or not.
 *
 * @throws AlreadyFetchingError, SealedLeafError for a key that is not that of the share.
 */
export async function findOwnContent(
  root: CID,
  options: GetOptions,
  { shares, library, log }: { readonly shares: Shares; readonly library: Library; readonly log: Logger }
): Promise<OwnFound> {
  const entry = shares.get(root)
  if (entry === undefined) {
    return {}
  }
  let release = (): void => undefined
  try {
    release = await shares.hold(entry)
    await requireThere(nodeFs, entry.info.path, library.devicesOf(root))
  } catch (error) {
    release()
    if (isFetching(entry) && !entry.asleep) {
      throw new AlreadyFetchingError(root, { cause: error })
    }
    if (!(error instanceof SourceChangedError)) {
      throw error // it may be there again in a moment
    }
    log('%c is not where it was, fetching it again - %e', root, error)
    await shares.close(entry, 'its files are gone')
    return library.remembers ? { gone: entry.info } : {}
  }
  try {
    return { own: await wantedOf(entry, options, release) }
  } catch (error) {
    release()
    throw error
  }
}

/** @param release - lets it go to sleep again. */
async function wantedOf(entry: Entry, options: GetOptions, release: () => void): Promise<OwnContent> {
  const { root, content } = entry
  if (isFetching(entry) || content === undefined) {
    throw new AlreadyFetchingError(root)
  }
  const wanted = options.secret === undefined ? asItIs(content) : await opened(content, options.secret)
  const { files } = resolveChoice(wanted.content.map, options)
  const close = async (): Promise<void> => {
    await wanted.close()
    release()
  }
  return { ...wanted, close, entry, files, whole: holdsAll(wanted.content, files) }
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
