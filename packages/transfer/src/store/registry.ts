import { join, resolve } from 'node:path'
import type { AbortOptions } from '@libp2p/interface'
import { InvalidMessageError, InvalidOptionError } from '@p2pshare/interface'
import { CID } from 'multiformats/cid'
import { DiskError } from '../errors.ts'
import { readSmallFile, writeFileAtomic } from './atomic-file.ts'
import { decodeFingerprints, encodeFingerprints, MAX_FINGERPRINTS_BYTES } from './fingerprint-codec.ts'
import type { Fingerprints } from './fingerprint.ts'
import { eachLimit, ifThere, nodeFs, onDisk } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { makeDirectories } from './make-directories.ts'
import { decodeShareRecord, encodeShareRecord, MAX_RECORD_BYTES } from './share-record.ts'
import type { ShareRecord } from './share-record.ts'

export type { ShareRecord } from './share-record.ts'

/** Records read at once: libuv's pool has four threads. */
const LIST_CONCURRENCY = 4

/** No CID that we make is longer as text; other names in the directory are not ours. */
const MAX_CID_LENGTH = 128

/**
 * A directory without a record is what a crash left of a share that was forgotten, or another process is about to put
 * one there: that takes it seconds.
 */
export const LEFTOVER_MS = 24 * 60 * 60 * 1000

/** Something in the registry that could not be read. The share is left out; nothing is deleted. */
export interface RegistryWarning {
  readonly path: string
  readonly reason: string
}

/** The shares a node knows, in a directory of small files. Several processes may use the same directory. */
export interface ShareRegistry {
  /** Add or replace a record. On the disk when it resolves. */
  put(record: ShareRecord, options?: AbortOptions): Promise<void>
  /** `undefined`: not here, or damaged (`list` says which). Rejects with `DiskError` when it cannot be looked at. */
  get(root: CID, options?: AbortOptions): Promise<ShareRecord | undefined>
  /**
   * All records that can be read, the oldest first, and what is wrong with the others. A directory that has none, and that
   * nothing was put in for `LEFTOVER_MS`, is removed: a key may be in it.
   */
  list(options?: AbortOptions): Promise<{ records: ShareRecord[]; warnings: RegistryWarning[] }>
  /** Forget a share, its nodes, fingerprints and secret. The content stays where it is. Nothing there is fine. */
  remove(root: CID, options?: AbortOptions): Promise<void>
  /** Where the inner nodes of a share go: a path for `openNodeStore`. */
  nodesPath(root: CID): string
  /** Where what opens a private share goes: a path for `saveSecret`. */
  secretPath(root: CID): string
  /** Remember what the files of a share look like. On the disk when it resolves. */
  putFingerprints(root: CID, fingerprints: Fingerprints, options?: AbortOptions): Promise<void>
  /** `undefined`: not here, damaged, or not of `files` files. */
  getFingerprints(root: CID, files: number, options?: AbortOptions): Promise<Fingerprints | undefined>
}

/** Options of `openShareRegistry`. */
export interface RegistryOptions extends AbortOptions {
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/** Open the registry in `dir`, which is made for this user only if need be. */
export async function openShareRegistry(
  dir: string,
  { fs = nodeFs, signal }: RegistryOptions = {}
): Promise<ShareRegistry> {
  signal?.throwIfAborted()
  const place = resolve(dir)
  await onDisk(place, async () => makeDirectories(fs, place, 0o700))
  return new DirectoryRegistry(fs, place)
}

/** The system did not let us read a record. */
interface RefusedRead extends RegistryWarning {
  readonly refusal: DiskError
}

class DirectoryRegistry implements ShareRegistry {
  readonly #fs: StoreFs
  readonly #dir: string

  constructor(fs: StoreFs, dir: string) {
    this.#fs = fs
    this.#dir = dir
  }

  async put(record: ShareRecord, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const bytes = encodeShareRecord(record)
    try {
      // what could not be read again must not be written
      decodeShareRecord(bytes)
    } catch (error) {
      throw new InvalidOptionError('record', error instanceof Error ? error.message : 'invalid', { cause: error })
    }
    await this.#write(record.root, this.#recordPath(record.root), bytes)
  }

  async get(root: CID, { signal }: AbortOptions = {}): Promise<ShareRecord | undefined> {
    signal?.throwIfAborted()
    const found = await this.#read(root)
    if (found !== undefined && 'refusal' in found) {
      throw found.refusal // it may be there: the disk did not let us look
    }
    return found !== undefined && 'record' in found ? found.record : undefined
  }

  async list({ signal }: AbortOptions = {}): Promise<{ records: ShareRecord[]; warnings: RegistryWarning[] }> {
    signal?.throwIfAborted()
    const records: ShareRecord[] = []
    const warnings: RegistryWarning[] = []
    const names = await onDisk(this.#dir, async () => (await ifThere(async () => this.#fs.readdir(this.#dir))) ?? [])
    await eachLimit(names, LIST_CONCURRENCY, async (name) => {
      signal?.throwIfAborted()
      const root = asCID(name)
      const found = root === undefined ? undefined : await this.#read(root)
      if (root !== undefined && found === undefined) {
        await this.#sweep(this.#place(root))
      }
      if (found !== undefined && 'record' in found) {
        records.push(found.record)
      } else if (found !== undefined) {
        warnings.push({ path: found.path, reason: found.reason })
      }
    })
    records.sort((a, b) => a.addedAt - b.addedAt || (a.root.toString() < b.root.toString() ? -1 : 1))
    warnings.sort((a, b) => (a.path < b.path ? -1 : 1))
    return { records, warnings }
  }

  async remove(root: CID, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const place = this.#place(root)
    await onDisk(place, async () => {
      // first what must not stay, whatever comes between: without its key a share can still be forgotten
      await this.#fs.rm(this.secretPath(root), { force: true })
      // then the record: what is left after a crash is not a share
      await this.#fs.rm(this.#recordPath(root), { force: true })
      await this.#fs.rm(place, { recursive: true, force: true })
    })
  }

  nodesPath(root: CID): string {
    return join(this.#place(root), 'nodes.car')
  }

  secretPath(root: CID): string {
    return join(this.#place(root), 'secret.key')
  }

  async putFingerprints(root: CID, fingerprints: Fingerprints, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    await this.#write(root, this.#fingerprintsPath(root), encodeFingerprints(fingerprints))
  }

  async getFingerprints(root: CID, files: number, { signal }: AbortOptions = {}): Promise<Fingerprints | undefined> {
    signal?.throwIfAborted()
    const bytes = await readSmallFile(this.#fs, this.#fingerprintsPath(root), MAX_FINGERPRINTS_BYTES)
    try {
      return bytes === undefined ? undefined : decodeFingerprints(bytes, files)
    } catch (error) {
      if (error instanceof InvalidMessageError) {
        return undefined
      }
      throw error
    }
  }

  async #read(root: CID): Promise<{ record: ShareRecord } | RegistryWarning | RefusedRead | undefined> {
    const path = this.#recordPath(root)
    try {
      const bytes = await readSmallFile(this.#fs, path, MAX_RECORD_BYTES)
      if (bytes === undefined) {
        return undefined
      }
      const record = decodeShareRecord(bytes)
      return record.root.equals(root) ? { record } : { path, reason: 'share record: of another share' }
    } catch (error) {
      const warning = { path, reason: error instanceof Error ? error.message : 'cannot be read' }
      return error instanceof DiskError ? { ...warning, refusal: error } : warning
    }
  }

  async #sweep(place: string): Promise<void> {
    try {
      const { mtimeMs } = await this.#fs.lstat(place)
      if (Date.now() - mtimeMs >= LEFTOVER_MS) {
        await this.#fs.rm(place, { recursive: true, force: true })
      }
    } catch {
      // it is in nobody's way: the next start tries again
    }
  }

  async #write(root: CID, path: string, bytes: Uint8Array): Promise<void> {
    const place = this.#place(root)
    await onDisk(place, async () => makeDirectories(this.#fs, place, 0o700))
    await writeFileAtomic(this.#fs, path, bytes)
  }

  #place(root: CID): string {
    return join(this.#dir, root.toString())
  }

  #recordPath(root: CID): string {
    return join(this.#place(root), 'share.json')
  }

  #fingerprintsPath(root: CID): string {
    return join(this.#place(root), 'fingerprints.cbor')
  }
}

function asCID(name: string): CID | undefined {
  try {
    return name.length > MAX_CID_LENGTH ? undefined : CID.parse(name)
  } catch {
    return undefined
  }
}
