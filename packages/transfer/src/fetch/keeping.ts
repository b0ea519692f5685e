import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import type { Entry } from '../share/entry.ts'
import { copyInnerNodes } from '../share/inner-nodes.ts'
import type { Library } from '../share/library.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { nodeFs } from '../store/fs.ts'
import { memoryNodeStore } from '../store/memory-node-store.ts'
import { mountOf } from '../store/mount.ts'
import type { Mount } from '../store/mount.ts'
import { openNodeStore } from '../store/node-file.ts'
import type { NodeStore } from '../store/node-store.ts'
import { discardPartial, makePartial, partialPaths } from '../store/partial.ts'
import type { GetOptions } from '../types.ts'
import type { View } from '../view.ts'

/** The inner nodes of an unfinished download, beside its journal. */
const NODES_FILE = 'nodes.car'

export interface KeepingInit {
  readonly entry: Entry
  readonly options: Pick<GetOptions, 'seed' | 'secret' | 'signal'>
  /** Remembers the share when it is complete. */
  readonly library: Library
  /** Directory of the unfinished download. */
  readonly partial: string
}

/** What stays of a download besides its content: inner nodes while it runs and later, and the record of the share. */
export class Keeping {
  readonly #init: KeepingInit
  /** Where the partial directory is: not to be made again below a disk that was pulled out. */
  #mount: Mount | undefined

  constructor(init: KeepingInit) {
    this.#init = init
  }

  /** The key of a private share is not kept, so neither is the share. */
  get remembers(): boolean {
    return this.#init.library.remembers && this.#init.options.secret === undefined
  }

  async openNodes(): Promise<NodeStore> {
    const { entry, partial, options } = this.#init
    const { directory } = await makePartial(nodeFs, partial)
    this.#mount ??= await mountOf(nodeFs, directory)
    // a node that remembers nothing serves from memory: the partial directory goes away in the end
    const { signal } = options
    entry.nodes = this.remembers
      ? await openNodeStore(join(directory, NODES_FILE), { root: entry.root, ...(signal && { signal }) })
      : memoryNodeStore()
    return entry.nodes
  }

  /** Those of the unfinished download again: the final ones lack what is in the files. */
  async reopenNodes(open: NodeStore): Promise<NodeStore> {
    if (!this.remembers) {
      return open
    }
    await this.#init.entry.nodes?.close()
    return this.openNodes()
  }

  /** The disk is there. Rejects with `DiskError` if not. */
  async requireMount(): Promise<void> {
    await this.#mount?.require()
  }

  /** Seeding goes on with the inner nodes in their final place. */
  async keepNodes(map: BuiltLeafMap): Promise<void> {
    const { entry, library, options } = this.#init
    const { nodes } = entry
    const kept = options.seed === false || !this.remembers ? undefined : library.nodesPath(entry.root)
    if (nodes !== undefined && kept !== undefined) {
      const final = await openNodeStore(kept, { root: entry.root })
      await copyInnerNodes(map, nodes, final)
      entry.nodes = final
      await nodes.close()
    }
  }

  /** The share is complete: these files of it. */
  async remember(
    { layout }: View,
    map: BuiltLeafMap,
    fingerprints: Fingerprints | undefined,
    files: ReadonlySet<number> | undefined
  ): Promise<void> {
    const { entry, library, options } = this.#init
    const { kind, totalBytes: bytes } = layout
    entry.info = { ...entry.info, kind, bytes, files: layout.files.length, leaves: map.leafCount }
    if (options.seed !== false && this.remembers) {
      await library.remember(entry.info, fingerprints, files)
    }
  }

  /** Leave no empty directory behind, and nothing that was verified. What cannot be removed is found next time. */
  async discardUnlessStarted(): Promise<void> {
    const { partial } = this.#init
    const { content, journal } = partialPaths(partial)
    const found = await Promise.allSettled([access(content), access(journal)])
    if (found.every(({ status }) => status === 'rejected')) {
      await discardPartial(partial).catch(() => undefined)
    }
  }
}
