import { constants } from 'node:fs'
import { dirname } from 'node:path'
import type { FileHandle } from 'node:fs/promises'
import { toRanges } from '../swarm/bitfield.ts'
import type { Bitfield } from '../swarm/bitfield.ts'
import { DEFENSIVE_FLAGS, closeQuietly, ifThere, onDisk, readFully, syncDirectory, writeFully } from './fs.ts'
import type { StoreFs } from './fs.ts'
import {
  decodeHeader,
  encodeHeader,
  encodeRecords,
  journalSeed,
  MAX_HEADER_BYTES,
  maxJournalRecords,
  RECORD_BYTES,
  replay
} from './journal.ts'
import type { JournalHeader, JournalRecord, JournalState } from './journal.ts'

/** Leaves stored within this time are noted in one write: on a fast link one for each would cost as much as its hash. */
const GATHER_MS = 10

/** What is at the place of a journal. */
export type JournalFound =
  { readonly status: 'ours'; readonly state: JournalState } | { readonly status: 'absent' | 'damaged' | 'foreign' }

/** What a new journal starts with. */
export interface JournalSeedState {
  readonly trusted: Bitfield
  readonly unverified: Bitfield
}

/** Read the journal at `path`. `foreign`: an intact one that belongs to another share. */
export async function readJournal(fs: StoreFs, path: string, header: JournalHeader): Promise<JournalFound> {
  return onDisk(path, async () => {
    const handle = await ifThere(async () => fs.open(path, constants.O_RDONLY | DEFENSIVE_FLAGS))
    if (handle === undefined) {
      return { status: 'absent' }
    }
    try {
      const { size } = await handle.stat()
      // one record more than there may be, so that too many are seen as such
      const limit = MAX_HEADER_BYTES + (maxJournalRecords(header.leafCount) + 1) * RECORD_BYTES
      const bytes = new Uint8Array(Math.min(size, limit))
      const content = bytes.subarray(0, await readFully(handle, bytes, 0))
      const found = decodeHeader(content)
      if (found === undefined) {
        return { status: 'damaged' }
      }
      if (found.leafCount !== header.leafCount || Buffer.compare(found.root, header.root) !== 0) {
        return { status: 'foreign' }
      }
      const head = encodeHeader(header)
      const records = content.subarray(head.byteLength)
      return {
        status: 'ours',
        state: replay(records, { seed: journalSeed(head), leafCount: header.leafCount })
      }
    } finally {
      await closeQuietly(handle)
    }
  })
}

/** A leaf that is held now, or a record of another kind. */
type Entry = number | Exclude<JournalRecord, { readonly type: 'have' }>

interface Waiter {
  readonly entry: Entry
  readonly settled: PromiseWithResolvers<void>
}

/** A journal as it is opened. */
interface JournalStart {
  /** In the file. */
  readonly records: number
  /** A clock in milliseconds that never goes back. */
  readonly now: () => number
}

/** Where a journal is, and what it belongs to. */
export interface JournalPlace {
  readonly fs: StoreFs
  readonly path: string
  readonly header: JournalHeader
  /** @default performance.now */
  readonly now?: (() => number) | undefined
}

const steadyNow = (): number => performance.now()

/** Appends to a journal: what is asked for while an append is under way goes into the next one. */
export class Journal {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #headerBytes: number
  readonly #seed: number
  #records: number
  readonly #now: () => number
  #waiting: Waiter[] = []
  #appending: Promise<void> | undefined
  #wroteAt = -Infinity
  /** Ends the wait for more leaves. */
  #hurry: (() => void) | undefined

  constructor(path: string, handle: FileHandle, header: Uint8Array, { records, now }: JournalStart) {
    this.#path = path
    this.#handle = handle
    this.#now = now
    this.#headerBytes = header.byteLength
    this.#seed = journalSeed(header)
    this.#records = records
  }

  /** Go on with an undamaged journal that has `records` records; a torn tail after them is cut off. */
  static async open({ fs, path, header, now = steadyNow }: JournalPlace, records: number): Promise<Journal> {
    const head = encodeHeader(header)
    return onDisk(path, async () => {
      const handle = await fs.open(path, constants.O_RDWR | DEFENSIVE_FLAGS)
      try {
        await handle.truncate(head.byteLength + records * RECORD_BYTES)
        return new Journal(path, handle, head, { records, now })
      } catch (error) {
        await closeQuietly(handle)
        throw error
      }
    })
  }

  /** Write a journal that says `state`, in place of what is at `path`; a crash leaves the old one or the new one. */
  static async create({ fs, path, header, now = steadyNow }: JournalPlace, state: JournalSeedState): Promise<Journal> {
    const head = encodeHeader(header)
    const trusted = [...state.trusted.ranges()].map((range) => ({ type: 'have', ...range }) as const)
    const unverified = [...state.unverified.ranges()].map((range) => ({ type: 'have', ...range }) as const)
    const records: JournalRecord[] = [...trusted, { type: 'checkpoint', records: trusted.length }, ...unverified]
    const draft = `${path}.new`
    return onDisk(path, async () => {
      // one process at a time has the partial directory locked: a draft that is there is left from a crash
      await ifThere(async () => fs.unlink(draft))
      const handle = await fs.open(
        draft,
        constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | DEFENSIVE_FLAGS,
        0o600
      )
      try {
        await writeFully(handle, Buffer.concat([head, encodeRecords(records, journalSeed(head))]), 0)
        await handle.sync()
        await fs.rename(draft, path)
        await syncDirectory(fs, dirname(path))
        return new Journal(path, handle, head, { records: records.length, now })
      } catch (error) {
        await closeQuietly(handle)
        throw error
      }
    })
  }

  /** Records in the file. */
  get records(): number {
    return this.#records
  }

  /** Note that the bytes of leaf `index` are written; resolves when the record is in the file, not yet synced. */
  async have(index: number): Promise<void> {
    return this.#append(index)
  }

  /** Note that all that the first `records` records name is on the disk; resolves when the note is there too. */
  async checkpoint(records: number): Promise<void> {
    await this.#append({ type: 'checkpoint', records })
    await onDisk(this.#path, async () => this.#handle.datasync())
  }

  /** Note that leaves which were noted before are not there after all; resolves when that is on the disk. */
  async drop(indices: Iterable<number>): Promise<void> {
    const ranges = toRanges(indices)
    if (ranges.length === 0) {
      return
    }
    await Promise.all(ranges.map(async (range) => this.#append({ type: 'drop', ...range })))
    await onDisk(this.#path, async () => this.#handle.datasync())
  }

  async close(): Promise<void> {
    this.#hurry?.()
    await this.#appending
    // closing a `FileHandle` twice is harmless
    await onDisk(this.#path, async () => this.#handle.close())
  }

  async #append(entry: Entry): Promise<void> {
    const settled: PromiseWithResolvers<void> = Promise.withResolvers()
    this.#waiting.push({ entry, settled })
    if (typeof entry !== 'number') {
      this.#hurry?.()
    }
    this.#appending ??= this.#drain()
    return settled.promise
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather()
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#write(batch.map(({ entry }) => entry))
        for (const { settled } of batch) {
          settled.resolve()
        }
      } catch (error) {
        for (const { settled } of batch) {
          settled.reject(error)
        }
      }
    }
    this.#appending = undefined
  }

  /** Waits only after a write: the first leaf for a while is noted at once. */
  async #gather(): Promise<void> {
    const waitMs = this.#wroteAt + GATHER_MS - this.#now()
    if (waitMs > 0 && this.#waiting.every(({ entry }) => typeof entry === 'number')) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        this.#hurry = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      this.#hurry = undefined
    }
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const leaves = entries.filter((entry) => typeof entry === 'number')
    const others = entries.filter((entry) => typeof entry !== 'number')
    const records = [...toRanges(leaves).map((range) => ({ type: 'have', ...range }) as const), ...others]
    // at a position, not with O_APPEND: a write that failed half-way is written over by the next
    const position = this.#headerBytes + this.#records * RECORD_BYTES
    await onDisk(this.#path, async () => writeFully(this.#handle, encodeRecords(records, this.#seed), position))
    this.#records += records.length
    this.#wroteAt = this.#now()
  }
}
