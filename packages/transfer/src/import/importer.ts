import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { BlockKind, cidOf } from '../block-kind.ts'
import { NotShareableError } from '../errors.ts'
import { leafDigest, rebuildLeaf } from '../leaf-block.ts'
import { leafEnvelope } from '../leaf-envelope.ts'
import type { ImportOptions } from '../types.ts'
import type { Digester } from './digesting.ts'
import { directoryNodes } from './directory.ts'
import type { EncodedNode } from './encode.ts'
import { makeNode, pbKind, symlinkData } from './encode.ts'
import { FileDag } from './file-dag.ts'
import { FingerprintTable } from './fingerprints.ts'
import type { BlockRef } from './link-list.ts'
import { LinkList } from './link-list.ts'
import { resolveProfile } from './profile.ts'
import type { Profile, ProfileName } from './profile.ts'
import { ProgressReporter } from './progress.ts'
import { askAgain, readUnchanged, withFile } from './read-file.ts'
import type { OpenFile } from './read-file.ts'
import { readPiece, readPieces } from './read-pieces.ts'
import { ReadSlots } from './read-slots.ts'
import type { ShareLimits } from './share-limits.ts'
import { TaskPool } from './task-pool.ts'
import type { DigestJob } from '../worker/leaf-job.ts'
import { digestOf } from '../worker/leaf-job.ts'
import { resolveRoot, walk } from './walk.ts'
import type { WalkStep } from './walk.ts'

/** Where the inner nodes of an import go. Leaves stay in the user's files. */
export interface NodeSink {
  /** Keep a node; the bytes belong to the sink. A node may come more than once. */
  node(cid: CID, bytes: Uint8Array, options?: AbortOptions): Promise<void> | void
}

/** `ImportOptions`, and what only this package uses. */
export interface ImportPathOptions extends Omit<ImportOptions, 'profile' | 'workers'> {
  /** A profile by name; tests bring parameters of their own. @default 'unixfs-v1-2025' */
  profile?: ProfileName | Profile
  /** Counts what a share may hold, and throws. @default nothing is limited */
  limits?: ShareLimits
  /** Hashes beside this thread. @default this thread does it */
  digester?: Digester | undefined
}

/** What an import found. Paths are `/`-joined below the root; a single file has the path `''`. */
export interface ImportResult {
  readonly root: CID
  readonly kind: 'file' | 'directory'
  /** The root's real path on this machine. */
  readonly path: string
  readonly profile: Profile
  /** Bytes of all files. */
  readonly bytes: number
  readonly files: number
  /** Below the root. */
  readonly directories: number
  readonly symlinks: number
  /** Hidden and special entries that were left out; what is in a hidden directory is not looked at. */
  readonly skipped: number
  readonly fingerprints: FingerprintTable
}

/** Files that are open at once: small ones are hashed many to a message. Order in the DAG does not depend on it. */
const CONCURRENT_FILES = 32

/** Bytes of one read: large enough that the disk reads ahead, small enough that 8 of them are little memory. */
const READ_BYTES = 1024 * 1024

/**
 * Smaller files are hashed on this thread: with 20,000 of 4 to 64 KiB it is busy opening them, and sending each away
 * took as much of it as hashing, whatever their number in a message.
 */
const MIN_SENT_BYTES = 64 * 1024

/**
 * Compute the UnixFS DAG of a file or directory, equal to Kubo's for the same profile. Files are read once, in order,
 * and neither their size nor their number decides the memory used; a directory is in memory while it is open.
 *
 * Symlinks become symlink nodes, except that `path` itself is followed. Sockets, devices, pipes and (without `hidden`)
 * names with a leading dot are left out.
 *
 * @throws DiskError for what cannot be read, SourceChangedError for a file that changes meanwhile, NotShareableError
 *   for what UnixFS cannot hold; the signal's reason.
 */
export async function importPath(path: string, sink: NodeSink, options: ImportPathOptions = {}): Promise<ImportResult> {
  options.signal?.throwIfAborted()
  return new Importer(await resolveRoot(path), sink, options).run()
}

/** A directory some of whose entries may not be done yet. */
interface Frame {
  readonly parent: Frame | undefined
  /** Its place among its parent's links. */
  readonly slot: number
  readonly links: LinkList
  pending: number
  ended: boolean
}

class Importer {
  readonly #root: string
  readonly #sink: NodeSink
  readonly #options: ImportPathOptions
  readonly #profile: Profile
  readonly #slots: ReadSlots
  readonly #tasks = new TaskPool(CONCURRENT_FILES)
  readonly #fingerprints = new FingerprintTable()
  readonly #progress: ProgressReporter
  /** The large file before this one: read together they would only make the disk seek. */
  #largeFile: Promise<void> = Promise.resolve()
  #directories = 0
  #symlinks = 0
  #skipped = 0
  #keptEmptyLeaf = false
  #result: BlockRef | undefined

  constructor(root: string, sink: NodeSink, options: ImportPathOptions) {
    this.#root = root
    this.#sink = sink
    this.#options = options
    this.#profile = resolveProfile(options.profile)
    this.#progress = new ProgressReporter(options.onProgress)
    const { chunkBytes } = this.#profile
    this.#slots = new ReadSlots(Math.max(1, Math.floor(READ_BYTES / chunkBytes)) * chunkBytes)
  }

  async run(): Promise<ImportResult> {
    try {
      await this.#walk()
    } catch (error) {
      this.#tasks.fail(error)
    }
    await this.#tasks.settled()
    this.#check()
    this.#progress.end()
    const result = this.#result
    if (result === undefined) {
      throw new NotShareableError(this.#root, 'nothing to share')
    }
    return {
      root: cidOf(result.kind, result.digest),
      kind: this.#directories > 0 ? 'directory' : 'file',
      path: this.#root,
      profile: this.#profile,
      bytes: this.#progress.bytes,
      files: this.#progress.files,
      directories: Math.max(0, this.#directories - 1),
      symlinks: this.#symlinks,
      skipped: this.#skipped,
      fingerprints: this.#fingerprints
    }
  }

  async #walk(): Promise<void> {
    const { signal, hidden = false } = this.#options
    let frame: Frame | undefined
    for await (const step of walk(this.#root, { hidden, ...(signal && { signal }) })) {
      this.#check()
      frame = await this.#step(step, frame)
    }
  }

  /** Take one step; returns the directory that the next one is in. */
  async #step(step: WalkStep, frame: Frame | undefined): Promise<Frame | undefined> {
    switch (step.type) {
      case 'directory':
        this.#directories++
        return { parent: frame, slot: this.#reserve(frame, step), links: new LinkList(), pending: 0, ended: false }
      case 'end':
        if (frame?.pending === 0) {
          await this.#close(frame)
        } else if (frame !== undefined) {
          frame.ended = true
        }
        return frame?.parent
      case 'file': {
        const slot = this.#reserve(frame, step)
        const row = this.#fingerprints.reserve(step.path)
        await this.#tasks.start(async () => {
          await this.#place(frame, slot, await this.#file(step.place, row))
        })
        return frame
      }
      case 'symlink': {
        this.#symlinks++
        const slot = this.#reserve(frame, step)
        const { node, ref } = makeNode(new LinkList(), symlinkData(step.target), this.#profile)
        await this.#keep(node)
        await this.#place(frame, slot, ref)
        return frame
      }
      case 'skipped':
        this.#skipped++
        this.#progress.skipped(step.path, step.reason)
        return frame
    }
  }

  #reserve(frame: Frame | undefined, { name, path }: { readonly name: string; readonly path: string }): number {
    if (frame === undefined) {
      return 0
    }
    this.#options.limits?.addEntry(path)
    frame.pending++
    return frame.links.reserve(name)
  }

  /** A block is done; with the last of an ended directory, so is the directory. */
  async #place(frame: Frame | undefined, slot: number, ref: BlockRef): Promise<void> {
    if (frame === undefined) {
      this.#result = ref
      return
    }
    frame.links.set(slot, ref)
    frame.pending--
    if (frame.ended && frame.pending === 0) {
      await this.#close(frame)
    }
  }

  async #close(frame: Frame): Promise<void> {
    const nodes = directoryNodes(frame.links, this.#profile)
    let next = nodes.next()
    while (next.done !== true) {
      await this.#keep(next.value)
      next = nodes.next()
    }
    await this.#place(frame.parent, frame.slot, next.value)
  }

  async #file(place: string, row: number): Promise<BlockRef> {
    const dag = new FileDag(this.#profile)
    const fingerprint = await withFile(place, async (file) => {
      const read = async (opened: OpenFile): Promise<void> => this.#leaves(opened, dag)
      return file.stats.size > this.#slots.bytes
        ? this.#afterOthers(async () => readUnchanged(askAgain(file), read))
        : readUnchanged(file, read)
    })
    this.#fingerprints.set(row, fingerprint)
    const { nodes, root } = dag.finish()
    for (const node of nodes) {
      await this.#keep(node)
    }
    this.#progress.addFile()
    return root
  }

  async #leaves(file: OpenFile, dag: FileDag): Promise<void> {
    const { chunkBytes, rawLeaves } = this.#profile
    const { size } = file.stats
    this.#options.limits?.addLeaves(file.place, Math.ceil(size / chunkBytes))
    if (size === 0) {
      await this.#emptyLeaf(rawLeaves ? 'raw' : 'pb-file', dag)
      return
    }
    const use = async (bytes: Uint8Array): Promise<Uint8Array[]> => this.#digestLeaves(bytes)
    if (size <= this.#slots.bytes) {
      const { value } = await readPiece(file, 0, this.#slots, use)
      await this.#push(dag, value, size)
      return
    }
    for await (const { value, bytes } of readPieces(file, this.#slots, use)) {
      await this.#push(dag, value, bytes)
    }
  }

  /** Digests of the leaves in a piece of a file. */
  async #digestLeaves(bytes: Uint8Array): Promise<Uint8Array[]> {
    this.#check()
    const { chunkBytes, rawLeaves } = this.#profile
    const jobs: DigestJob[] = []
    for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
      const leaf = bytes.subarray(at, at + chunkBytes)
      jobs.push(rawLeaves ? { bytes: leaf } : { bytes: leaf, envelope: leafEnvelope('pb-file', leaf.byteLength) })
    }
    const { digester } = this.#options
    return digester === undefined || bytes.byteLength < MIN_SENT_BYTES
      ? jobs.map((job) => digestOf(job.bytes, job.envelope))
      : digester.digest(jobs)
  }

  /** Give the leaves of a piece, `bytes` together, to the DAG of their file. */
  async #push(dag: FileDag, digests: readonly Uint8Array[], bytes: number): Promise<void> {
    this.#check()
    const { chunkBytes } = this.#profile
    for (const [index, digest] of digests.entries()) {
      for (const node of dag.push(digest, Math.min(chunkBytes, bytes - index * chunkBytes))) {
        await this.#keep(node)
      }
    }
    this.#progress.addBytes(bytes)
  }

  /** The block of an empty file has no bytes that a leaf map could point to: it is kept as a node. */
  async #emptyLeaf(wrap: 'raw' | 'pb-file', dag: FileDag): Promise<void> {
    const bytes = rebuildLeaf(wrap, new Uint8Array(0))
    const digest = leafDigest('raw', bytes)
    dag.push(digest, 0)
    if (!this.#keptEmptyLeaf) {
      this.#keptEmptyLeaf = true
      await this.#keep({ kind: wrap === 'raw' ? BlockKind.raw : pbKind(this.#profile), digest, bytes })
    }
  }

  async #afterOthers<T>(action: () => Promise<T>): Promise<T> {
    const before = this.#largeFile
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#largeFile = promise
    await before
    try {
      this.#check()
      return await action()
    } finally {
      resolve(undefined)
    }
  }

  async #keep({ kind, digest, bytes }: EncodedNode): Promise<void> {
    const { signal } = this.#options
    await this.#sink.node(cidOf(kind, digest), bytes, signal && { signal })
  }

  #check(): void {
    this.#options.signal?.throwIfAborted()
    this.#tasks.throwIfFailed()
  }
}
