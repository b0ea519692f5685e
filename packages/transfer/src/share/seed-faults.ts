import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import { asError } from '../as-error.ts'
import { DiskError, SourceChangedError } from '../errors.ts'
import { retryDelayMs } from '../store/patience.ts'
import { openSeedStore } from '../store/seed-store.ts'
import { verifyContent } from '../store/verify-content.ts'
import type { ContentReport, DamagedFile } from '../store/verify-content.ts'
import type { ShareEvents, VerifyOptions, VerifyReport } from '../types.ts'
import { seedContent } from './content.ts'
import type { Content, ContentSource } from './content.ts'
import type { Entry } from './entry.ts'
import type { Library } from './library.ts'

export interface SeedFaultsInit {
  readonly log: Logger
  readonly library: Pick<Library, 'rememberFingerprints' | 'devicesOf'>
  /** Open a share that sleeps. */
  wake(entry: Entry): Promise<void>
  /** Tell whoever looks after this node. */
  tell<Type extends keyof ShareEvents>(type: Type, detail: ShareEvents[Type]['detail']): void
  /** Stop serving it. */
  withdraw(entry: Entry): void
}

/** How a share is looked at again. */
interface Look<Result> {
  /** Whether the disk lets it be read by now. */
  again(): Promise<Result>
  /** Its files do not look as they did. */
  changed(error: SourceChangedError): Promise<Result>
}

/**
 * What becomes of a share that cannot be read, be it open or asleep: while the disk refuses it stands still, and goes on by
 * itself; a file that looks changed is hashed, and only one whose bytes changed ends it. What neither time nor a look
 * mends, as a key that others can read, is told: the next one who asks for the share tries again.
 */
export class SeedFaults {
  readonly #init: SeedFaultsInit
  /** One fault of a share at a time. */
  readonly #busy = new WeakSet<Entry>()
  /** Those that were found not to be what was shared. */
  readonly #changed = new WeakSet<Entry>()
  /** What was said last of those that cannot be opened: it is not said to each peer that asks. */
  readonly #told = new WeakMap<Entry, string>()

  constructor(init: SeedFaultsInit) {
    this.#init = init
  }

  /** Whether a share stands still. */
  isBusy(entry: Entry): boolean {
    return this.#busy.has(entry)
  }

  /** Whether its bytes are not what was shared. */
  isChanged(entry: Entry): boolean {
    return this.#changed.has(entry)
  }

  /** It could be opened: should that fail again, it is said again. */
  opened(entry: Entry): void {
    this.#told.delete(entry)
  }

  /** A share that is served could not be opened, or a leaf of it not be read. Does not wait. */
  failed(entry: Entry, error: Error): void {
    if (this.#busy.has(entry) || entry.abort.signal.aborted) {
      return
    }
    this.#busy.add(entry)
    this.#handle(entry, error)
      .catch((failure: unknown) => {
        if (!entry.abort.signal.aborted) {
          this.#unreadable(entry, asError(failure))
        }
      })
      .finally(() => {
        this.#busy.delete(entry)
      })
  }

  /** Say what is not as it was shared, and stop serving it. Once, and of a share that is still here. */
  changed(entry: Entry, damaged: readonly DamagedFile[]): void {
    const { root, info } = entry
    if (entry.abort.signal.aborted) {
      return
    }
    this.#changed.add(entry)
    this.#init.log.error(
      '%c is not served any more: %s',
      root,
      damaged.map(({ path, problem }) => `${path} ${problem}`).join(', ')
    )
    this.#init.withdraw(entry)
    this.#init.tell('share:changed', { root, path: info.path, damaged })
  }

  /** Hash all of a share now. Of one that is closed meanwhile nothing is noted. */
  async verify(entry: Entry, options: VerifyOptions): Promise<VerifyReport> {
    const { bytes, damaged, fingerprints } = await this.#hash(entry, options)
    if (damaged.length > 0) {
      this.changed(entry, damaged)
    } else if (fingerprints !== undefined && !entry.abort.signal.aborted) {
      // what was only touched is not to be hashed again and again
      await this.#init.library.rememberFingerprints(entry.root, fingerprints)
    }
    return { bytes, damaged }
  }

  async #hash(entry: Entry, options: VerifyOptions): Promise<VerifyReport & Partial<ContentReport>> {
    try {
      await this.#init.wake(entry)
    } catch (error) {
      if (error instanceof SourceChangedError) {
        return { bytes: 0, damaged: [damageOf(entry, error)] }
      }
      throw error
    }
    const { content } = entry
    if (content?.source === undefined) {
      throw new NotStartedError(`${entry.root.toString()} is not complete`)
    }
    return this.#hashFiles(entry, content.source, options)
  }

  async #hashFiles(
    { root }: Entry,
    { view, path, files }: ContentSource,
    options: VerifyOptions
  ): Promise<ContentReport> {
    const verify = (index: number, bytes: Uint8Array): boolean => view.verify(index, bytes)
    const devices = this.#init.library.devicesOf(root)
    return verifyContent(view.layout, path, { verify, files, devices, ...options })
  }

  async #handle(entry: Entry, error: Error): Promise<void> {
    const { content } = entry
    if (!isCurable(error)) {
      throw error
    }
    if (content === undefined) {
      await this.#retry(entry, error, {
        again: async () => this.#init.wake(entry),
        changed: async (change) => {
          this.changed(entry, [damageOf(entry, change)])
        }
      })
      return
    }
    await entry.swarm.pause(error instanceof DiskError ? 'the disk refuses' : 'its files are looked at')
    let healthy: Content | undefined = content
    try {
      healthy = await this.#retry<Content | undefined>(entry, error, {
        again: async () => probe(content),
        changed: async (change) => this.#lookAt(entry, content, change)
      })
    } finally {
      // whatever it was, it did not show that the share is not what it was
      if (healthy !== undefined && !entry.abort.signal.aborted) {
        entry.content = healthy
        entry.swarm.activate(healthy)
      }
    }
  }

  /** Until the disk answers. */
  async #retry<Result>(entry: Entry, error: CurableError, look: Look<Result>): Promise<Result> {
    const { root, abort } = entry
    const pausedAt = performance.now()
    let said = error
    for (let refusals = 0; ;) {
      try {
        let result: Result
        if (said instanceof SourceChangedError) {
          result = await look.changed(said)
        } else {
          refusals++
          await this.#pause(entry, said, refusals)
          result = await look.again()
        }
        if (refusals > 0 && !abort.signal.aborted) {
          this.#init.tell('share:resumed', { root, pausedMs: performance.now() - pausedAt })
        }
        return result
      } catch (again) {
        abort.signal.throwIfAborted()
        if (!isCurable(again)) {
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

  async #lookAt(
    entry: Entry,
    { map, store, source }: Content,
    change: SourceChangedError
  ): Promise<Content | undefined> {
    if (source === undefined) {
      this.changed(entry, [damageOf(entry, change)]) // nothing is known of the files but what the store says
      return undefined
    }
    const { view, path, files } = source
    const { signal } = entry.abort
    const report = await this.#hashFiles(entry, source, { signal })
    signal.throwIfAborted()
    if (report.damaged.length > 0) {
      this.changed(entry, report.damaged)
      return undefined
    }
    const { fingerprints } = report
    await this.#init.library.rememberFingerprints(entry.root, fingerprints)
    const devices = this.#init.library.devicesOf(entry.root)
    const opened = await openSeedStore(view.layout, path, { fingerprints, devices, ...(files && { files }) })
    await store.close().catch(() => undefined)
    return seedContent(map, view.serve(opened), source)
  }

  #unreadable(entry: Entry, error: Error): void {
    const { root, info } = entry
    this.#init.log.error('%c cannot be served now - %e', root, error)
    // a store that was closed meanwhile says nothing of the share
    if (!(error instanceof NotStartedError) && this.#told.get(entry) !== error.message) {
      this.#told.set(entry, error.message)
      this.#init.tell('share:unreadable', { root, path: info.path, error })
    }
  }
}

type CurableError = DiskError | SourceChangedError

/** Whatever the disk refuses may be over some time; what looks changed may be right. */
function isCurable(error: unknown): error is CurableError {
  return error instanceof DiskError || error instanceof SourceChangedError
}

/** What is wrong with a share whose map is not here. */
function damageOf({ info }: Entry, { path, what }: SourceChangedError): DamagedFile {
  return { path: path.startsWith(info.path) ? path.slice(info.path.length + 1) : '', problem: what }
}

/** Whether leaves can be read again: the first that is held, and the last. */
async function probe(content: Content): Promise<Content> {
  const { map, store } = content
  const held = (index: number): boolean => store.has(index)
  const indices = Array.from({ length: map.leafCount }, (_, index) => index)
  for (const index of [indices.find(held), indices.findLast(held)]) {
    if (index !== undefined) {
      await store.read(index, { bytes: Math.min(1, map.leafBytes(index)) })
    }
  }
  return content
}
