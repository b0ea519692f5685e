import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@libp2p/interface'
import { InvalidMessageError } from '@p2pshare/interface'
import { asError } from '../as-error.ts'
import { StoreBusyError } from '../errors.ts'
import { readSmallFile, writeFileAtomic } from '../store/atomic-file.ts'
import { hasErrno, ifThere, nodeFs, onDisk } from '../store/fs.ts'
import { acquireLock } from '../store/lock.ts'
import { makeDirectories } from '../store/make-directories.ts'
import { decodeBans, encodeBans, MAX_BANS_BYTES } from './ban-codec.ts'
import type { BanContents } from './ban-codec.ts'
import type { BanRecord } from './ban-list.ts'

/** Another process holds the lock for as long as it takes to write a few kilobytes. */
const LOCK_RETRY_MS = 20
const LOCK_TRIES = 250

interface Damaged {
  readonly kind: 'damaged'
  readonly error: Error
}

/** The list of bans on the disk. Several processes may use the same one: each change is made to what is there. */
export class BanFile {
  readonly #directory: string
  readonly #log: Logger
  readonly #path: string
  readonly #lock: string
  /** What the file looked like when it was read or written last. */
  #seen = ''

  constructor(directory: string, log: Logger) {
    this.#directory = directory
    this.#log = log
    this.#path = join(directory, 'bans.json')
    this.#lock = join(directory, 'bans.lock')
  }

  /**
   * What is there; `undefined`: the same as last time, or a list of a later version.
   *
   * @throws DiskError, InvalidMessageError for a file that is not such a list
   */
  async read(): Promise<readonly BanRecord[] | undefined> {
    const looks = await this.#look()
    if (looks === this.#seen) {
      return undefined
    }
    this.#seen = looks
    const found = await this.#load()
    if (found.kind === 'damaged') {
      throw found.error
    }
    if (found.kind === 'later') {
      this.#log.error('%s is of a later version: bans of this node end with it', this.#path)
      return undefined
    }
    return found.records
  }

  /**
   * Replace what is there with what comes of it. On the disk when it resolves; `undefined`: a list of a later version is
   * there, and was left alone.
   *
   * @param held - what takes the place of a list that cannot be read; that one is kept as `bans.json.bad`.
   */
  async change(
    apply: (records: readonly BanRecord[]) => readonly BanRecord[],
    held: () => readonly BanRecord[]
  ): Promise<readonly BanRecord[] | undefined> {
    await onDisk(this.#directory, async () => makeDirectories(nodeFs, this.#directory, 0o700))
    const release = await this.#acquire()
    try {
      const found = await this.#load()
      if (found.kind === 'later') {
        return undefined
      }
      const records = apply(found.kind === 'list' ? found.records : held())
      const bytes = encodeBans(records)
      if (found.kind === 'damaged') {
        await this.#setAside(found.error)
      }
      await writeFileAtomic(nodeFs, this.#path, bytes)
      this.#seen = await this.#look()
      return records
    } finally {
      await release()
    }
  }

  async #load(): Promise<BanContents | Damaged> {
    try {
      const bytes = await readSmallFile(nodeFs, this.#path, MAX_BANS_BYTES)
      const found: BanContents = bytes === undefined ? { kind: 'list', records: [], skipped: 0 } : decodeBans(bytes)
      if (found.kind === 'list' && found.skipped > 0) {
        this.#log.error('%d entries of %s make no sense', found.skipped, this.#path)
      }
      return found
    } catch (error) {
      if (error instanceof InvalidMessageError || hasErrno(error, 'EFBIG')) {
        return { kind: 'damaged', error: asError(error) }
      }
      throw error
    }
  }

  /** Somebody may want to look at it. There is no moment without a list: other processes would take all bans back. */
  async #setAside(error: Error): Promise<void> {
    const bad = `${this.#path}.bad`
    this.#log.error('%s cannot be read and is kept as %s - %e', this.#path, bad, error)
    await onDisk(this.#path, async () => {
      await nodeFs.rm(bad, { force: true })
      // where there are no hard links
      await nodeFs.link(this.#path, bad).catch(async () => nodeFs.rename(this.#path, bad))
    })
  }

  /** A file that was replaced is another inode, mostly, and always younger. */
  async #look(): Promise<string> {
    const stats = await onDisk(this.#path, async () => ifThere(async () => nodeFs.lstat(this.#path)))
    return stats === undefined ? '' : `${stats.ino} ${stats.size} ${stats.mtimeMs}`
  }

  async #acquire(): Promise<() => Promise<void>> {
    for (let tries = 1; ; tries++) {
      try {
        return await acquireLock(nodeFs, this.#lock)
      } catch (error) {
        if (!(error instanceof StoreBusyError) || tries >= LOCK_TRIES) {
          throw error
        }
        await sleep(LOCK_RETRY_MS)
      }
    }
  }
}
