import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { DiskError } from '../errors.ts'
import { SourceChangedError } from '../errors.ts'
import { mayPass, retryDelayMs } from '../store/patience.ts'
import { openSeedStore } from '../store/seed-store.ts'
import { verifyContent } from '../store/verify-content.ts'
import type { ContentReport, DamagedFile } from '../store/verify-content.ts'
import type { ShareEvents, VerifyOptions, VerifyReport } from '../types.ts'
import { seedContent } from './content.ts'
import type { Content } from './content.ts'
import type { Entry } from './entry.ts'
import type { Library } from './library.ts'

export interface SeedFaultsInit {
  readonly log: Logger
  readonly library: Pick<Library, 'rememberFingerprints'>
  /** Tell whoever looks after this node. */
  tell<Type extends keyof ShareEvents>(type: Type, detail: ShareEvents[Type]['detail']): void
  /** Stop serving it. */
  withdraw(entry: Entry): void
}

/**
 * What becomes of a share that cannot be read: while the disk refuses it stands still, and goes on by itself; a file that
 * looks changed is hashed, and only one whose bytes changed ends it.
 */
export class SeedFaults {
  readonly #init: SeedFaultsInit
  /** One fault of a share at a time. */
  readonly #busy = new WeakSet<Entry>()

  constructor(init: SeedFaultsInit) {
    this.#init = init
  }

  /** Whether a share stands still. */
  isBusy(entry: Entry): boolean {
    return this.#busy.has(entry)
  }

  /** A leaf of a share that is served could not be read. Does not wait. */
  failed(entry: Entry, error: Error): void {
    if (this.#busy.has(entry)) {
      return
    }
    this.#busy.add(entry)
    this.#handle(entry, error)
      .catch((failure: unknown) => {
        if (!entry.abort.signal.aborted) {
          this.#init.log.error('%c cannot be served any more - %e', entry.root, failure)
          this.#init.withdraw(entry)
        }
      })
      .finally(() => {
        this.#busy.delete(entry)
      })
  }

  /** Say what is not as it was shared, and stop serving it. */
  changed(entry: Entry, damaged: readonly DamagedFile[]): void {
    const { root, info } = entry
    this.#init.log.error(
      '%c is not served any more: %s',
      root,
      damaged.map(({ path, problem }) => `${path} ${problem}`).join(', ')
    )
    this.#init.withdraw(entry)
    this.#init.tell('share:changed', { root, path: info.path, damaged })
  }

  /** Hash all of a share now. @param wake - opens it. */
  async verify(entry: Entry, wake: () => Promise<void>, options: VerifyOptions): Promise<VerifyReport> {
    const { bytes, damaged, fingerprints } = await this.#hash(entry, wake, options)
    if (damaged.length > 0) {
      this.changed(entry, damaged)
    } else if (fingerprints !== undefined) {
      // what was only touched is not to be hashed again and again
      await this.#init.library.rememberFingerprints(entry.root, fingerprints)
    }
    return { bytes, damaged }
  }

  async #hash(
    entry: Entry,
    wake: () => Promise<void>,
    options: VerifyOptions
  ): Promise<VerifyReport & Partial<ContentReport>> {
    try {
      await wake()
    } catch (error) {
      if (error instanceof SourceChangedError) {
        return { bytes: 0, damaged: [{ path: '', problem: error.what }] }
      }
      throw error
    }
    const { content } = entry
    if (content?.source === undefined) {
      throw new NotStartedError(`${entry.root.toString()} is not complete`)
    }
    const { view, path, files } = content.source
    const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
    return verifyContent(view.layout, path, { verify, files, ...options })
  }

  async #handle(entry: Entry, error: Error): Promise<void> {
    const { content } = entry
    const isCurable = mayPass(error) || error instanceof SourceChangedError
    if (content === undefined || !isCurable) {
      throw error
    }
    await entry.swarm.pause(mayPass(error) ? 'the disk refuses' : 'its files are looked at')
    const healthy = await this.#retry(entry, content, error)
    if (healthy !== undefined && !entry.abort.signal.aborted) {
      entry.content = healthy
      entry.swarm.activate(healthy)
    }
  }

  /** Until the disk answers; the content to go on with, `undefined` when it is not what was shared. */
  async #retry(entry: Entry, content: Content, error: Error): Promise<Content | undefined> {
    const { root, abort } = entry
    const pausedAt = performance.now()
    let said = error
    for (let refusals = 0; ;) {
      try {
        if (said instanceof SourceChangedError) {
          return await this.#lookAt(entry, content, said)
        }
        if (!mayPass(said)) {
          throw said
        }
        refusals++
        await this.#pause(entry, said, refusals)
        await probe(content)
        this.#init.tell('share:resumed', { root, pausedMs: performance.now() - pausedAt })
        return content
      } catch (again) {
        abort.signal.throwIfAborted()
        // without a source there is nothing to look at: the store has the last word
        if (!mayPass(again) && !(again instanceof SourceChangedError && content.source !== undefined)) {
          throw again
        }
        said = again
      }
    }
  }

  async #pause({ root, abort }: Entry, { errno, path }: DiskError, refusals: number): Promise<void> {
    const retryInMs = retryDelayMs(refusals)
    this.#init.tell('share:paused', { root, errno, path, retryInMs })
    await sleep(retryInMs, undefined, { signal: abort.signal, ref: false })
  }

  async #lookAt(entry: Entry, { map, store, source }: Content, error: Error): Promise<Content | undefined> {
    if (source === undefined) {
      throw error // nothing is known of the files but what the store says
    }
    const { view, path, files } = source
    const { abort } = entry
    const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
    const report = await verifyContent(view.layout, path, { verify, files, signal: abort.signal })
    if (report.damaged.length > 0) {
      this.changed(entry, report.damaged)
      return undefined
    }
    const { fingerprints } = report
    await this.#init.library.rememberFingerprints(entry.root, fingerprints)
    const opened = await openSeedStore(view.layout, path, { fingerprints, ...(files && { files }) })
    await store.close().catch(() => undefined)
    return seedContent(map, view.serve(opened), source)
  }
}

/** Whether leaves can be read again: the first that is held, and the last. */
async function probe({ map, store }: Content): Promise<void> {
  const held = (index: number): boolean => store.has(index)
  const indices = Array.from({ length: map.leafCount }, (_, index) => index)
  for (const index of [indices.find(held), indices.findLast(held)]) {
    if (index !== undefined) {
      await store.read(index, { bytes: Math.min(1, map.leafBytes(index)) })
    }
  }
}
