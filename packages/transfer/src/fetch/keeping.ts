import { access } from 'node:fs/promises'
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

export interface KeepingInit {
  readonly entry: Entry
  readonly options: Pick<GetOptions, 'seed' | 'signal'>
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

  async openNodes(): Promise<NodeStore> {
    const { entry, partial, options, library } = this.#init
    const { directory, nodes } = await makePartial(nodeFs, partial)
    this.#mount ??= await mountOf(nodeFs, directory)
    // a node that remembers nothing serves from memory: the partial directory goes away in the end
    const { signal } = options
    entry.nodes = library.remembers
      ? await openNodeStore(nodes, { root: entry.root, ...(signal && { signal }) })
      : memoryNodeStore()
    return entry.nodes
  }

  /** Those of the unfinished download again: the final ones lack what is in the files. */
  async reopenNodes(open: NodeStore): Promise<NodeStore> {
    const { entry, library } = this.#init
    if (!library.remembers) {
      return open
    }
    await entry.nodes?.close()
    return this.openNodes()
  }

  /** The disk is there. Rejects with `DiskError` if not. */
  async requireMount(): Promise<void> {
    await this.#mount?.require()
  }

  /** Seeding goes on with the inner nodes in their final place. */
  async keepNodes(map: BuiltLeafMap, view: View): Promise<void> {
    const { entry, library, options } = this.#init
    const { nodes } = entry
    const kept = options.seed === false ? undefined : library.nodesPath(entry.root)
    if (nodes !== undefined && kept !== undefined) {
      const final = await openNodeStore(kept, { root: entry.root })
      await copyInnerNodes(map, nodes, final, view.kept)
      entry.nodes = final
      await nodes.close()
    }
  }

  /** The share is complete: these files of it. */
  async remember(
    { layout, secret }: View,
    map: BuiltLeafMap,
    fingerprints: Fingerprints | undefined,
    files: ReadonlySet<number> | undefined
  ): Promise<void> {
    const { entry, library, options } = this.#init
    const { kind, totalBytes: bytes } = layout
    const counts = { kind, bytes, files: layout.files.length, leaves: map.leafCount }
    entry.info = { ...entry.info, ...counts, ...(secret === undefined ? {} : { isPrivate: true }) }
    if (options.seed !== false) {
      await library.remember(entry.info, fingerprints, files, secret)
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
