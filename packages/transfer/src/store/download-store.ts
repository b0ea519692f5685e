import type { Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { LeafNotFoundError, NotStartedError } from '@p2pshare/interface'
import type { BlobStore, LeafPlace, ReadLeafOptions } from '@p2pshare/interface'
import { asError } from '../as-error.ts'
import { SourceChangedError } from '../errors.ts'
import type { LeafMap } from '../leaf-map.ts'
import type { Bitfield } from '../swarm/bitfield.ts'
import { Checkpointer } from './checkpointer.ts'
import type { DownloadStoreOptions } from './download-options.ts'
import type { Fingerprints } from './fingerprint.ts'
import { ifThere, nodeFs, onDisk, readFully, syncDirectory, toDiskError, writeFully } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { Gate } from './gate.ts'
import { HandlePool, MAX_OPEN_FILES } from './handle-pool.ts'
import { inspectContent } from './inspect.ts'
import type { Journal } from './journal-file.ts'
import { checkLeaf, leafPart } from './leaf-buffer.ts'
import { lendPlace } from './lend-place.ts'
import { acquireLock } from './lock.ts'
import { moveIntoPlace } from './move-into-place.ts'
import { PartialFiles } from './partial-files.ts'
import { makePartial } from './partial.ts'
import type { PartialPaths } from './partial.ts'
import { resume } from './resume.ts'
import type { Resumed } from './resume.ts'
import { openSeedStore } from './seed-store.ts'
import { Selection } from './selection.ts'
import { removeEmpty, removeUnwanted, syncTree, wantedDirectories } from './tree.ts'

/** A `BlobStore` that becomes a file or directory. */
export interface DownloadStore extends BlobStore {
  /** Whether leaf `index` belongs to a file that is fetched. Others are not written: `write` rejects. */
  wants(index: number): boolean
  /** Fetch these files from now on, `undefined` for all. Nothing that is here is deleted before `complete`. */
  select(files: ReadonlySet<number> | undefined): void
  /** Take these leaves too, of files that do not get a name in the target. */
  add(leaves: Iterable<number>): void
  /** What the files looked like when they got their final name; `undefined` before `complete`. */
  readonly fingerprints: Fingerprints | undefined
  /** Bring everything that was written to the disk now. */
  checkpoint(options?: AbortOptions): Promise<void>
}

/**
 * Download in place: leaves go to their offsets in the final files, which wait in `partial` until all are there. What a
 * former run wrote is found again. `complete` moves the content to `target`, removes `partial`, and serves on from
 * there. It rejects with `LeafNotFoundError` for a leaf that is missing or turned out to be damaged; fetch it and call
 * it again.
 *
 * When the system refuses something (`ENOSPC`, `EACCES`, `EROFS` ...) the call rejects with `DiskError`, nothing that
 * was written is lost, and the same call may be tried again.
 *
 * @throws StoreBusyError while another process downloads there, TargetExistsError when `partial` has another share in it.
 */
export async function openDownloadStore(map: LeafMap, options: DownloadStoreOptions): Promise<DownloadStore> {
  const fs = options.fs ?? nodeFs
  options.signal?.throwIfAborted()
  const paths = await makePartial(fs, options.partial)
  const release = await acquireLock(fs, paths.lock)
  try {
    return new FileDownloadStore(
      map,
      paths,
      release,
      await resume(map, paths, {
        fs,
        verify: options.verify,
        now: options.now,
        ...(options.signal && { signal: options.signal })
      }),
      fs,
      options
    )
  } catch (error) {
    await release()
    throw error
  }
}

class FileDownloadStore implements DownloadStore {
  readonly layout: LeafMap
  readonly #fs: StoreFs
  readonly #options: DownloadStoreOptions
  readonly #paths: PartialPaths
  readonly #release: () => Promise<void>
  readonly #held: Bitfield
  readonly #selection: Selection
  readonly #journal: Journal
  readonly #checkpointer: Checkpointer
  readonly #files: PartialFiles
  readonly #pool: HandlePool
  readonly #gate = new Gate()
  fingerprints: Fingerprints | undefined
  #moved = false
  /** Serves from the target once the content is there. */
  #final: BlobStore | undefined
  #cleaned = false
  #closed = false

  constructor(
    map: LeafMap,
    paths: PartialPaths,
    release: () => Promise<void>,
    { held, rechecked, journal }: Resumed,
    fs: StoreFs,
    options: DownloadStoreOptions
  ) {
    this.layout = map
    this.#fs = fs
    this.#options = options
    this.#paths = paths
    this.#release = release
    this.#held = held
    this.#selection = new Selection(map, options.files)
    this.#journal = journal
    this.#files = new PartialFiles(map, fs, paths.content)
    this.#checkpointer = new Checkpointer({
      journal,
      sync: async (file) => this.#sync(file),
      syncNames: async () => this.#files.syncNames(),
      now: options.now ?? (() => performance.now()),
      ...(options.checkpointBytes !== undefined && { checkpointBytes: options.checkpointBytes }),
      ...(options.checkpointAfterMs !== undefined && { checkpointAfterMs: options.checkpointAfterMs })
    })
    this.#pool = new HandlePool(
      async (file) => this.#files.open(file),
      options.maxOpenFiles ?? MAX_OPEN_FILES,
      (file, error) => {
        this.#checkpointer.fail(file, asError(toDiskError(error, this.#files.place(file))))
      }
    )
    for (const file of rechecked) {
      this.#checkpointer.note(file, 0)
    }
  }

  get haveCount(): number {
    return this.#held.count
  }

  has(index: number): boolean {
    return this.#held.has(index)
  }

  wants(index: number): boolean {
    return this.#selection.wants(index)
  }

  select(files: ReadonlySet<number> | undefined): void {
    this.#selection.select(files)
  }

  add(leaves: Iterable<number>): void {
    this.#selection.add(leaves)
  }

  async read(index: number, options: ReadLeafOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    return this.#gate.shared(async () => {
      this.#requireOpen()
      if (!this.has(index)) {
        throw new LeafNotFoundError(index)
      }
      return this.#moved ? (await this.#served()).read(index, options) : this.#readPartial(index, options)
    })
  }

  async write(index: number, bytes: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    return this.#gate.shared(async () => {
      this.#requireOpen()
      checkLeaf(this.layout, index, bytes)
      await this.#keep(index, async (handle, offset) => writeFully(handle, bytes, offset))
    })
  }

  async place(index: number, { signal }: AbortOptions = {}): Promise<LeafPlace | undefined> {
    signal?.throwIfAborted()
    return lendPlace(async (write) =>
      this.#gate.shared(async () => {
        this.#requireOpen()
        this.layout.leafBytes(index) // throws for an index outside the layout
        await this.#keep(index, write)
      })
    )
  }

  /** Write leaf `index` by `action` unless it is held, then hold it: bytes, note, journal, in this order. */
  async #keep(index: number, action: (handle: FileHandle, offset: number) => Promise<void>): Promise<void> {
    if (this.has(index)) {
      return
    }
    if (!this.#selection.takes(index)) {
      throw new LeafNotFoundError(index)
    }
    const { file, offset } = this.layout.position(index)
    await this.#pool.use(file, async (handle) => {
      await onDisk(this.#files.place(file), async () => action(handle, offset))
      this.#checkpointer.note(file, this.layout.leafBytes(index))
    })
    await this.#journal.have(index)
    this.#held.set(index)
  }

  async checkpoint({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    return this.#gate.shared(async () => {
      this.#requireOpen()
      if (!this.#moved) {
        await this.#checkpointer.run()
      }
    })
  }

  async complete({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (this.#cleaned) {
      return
    }
    this.#requireAll()
    // most of the waiting for the disk, while others still read
    await this.checkpoint().catch(() => undefined)
    signal?.throwIfAborted()
    return this.#gate.exclusive(async () => {
      this.#requireOpen()
      if (!this.#moved) {
        await this.#moveToTarget()
      }
      if (!this.#cleaned) {
        await this.#clean()
      }
    })
  }

  async close(): Promise<void> {
    return this.#gate.exclusive(async () => {
      if (this.#closed) {
        return
      }
      this.#closed = true
      if (!this.#cleaned) {
        // a failure costs hashing on the next open, no more
        await this.#checkpointer.run().catch(() => undefined)
        await this.#pool.drain()
        try {
          await this.#journal.close()
        } finally {
          await this.#release()
        }
      }
      await this.#final?.close()
    })
  }

  async #readPartial(index: number, options: ReadLeafOptions): Promise<Uint8Array> {
    const { file, offset } = this.layout.position(index)
    const { start, buffer } = leafPart(this.layout.leafBytes(index), options)
    const place = this.#files.place(file)
    await this.#pool.use(file, async (handle) => {
      const bytesRead = await onDisk(place, async () => readFully(handle, buffer, offset + start))
      if (bytesRead < buffer.byteLength) {
        throw new SourceChangedError(place, 'became shorter')
      }
    })
    options.signal?.throwIfAborted()
    return buffer
  }

  async #sync(file: number): Promise<void> {
    await this.#pool.use(file, async (handle) => {
      try {
        await handle.datasync()
      } catch (error) {
        const refusal = asError(toDiskError(error, this.#files.place(file)))
        this.#checkpointer.fail(file, refusal)
        throw refusal
      }
    })
  }

  async #moveToTarget(): Promise<void> {
    const { target } = this.#options
    const { files } = this.#selection
    const directories = wantedDirectories(this.layout, files)
    await this.#makeEmpty(directories)
    if (files !== undefined && this.layout.kind === 'directory') {
      await removeUnwanted(this.layout, this.#fs, this.#paths.content, files)
      this.#dropUnwanted()
    }
    const fingerprints = await this.#inspect()
    this.#requireAll()
    await this.#checkpointer.run()
    if (this.layout.kind === 'directory') {
      await syncTree(this.#fs, this.#paths.content, directories)
    }
    await this.#pool.drain()
    await moveIntoPlace(this.#fs, this.layout.kind, this.#paths.content, target)
    this.fingerprints = fingerprints
    this.#moved = true
  }

  async #served(): Promise<BlobStore> {
    if (this.#final === undefined) {
      const { target, maxOpenFiles } = this.#options
      const { files } = this.#selection
      const store = await openSeedStore(this.layout, target, {
        fs: this.#fs,
        ...(this.fingerprints && { fingerprints: this.fingerprints }),
        ...(files && { files }),
        ...(maxOpenFiles !== undefined && { maxOpenFiles })
      })
      // several reads may get here at once
      this.#final ??= store
    }
    return this.#final
  }

  /** The directories, and the files that no write makes. */
  async #makeEmpty(directories: readonly string[]): Promise<void> {
    if (this.layout.kind === 'directory') {
      for (const path of ['', ...directories]) {
        await this.#files.directories.make(path)
      }
    }
    for (const file of this.#selection.files ?? this.layout.files.keys()) {
      if (this.layout.files[file]?.bytes === 0) {
        await this.#pool.use(file, async () => undefined)
      }
    }
  }

  #dropUnwanted(): void {
    for (let index = 0; index < this.layout.leafCount; index++) {
      if (!this.wants(index)) {
        this.#held.clear(index)
      }
    }
  }

  async #inspect(): Promise<Fingerprints> {
    const suspects = this.#checkpointer.takeSuspects()
    try {
      const { fingerprints, wrong } = await inspectContent(this.layout, this.#paths.content, {
        fs: this.#fs,
        verify: this.#options.verify,
        files: this.#selection.files,
        held: this.#held,
        suspects: new Set(suspects.keys()),
        reopen: async (file) => this.#reopen(file)
      })
      for (const index of wrong) {
        this.#held.clear(index)
      }
      await this.#journal.drop(wrong)
      return fingerprints
    } catch (error) {
      for (const [file, doubt] of suspects) {
        this.#checkpointer.fail(file, doubt)
      }
      throw error
    }
  }

  async #reopen(file: number): Promise<Stats> {
    this.#files.forget(file)
    this.#pool.evict(file)
    return this.#pool.use(file, async (handle) => onDisk(this.#files.place(file), async () => handle.stat()))
  }

  async #clean(): Promise<void> {
    const { target } = this.#options
    await this.#served()
    await onDisk(target, async () => syncDirectory(this.#fs, dirname(target)))
    await this.#journal.close()
    const { directory, journal, nodes } = this.#paths
    for (const path of [journal, nodes]) {
      await onDisk(path, async () => ifThere(async () => this.#fs.unlink(path)))
    }
    await this.#release()
    // stays when somebody else put something into it
    await removeEmpty(this.#fs, directory)
    this.#cleaned = true
  }

  #requireAll(): void {
    for (let index = 0; index < this.layout.leafCount; index++) {
      if (this.wants(index) && !this.has(index)) {
        throw new LeafNotFoundError(index)
      }
    }
  }

  #requireOpen(): void {
    if (this.#closed) {
      throw new NotStartedError('the store is closed')
    }
  }
}
