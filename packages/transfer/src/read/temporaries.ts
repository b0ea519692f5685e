import { anySignal } from 'any-signal'
import type { CID } from 'multiformats/cid'
import type { Launcher } from '../launch.ts'
import { requireSameKey } from '../private/same-key.ts'
import type { ShareSecret } from '../private/secret.ts'
import type { Entry } from '../share/entry.ts'
import type { Shares } from '../share/shares.ts'
import type { ReadOptions } from '../types.ts'
import { unlessAborted } from '../unless-aborted.ts'
import type { Use } from './feed.ts'
import { TemporaryDownload } from './temporary.ts'

/** What was fetched for readers stays this long after the last one: a player that seeks comes back at once. */
export const READ_LINGER_MS = 30_000

export interface TemporariesInit {
  readonly shares: Shares
  readonly launcher: Launcher
  /** For what is read and not otherwise kept. */
  readonly directory: string
  /** Aborted when the node stops. @throws NotStartedError */
  stopping(): AbortSignal
}

interface Temporary {
  readonly entry: Entry
  readonly download: TemporaryDownload
  readonly secret: ShareSecret | undefined
  readonly stopping: AbortSignal
  /** Peers that a later reader knows. */
  readonly add: (options: ReadOptions) => void
  readonly release: () => void
  readers: number
  lingering?: NodeJS.Timeout
}

/** What is fetched for readers alone: one download of a root, for all who have the same key. */
export class Temporaries {
  readonly #init: TemporariesInit
  readonly #all = new Map<string, Temporary>()
  /** Those that are being closed. */
  readonly #ending = new Map<string, Promise<void>>()

  constructor(init: TemporariesInit) {
    this.#init = init
  }

  /**
   * What has to end before a reader with this key can join; `undefined`: nothing.
   *
   * @throws AlreadyFetchingError, SealedLeafError while others read it with another key
   */
  obstacle(root: CID, secret: ShareSecret | undefined): Promise<void> | undefined {
    const found = this.#all.get(root.toString())
    if (found === undefined) {
      return this.#ending.get(root.toString())
    }
    if (found.download.joining.over.aborted) {
      return this.#close(found)
    }
    try {
      requireSameKey(root, found.secret, secret)
      return undefined
    } catch (error) {
      if (found.readers > 0) {
        throw error
      }
      return this.#close(found)
    }
  }

  /** Read with those who do, or alone. Nothing is in the way: see `obstacle`. */
  async join(root: CID, options: ReadOptions, signal: AbortSignal): Promise<Use> {
    const found = this.#all.get(root.toString())
    found?.add(options)
    const joined = found ?? this.#begin(root, options)
    joined.readers++
    clearTimeout(joined.lingering)
    const release = (): void => {
      joined.readers--
      if (joined.readers === 0) {
        joined.lingering = setTimeout(() => {
          void this.#close(joined)
        }, READ_LINGER_MS).unref()
      }
    }
    try {
      return { feed: await unlessAborted(joined.download.feed(), signal), release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Something else is done with this root: those who read it look for it again. */
  async close(root: CID): Promise<void> {
    const temporary = this.#all.get(root.toString())
    await (temporary === undefined ? this.#ending.get(root.toString()) : this.#close(temporary))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#all.values()].map(async (temporary) => this.#close(temporary)))
    await Promise.all(this.#ending.values())
  }

  #begin(root: CID, options: ReadOptions): Temporary {
    const { shares, launcher, directory } = this.#init
    const { secret } = options
    const name = root.toString()
    const stopping = this.#init.stopping()
    const entry = shares.create({ root, name, path: directory, kind: 'file', bytes: 0, files: 0, leaves: 0 })
    entry.isTemporary = true
    shares.replace(shares.get(root), entry)
    const signal = anySignal([stopping, entry.abort.signal])
    const { monitor, rootBlock, add } = launcher.launch(entry, { ...options, signal })
    const download = new TemporaryDownload({ entry, monitor, rootBlock, signal, directory, secret })
    const release = (): void => {
      signal.clear()
    }
    const temporary: Temporary = { entry, download, secret, stopping, add, release, readers: 0 }
    this.#all.set(name, temporary)
    entry.work = download.run()
    void entry.work.then(async () => this.#close(temporary))
    return temporary
  }

  /** Never rejects. */
  async #close(temporary: Temporary): Promise<void> {
    const key = temporary.entry.root.toString()
    if (this.#all.get(key) === temporary) {
      this.#all.delete(key)
      const ending = this.#end(temporary).finally(() => this.#ending.delete(key))
      this.#ending.set(key, ending)
    }
    await this.#ending.get(key)
  }

  async #end({ entry, download, lingering, stopping, release }: Temporary): Promise<void> {
    const { shares } = this.#init
    clearTimeout(lingering)
    await (stopping.aborted ? shares.close(entry, 'this node is stopping') : shares.giveBack(entry, 'nobody reads it'))
    release()
    await download.discard()
  }
}
