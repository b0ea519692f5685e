import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidMessageError } from '@p2pshare/interface'
import { StoreBusyError } from '../errors.ts'
import { readSmallFile, writeFileAtomic } from '../store/atomic-file.ts'
import { ifThere, nodeFs, onDisk } from '../store/fs.ts'
import { acquireLock } from '../store/lock.ts'
import { makeDirectories } from '../store/make-directories.ts'
import { decodeBans, encodeBans, MAX_BANS_BYTES } from './ban-codec.ts'
import type { BanRecord } from './ban-list.ts'

/** Another process holds the lock for as long as it takes to write a few kilobytes. */
const LOCK_RETRY_MS = 20
const LOCK_TRIES = 250

/** The list of bans on the disk. Several processes may use the same one: each change is made to what is there. */
export class BanFile {
  readonly #directory: string
  readonly #path: string
  readonly #lock: string
  /** What the file looked like when it was read or written last. */
  #seen = ''

  constructor(directory: string) {
    this.#directory = directory
    this.#path = join(directory, 'bans.json')
    this.#lock = join(directory, 'bans.lock')
  }

  /**
   * What is there; `undefined`: the same as last time.
   *
   * @throws DiskError, InvalidMessageError for a file that is not such a list
   */
  async read(): Promise<BanRecord[] | undefined> {
    const looks = await this.#look()
    if (looks === this.#seen) {
      return undefined
    }
    this.#seen = looks
    return this.#load()
  }

  /** Replace what is there with what comes of it. On the disk when it resolves. */
  async change(apply: (records: BanRecord[]) => BanRecord[]): Promise<BanRecord[]> {
    await onDisk(this.#directory, async () => makeDirectories(nodeFs, this.#directory, 0o700))
    const release = await this.#acquire()
    try {
      const records = apply(await this.#loadOrNone())
      await writeFileAtomic(nodeFs, this.#path, encodeBans(records))
      this.#seen = await this.#look()
      return records
    } finally {
      await release()
    }
  }

  async #load(): Promise<BanRecord[]> {
    const bytes = await readSmallFile(nodeFs, this.#path, MAX_BANS_BYTES)
    return bytes === undefined ? [] : decodeBans(bytes)
  }

  /** A damaged list helps nobody: the next one takes its place. */
  async #loadOrNone(): Promise<BanRecord[]> {
    try {
      return await this.#load()
    } catch (error) {
      if (error instanceof InvalidMessageError) {
        return []
      }
      throw error
    }
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
