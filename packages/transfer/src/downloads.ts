import { access } from 'node:fs/promises'
import type { Logger } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from './block-kind.ts'
import { copyShare, holdsAll } from './copy-share.ts'
import type { CopyInit } from './copy-share.ts'
import { AlreadyFetchingError, NotFetchingError, SourceChangedError } from './errors.ts'
import { checkChoice, resolveChoice } from './fetch/choice.ts'
import type { Choice } from './fetch/choice.ts'
import { targetOf } from './fetch/target.ts'
import { Fetch } from './fetch.ts'
import type { Launcher } from './launch.ts'
import { isFetching, parkEntry, releaseFiles } from './share/entry.ts'
import type { Entry, ShareInfo } from './share/entry.ts'
import type { Library } from './share/library.ts'
import type { Shares } from './share/shares.ts'
import { errnoOf } from './store/fs.ts'
import type { GetOptions, TransferEvent } from './types.ts'

export interface DownloadsInit {
  readonly log: Logger
  readonly shares: Shares
  readonly library: Library
  readonly launcher: Launcher
  /** What was fetched of a root for readers alone is in the way of its download. */
  closeReads(root: CID): Promise<void>
  /** Aborted when the node stops. @throws NotStartedError */
  stopping(): AbortSignal
}

/** What this node has of a root that is to be fetched. */
interface Own extends Pick<CopyInit, 'content' | 'files'> {
  readonly entry: Entry
  /** It is all that is wanted. */
  readonly whole: boolean
}

/** A download that runs. */
export interface RunningDownload {
  readonly entry: Entry
  readonly fetch: Fetch
}

/** What is known of one call of `get`. */
class Claim {
  /** Whether something has to be fetched, and what does it. */
  readonly begun = Promise.withResolvers<RunningDownload | undefined>()
  /** Nothing of it is open any more. */
  readonly ended = Promise.withResolvers<undefined>()
}

/** The downloads of this node: one a root, and what may be changed of it while it runs. */
export class Downloads {
  readonly #init: DownloadsInit
  readonly #claims = new Map<string, Claim>()

  constructor(init: DownloadsInit) {
    this.#init = init
  }

  /** The download of this root that a `get` runs, as soon as it is known whether there is one. */
  async running(root: CID): Promise<RunningDownload | undefined> {
    const claim = this.#claims.get(root.toString())
    const running = await claim?.begun.promise
    if (claim !== undefined && running?.fetch.joining.over.aborted === true) {
      await claim.ended.promise
      return this.running(root)
    }
    return running
  }

  /** @throws NotFetchingError when there is no download that could change */
  async choose(root: CID, choice: Choice): Promise<void> {
    checkChoice(choice)
    const running = await this.running(root)
    if (running === undefined) {
      throw new NotFetchingError(root)
    }
    await running.fetch.choose(choice)
  }

  async *get(root: CID, options: GetOptions): AsyncGenerator<TransferEvent, void, undefined> {
    this.#init.stopping()
    options.signal?.throwIfAborted()
    blockKindOf(root) // another hash or codec: every honest peer would seem to send wrong bytes
    checkChoice(options)
    const key = root.toString()
    if (this.#claims.has(key)) {
      throw new AlreadyFetchingError(root)
    }
    const claim = new Claim()
    this.#claims.set(key, claim)
    try {
      yield* this.#get(root, options, claim)
    } finally {
      this.#drop(root, claim)
    }
  }

  /** There is nothing that could change: all of it is here, or it failed. */
  #drop(root: CID, claim: Claim): void {
    claim.begun.resolve(undefined)
    claim.ended.resolve(undefined)
    if (this.#claims.get(root.toString()) === claim) {
      this.#claims.delete(root.toString())
    }
  }

  async *#get(root: CID, options: GetOptions, claim: Claim): AsyncGenerator<TransferEvent, void, undefined> {
    const { shares, library, launcher } = this.#init
    const { name, target } = targetOf(root, options)
    await this.#init.closeReads(root)
    const own = await this.#own(root, options)
    if (own !== undefined && options.secret !== undefined) {
      throw new AlreadyFetchingError(root) // sealed under names that are not the user's: see SPEC.md#private-shares
    }
    if (own?.whole === true) {
      this.#drop(root, claim)
      yield* copyShare({ root, name, target, content: own.content, files: own.files, options })
      return
    }
    if (shares.get(root) !== own?.entry) {
      throw new AlreadyFetchingError(root) // another call got here first
    }
    const stopping = this.#init.stopping()
    const former = own?.entry
    if (former !== undefined) {
      parkEntry(former, 'more of it is wanted')
    }
    const info: ShareInfo = { root, name, path: target, kind: 'file', bytes: 0, files: 0, leaves: 0 }
    const entry = shares.create(info)
    const signal = anySignal([options.signal, stopping, entry.abort.signal])
    const { monitor, discovery, rootBlock } = launcher.launch(entry, { ...options, signal })
    const fetch = new Fetch({
      entry,
      monitor,
      discovery,
      library,
      options: { ...options, signal },
      ...(rootBlock && { rootBlock })
    })
    shares.add(entry)
    claim.begun.resolve({ entry, fetch })
    let complete = false
    try {
      for await (const event of fetch.run()) {
        complete ||= event.type === 'done'
        if (complete) {
          this.#drop(root, claim)
        }
        yield event
      }
    } finally {
      signal.clear()
      entry.seek.abort()
      entry.events = shares.seedEvents(entry)
      const keeps = complete && options.seed !== false
      if (!keeps) {
        await shares.close(entry, complete ? 'not seeding' : 'the download stopped')
      }
      if (former !== undefined && !keeps && !stopping.aborted) {
        shares.serveAgain(former)
      } else {
        await (former && releaseFiles(former))
        await (keeps ? undefined : shares.stopProviding(root))
      }
    }
  }

  /** What of a root this node has already, all that is wanted or not. A share whose files are gone is forgotten. */
  async #own(root: CID, options: GetOptions): Promise<Own | undefined> {
    const { shares, library, log } = this.#init
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
    if (isFetching(entry) || entry.content === undefined) {
      throw new AlreadyFetchingError(root)
    }
    const { content } = entry
    const { files } = resolveChoice(content.map, options)
    return { entry, content, files, whole: holdsAll(content, files) }
  }
}
