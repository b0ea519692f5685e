import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { AbortOptions } from '@libp2p/interface'
import { LeafNotFoundError, NotStartedError, ReadOnlyStoreError } from '@p2pshare/interface'
import type { BlobStore, ReadLeafOptions } from '@p2pshare/interface'
import { SourceChangedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import { Bitfield } from '../swarm/bitfield.ts'
import { createFingerprints, fingerprintProblem, hasFingerprint, recordFingerprint } from './fingerprint.ts'
import type { Fingerprints } from './fingerprint.ts'
import { closeQuietly, hasErrno, nodeFs, onDisk, readFully } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { HandlePool, MAX_OPEN_FILES } from './handle-pool.ts'
import { leafPart } from './leaf-buffer.ts'
import { mountOf } from './mount.ts'
import type { Mount } from './mount.ts'
import { openBelow, placeBelow } from './open-below.ts'
import type { LeafVerifier } from './recover.ts'
import { MAX_QUICK_BYTES, QuickReads } from './quick-read.ts'
import { leavesOf } from './selection.ts'
import { MISSING, requireThere } from './whereabouts.ts'
import type { Devices } from './whereabouts.ts'

/** Options of `openSeedStore`. */
export interface SeedStoreOptions extends AbortOptions {
  /**
   * What the files were when they were hashed. A file that is not recorded counts as it is at its first use, which
   * leaves only its size to compare, and is recorded here then. @default nothing recorded
   */
  fingerprints?: Fingerprints
  /** The file systems that the share was on when it was looked at last. @default not known */
  devices?: Devices | undefined
  /** Files that are there, by index: those of a download with `select`. @default all */
  files?: ReadonlySet<number>
  /**
   * Hash each leaf when it is read for the first time: what looks as it was may have rotted. @default they are believed,
   * as they were hashed just now
   */
  verify?: LeafVerifier
  /** Files kept open. @default MAX_OPEN_FILES (64) */
  maxOpenFiles?: number
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/**
 * Serve a share in place, from the user's own file or directory. A file is compared with its fingerprint when it is
 * opened and after every read, so bytes of an edited file are not handed out; `read` then rejects with
 * `SourceChangedError`, for that file only.
 *
 * @throws SourceChangedError when nothing is at `path`, DiskError when it cannot be looked at, with `ENODEV` when the disk
 * that it was on is not there.
 */
export async function openSeedStore(map: LeafMap, path: string, options: SeedStoreOptions = {}): Promise<BlobStore> {
  const fs = options.fs ?? nodeFs
  options.signal?.throwIfAborted()
  const root = await requireThere(fs, path, options.devices)
  return new SeedStore(map, { root, fs, mount: await mountOf(fs, root) }, options)
}

/** Where the content is. */
interface SeedPlace {
  /** Real path. */
  readonly root: string
  readonly fs: StoreFs
  readonly mount: Mount
}

class SeedStore implements BlobStore {
  readonly layout: LeafMap
  readonly #root: string
  readonly #fs: StoreFs
  readonly #mount: Mount
  readonly #fingerprints: Fingerprints
  readonly #pool: HandlePool
  /** `undefined`: somebody else is the file system. */
  readonly #quick: QuickReads | undefined
  /** `undefined`: all of them. */
  readonly #held: Bitfield | undefined
  readonly #verify: LeafVerifier | undefined
  /** Leaves that were hashed by this store; `undefined`: none has to be. */
  readonly #checked: Bitfield | undefined
  #closed = false

  constructor(map: LeafMap, { root, fs, mount }: SeedPlace, options: SeedStoreOptions) {
    this.layout = map
    this.#root = root
    this.#fs = fs
    this.#mount = mount
    this.#fingerprints = options.fingerprints ?? createFingerprints(map.files.length)
    this.#held = options.files === undefined ? undefined : leavesOf(map, options.files)
    this.#verify = options.verify
    this.#checked = options.verify === undefined ? undefined : new Bitfield(map.leafCount)
    this.#quick = fs === nodeFs ? new QuickReads() : undefined
    this.#pool = new HandlePool(async (file) => this.#open(file), options.maxOpenFiles ?? MAX_OPEN_FILES)
  }

  get haveCount(): number {
    return this.#held?.count ?? this.layout.leafCount
  }

  has(index: number): boolean {
    return this.#held?.has(index) ?? (Number.isInteger(index) && index >= 0 && index < this.layout.leafCount)
  }

  async read(index: number, options: ReadLeafOptions = {}): Promise<Uint8Array> {
    const { signal } = options
    signal?.throwIfAborted()
    if (!this.has(index)) {
      throw new LeafNotFoundError(index)
    }
    if (this.#closed) {
      throw new NotStartedError('the store is closed')
    }
    const leafBytes = this.layout.leafBytes(index)
    const isChecked = this.#checked?.has(index) ?? true
    const isWhole = (options.start ?? 0) === 0 && (options.bytes ?? leafBytes) === leafBytes
    if (!isChecked && !isWhole) {
      await this.#requireRight(index, await this.#read(index, {}))
    }
    const bytes = await this.#read(index, options)
    if (!isChecked && isWhole) {
      await this.#requireRight(index, bytes)
    }
    signal?.throwIfAborted()
    return bytes
  }

  async #read(index: number, options: ReadLeafOptions): Promise<Uint8Array> {
    const { file, offset } = this.layout.position(index)
    const { start, buffer } = leafPart(this.layout.leafBytes(index), options)
    if (this.#readQuickly(file, buffer, offset + start)) {
      return buffer
    }
    try {
      await this.#pool.use(file, async (handle) => {
        const place = this.#place(file)
        const bytesRead = await onDisk(place, async () => readFully(handle, buffer, offset + start))
        await this.#check(file, handle)
        if (bytesRead < buffer.byteLength) {
          throw new SourceChangedError(place, 'became shorter')
        }
      })
    } catch (error) {
      // open it again next time: it may have been put back
      this.#pool.evict(file)
      throw error
    }
    return buffer
  }

  readNow(index: number): Uint8Array | undefined {
    const isChecked = this.#checked?.has(index) ?? true
    if (this.#closed || !isChecked || !this.has(index) || this.layout.leafBytes(index) > MAX_QUICK_BYTES) {
      return undefined
    }
    const { file, offset } = this.layout.position(index)
    const buffer = new Uint8Array(this.layout.leafBytes(index))
    return this.#readQuickly(file, buffer, offset) ? buffer : undefined
  }

  async write(): Promise<void> {
    throw new ReadOnlyStoreError('a share that is served in place is not written to')
  }

  async complete({ signal }: AbortOptions = {}): Promise<void> {
    // everything is where it belongs
    signal?.throwIfAborted()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.drain()
  }

  /** @throws SourceChangedError unless these are the bytes that were shared. */
  async #requireRight(index: number, leaf: Uint8Array): Promise<void> {
    if ((await this.#verify?.(index, leaf)) === false) {
      throw new SourceChangedError(this.#place(this.layout.position(index).file), 'does not match its hash any more')
    }
    this.#checked?.set(index)
  }

  /** Returns false when nothing is said about the file: it has to be looked at in earnest. */
  #readQuickly(file: number, buffer: Uint8Array, position: number): boolean {
    const stats = this.#quick?.read(this.#place(file), buffer, position)
    return stats !== undefined && hasFingerprint(this.#fingerprints, file) && this.#problem(file, stats) === undefined
  }

  async #open(file: number): Promise<FileHandle> {
    let handle: FileHandle
    try {
      handle = await openBelow(this.#fs, this.#root, this.#path(file), constants.O_RDONLY)
    } catch (error) {
      throw await this.#asSourceChange(file, error)
    }
    try {
      await this.#check(file, handle)
      return handle
    } catch (error) {
      await closeQuietly(handle)
      throw error
    }
  }

  async #check(file: number, handle: FileHandle): Promise<void> {
    const place = this.#place(file)
    const stats = await onDisk(place, async () => handle.stat())
    const problem = this.#problem(file, stats)
    if (problem !== undefined) {
      throw new SourceChangedError(place, problem)
    }
    if (!hasFingerprint(this.#fingerprints, file)) {
      recordFingerprint(this.#fingerprints, file, stats)
    }
  }

  #problem(file: number, stats: Stats): string | undefined {
    return fingerprintProblem(this.#fingerprints, file, this.layout.files[file]?.bytes ?? 0, stats)
  }

  async #asSourceChange(file: number, error: unknown): Promise<unknown> {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) {
      await this.#mount.require()
      return new SourceChangedError(this.#place(file), MISSING, { cause: error })
    }
    if (hasErrno(error, 'ELOOP', 'EISDIR', 'ENXIO')) {
      return new SourceChangedError(this.#place(file), 'was replaced by something else', { cause: error })
    }
    return error
  }

  #path(file: number): string {
    return this.layout.files[file]?.path ?? ''
  }

  #place(file: number): string {
    return placeBelow(this.#root, this.#path(file))
  }
}
