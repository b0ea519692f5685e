import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { blockLength, createWriter, headerLength } from '@ipld/car/buffer-writer'
import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import { MAX_NODE_BYTES } from '../constants.ts'
import { UnsupportedDagError } from '../errors.ts'
import { writeFileAtomic } from './atomic-file.ts'
import { DEFENSIVE_FLAGS, closeQuietly, nodeFs, onDisk, readFully, writeFully } from './fs.ts'
import type { StoreFs } from './fs.ts'
import { makeDirectories } from './make-directories.ts'
import { nodeKey } from './node-key.ts'
import { scanSections } from './node-scan.ts'
import type { NodePlace } from './node-scan.ts'
import type { NodeStore } from './node-store.ts'

/** Nodes are kept back until they are worth a write; one of the largest kind always is one. */
export const NODE_WRITE_BYTES = 1024 * 1024

const SHA2_256 = 0x12

/** Options of `openNodeStore`. */
export interface NodeFileOptions extends AbortOptions {
  /** Root of the share: the only root in the file's header. */
  root: CID
  /** For tests. @default node:fs/promises */
  fs?: StoreFs
}

/**
 * Inner nodes in a file that any CARv1 reader can read, appended only. What was not whole when the process or the
 * machine died is cut off; a block that does not hash to its CID any more counts as not there. Two processes may append
 * to the same file.
 */
export async function openNodeStore(file: string, { root, fs = nodeFs, signal }: NodeFileOptions): Promise<NodeStore> {
  signal?.throwIfAborted()
  await onDisk(file, async () => makeDirectories(fs, dirname(file), 0o700))
  const header = carHeader(root)
  await writeFileAtomic(fs, file, header, { keepExisting: true })
  const start = await readHead(fs, file, header.byteLength)
  if (Buffer.compare(start, header) !== 0) {
    // of another root, or damaged: nothing in it can be found by this one
    await writeFileAtomic(fs, file, header)
  }
  const flags = constants.O_RDWR | constants.O_APPEND | DEFENSIVE_FLAGS
  const handle = await onDisk(file, async () => fs.open(file, flags))
  const store = new NodeFile(file, handle, header.byteLength)
  try {
    await store.load(signal)
    return store
  } catch (error) {
    await closeQuietly(handle)
    throw error
  }
}

class NodeFile implements NodeStore {
  readonly #file: string
  readonly #handle: FileHandle
  readonly #index = new Map<string, NodePlace>()
  readonly #pending = new Map<string, { readonly cid: CID; readonly bytes: Uint8Array }>()
  #pendingBytes = 0
  /** Nodes that were written or read by this store: those are whole. */
  readonly #checked = new Set<string>()
  #writing: Promise<void> | undefined
  /** Where the next section goes: whole sections only are before it. */
  #end: number

  constructor(file: string, handle: FileHandle, end: number) {
    this.#file = file
    this.#handle = handle
    this.#end = end
  }

  /** Index the sections from `#end` on, as far as they are whole; returns the size of the file then. */
  async load(signal?: AbortSignal): Promise<number> {
    return onDisk(this.#file, async () => {
      const { size } = await this.#handle.stat()
      this.#end = await scanSections(this.#handle, this.#end, size, ({ cid, place }) => {
        signal?.throwIfAborted()
        this.#index.set(nodeKey(cid), place)
      })
      return size
    })
  }

  has(cid: CID): boolean {
    const key = nodeKey(cid)
    return this.#index.has(key) || this.#pending.has(key)
  }

  async get(cid: CID, { signal }: AbortOptions = {}): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted()
    const key = nodeKey(cid)
    const place = this.#index.get(key)
    if (place === undefined) {
      return this.#pending.get(key)?.bytes
    }
    const bytes = new Uint8Array(place.length)
    const bytesRead = await onDisk(this.#file, async () => readFully(this.#handle, bytes, place.offset))
    if (bytesRead < bytes.byteLength || !isBlockOf(cid, bytes)) {
      this.#index.delete(key)
      return undefined
    }
    this.#checked.add(key)
    return bytes
  }

  async put(cid: CID, block: Uint8Array, { signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    if (block.byteLength > MAX_NODE_BYTES) {
      throw new UnsupportedDagError(`a node of ${block.byteLength} bytes`, cid)
    }
    if (!(await this.#isKept(cid))) {
      this.#pending.set(nodeKey(cid), { cid, bytes: block.slice() })
      this.#pendingBytes += block.byteLength
    }
    while (this.#pendingBytes >= NODE_WRITE_BYTES) {
      await this.#write()
    }
  }

  /** What a former run wrote may not have reached the disk whole before the power failed: it is looked at once. */
  async #isKept(cid: CID): Promise<boolean> {
    const key = nodeKey(cid)
    if (this.#index.has(key) && !this.#checked.has(key)) {
      await this.get(cid)
    }
    return this.has(cid)
  }

  async flush({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    while (this.#pending.size > 0) {
      await this.#write()
    }
    await onDisk(this.#file, async () => this.#handle.datasync())
  }

  async close(): Promise<void> {
    try {
      while (this.#pending.size > 0) {
        await this.#write()
      }
    } finally {
      await onDisk(this.#file, async () => this.#handle.close())
    }
  }

  async #write(): Promise<void> {
    this.#writing ??= onDisk(this.#file, async () => this.#appendPending()).finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #appendPending(): Promise<void> {
    await this.#catchUp()
    const batch = [...this.#pending.values()]
    const bytes = batch.reduce((sum, block) => sum + blockLength(block), 0)
    const writer = createWriter(new ArrayBuffer(bytes), { headerSize: 0 })
    const places = batch.map((block) => {
      writer.write(block)
      const offset = this.#end + writer.byteOffset - block.bytes.byteLength
      return { key: nodeKey(block.cid), place: { offset, length: block.bytes.byteLength } }
    })
    // one call: with O_APPEND it lands in one piece whoever else appends
    await writeFully(this.#handle, writer.bytes, this.#end)
    const { size } = await this.#handle.stat()
    if (size === this.#end + bytes) {
      this.#end = size
      for (const { key, place } of places) {
        this.#index.set(key, place)
        this.#checked.add(key)
      }
    } else {
      await this.load()
    }
    this.#forgetPending(places.map(({ key }) => key))
  }

  /** Find what another process appended, and cut off what it or we did not finish. */
  async #catchUp(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (size === this.#end) {
      return
    }
    this.#end = Math.min(this.#end, size)
    const scanned = await this.load()
    // unless somebody appended meanwhile; two that find the same torn tail could still cut each other off, and would
    // fetch those nodes again
    if (this.#end < scanned && (await this.#handle.stat()).size === scanned) {
      await this.#handle.truncate(this.#end)
    }
    this.#forgetPending([...this.#pending.keys()].filter((key) => this.#index.has(key)))
  }

  #forgetPending(keys: readonly string[]): void {
    for (const key of keys) {
      this.#pendingBytes -= this.#pending.get(key)?.bytes.byteLength ?? 0
      this.#pending.delete(key)
    }
  }
}

function carHeader(root: CID): Uint8Array {
  return createWriter(new ArrayBuffer(headerLength({ roots: [root] })), { roots: [root] }).close()
}

async function readHead(fs: StoreFs, file: string, length: number): Promise<Uint8Array> {
  return onDisk(file, async () => {
    const handle = await fs.open(file, constants.O_RDONLY | DEFENSIVE_FLAGS)
    try {
      const bytes = new Uint8Array(length)
      return bytes.subarray(0, await readFully(handle, bytes, 0))
    } finally {
      await closeQuietly(handle)
    }
  })
}

function isBlockOf(cid: CID, bytes: Uint8Array): boolean {
  const { code, digest } = cid.multihash
  return code !== SHA2_256 || hash('sha256', bytes, 'buffer').equals(digest)
}
