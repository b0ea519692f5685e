import type { Logger } from '@libp2p/interface'
import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import { blockKindOf } from './block-kind.ts'
import { copyShare } from './copy-share.ts'
import { AlreadyFetchingError, NotFetchingError } from './errors.ts'
import { checkChoice } from './fetch/choice.ts'
import type { Choice } from './fetch/choice.ts'
import { targetOf } from './fetch/target.ts'
import { Fetch } from './fetch.ts'
import type { Launcher } from './launch.ts'
import type { ShareSecret } from './private/secret.ts'
import type { Entry, ShareInfo } from './share/entry.ts'
import type { Library } from './share/library.ts'
import { findOwnContent } from './share/own-content.ts'
import type { Shares } from './share/shares.ts'
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

/** A download that runs. */
export interface RunningDownload {
  readonly entry: Entry
  readonly fetch: Fetch
  /** What it opens, if it does. */
  readonly secret: ShareSecret | undefined
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

  /** Whether a `get` of this root has begun that may have to fetch something. */
  has(root: CID): boolean {
    return this.#claims.has(root.toString())
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
    const { own, gone } = await findOwnContent(root, options, this.#init)
    try {
      if (own?.whole === true) {
        this.#drop(root, claim)
        yield* copyShare({ ...own, root, name, target, options })
        return
      }
    } finally {
      await own?.close()
    }
    if (shares.get(root) !== own?.entry) {
      throw new AlreadyFetchingError(root) // another call got here first
    }
    const stopping = this.#init.stopping()
    const info: ShareInfo = { root, name, path: target, kind: 'file', bytes: 0, files: 0, leaves: 0 }
    const entry = shares.create(info)
    shares.replace(own?.entry, entry)
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
    claim.begun.resolve({ entry, fetch, secret: options.secret })
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
      // somebody else may have closed it, to unshare it or to share it anew: then nothing of before comes back
      const isKnown = !entry.abort.signal.aborted && !stopping.aborted
      signal.clear()
      entry.seek.abort()
      entry.events = shares.seedEvents(entry)
      const keeps = complete && options.seed !== false
      const { former } = entry
      if (keeps) {
        await (former && shares.close(former, 'all of it is here'))
      } else if (stopping.aborted) {
        await shares.close(entry, 'this node is stopping')
      } else {
        await shares.giveBack(entry, complete ? 'not seeding' : 'the download stopped')
      }
      await (shares.get(root) === undefined ? shares.stopProviding(root) : undefined)
      if (gone !== undefined && !keeps && isKnown) {
        await this.#keepGone(gone, complete)
      }
    }
  }

  /** A share whose files are not where they were is forgotten when they were fetched to where they were wanted. */
  async #keepGone(info: ShareInfo, isFetched: boolean): Promise<void> {
    const { shares, library } = this.#init
    if (isFetched) {
      await library.forget(info.root)
    } else if (shares.get(info.root) === undefined) {
      shares.addAsleep(info)
    }
  }
}
