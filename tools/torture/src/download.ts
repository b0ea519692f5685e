import { dirname } from 'node:path'
import {
  compareTarget,
  discardPartial,
  openDownloadStore,
  openNodeStore,
  openSeedStore,
  openShareRegistry,
  partialPath,
  partialPaths
} from '@p2pshare/transfer/store'
import type { DownloadStore, LeafMap, ShareRecord, StoreFs } from '@p2pshare/transfer/store'
import { must } from './errors.ts'
import type { MadeShare } from './share.ts'

/** What a store has said is safe. It may keep more, never less. */
export interface Promised {
  /** Leaves that are on the disk, by the word of a checkpoint. */
  readonly durable: Set<number>
  /** The content has its final name. */
  complete: boolean
  /** The inner nodes are in the partial directory. */
  nodes: boolean
  /** The share is remembered, with its inner nodes. */
  remembered: boolean
}

export function nothingPromised(): Promised {
  return { durable: new Set(), complete: false, nodes: false, remembered: false }
}

export interface DownloadInit {
  readonly share: MadeShare
  readonly fs: StoreFs
  /** Absolute; its directory is there. */
  readonly target: string
  /** Absolute: where shares are remembered. */
  readonly home: string
  readonly now: () => number
  readonly checkpointBytes: number
  readonly maxOpenFiles: number
}

/**
 * What `get` does to the disk, step by step and in its order (packages/transfer/src/fetch.ts), without a network. Any
 * step may be repeated after it failed.
 */
export class TortureDownload {
  readonly #init: DownloadInit
  readonly #promised: Promised
  #store: DownloadStore | undefined

  constructor(init: DownloadInit, promised: Promised) {
    this.#init = init
    this.#promised = promised
  }

  get map(): LeafMap {
    return this.#init.share.map
  }

  get store(): DownloadStore | undefined {
    return this.#store
  }

  /** The inner nodes go beside the journal. */
  async keepNodes(): Promise<void> {
    const { share, fs, target } = this.#init
    const nodes = await openNodeStore(partialPaths(partialPath(target)).nodes, { root: share.map.root, fs })
    try {
      await this.#copyNodes(nodes)
      await nodes.flush()
      this.#promised.nodes = true
    } finally {
      await nodes.close()
    }
  }

  /** Whether the content is at the target; whatever else is there is a violation, since nobody else writes. */
  async isDone(): Promise<boolean> {
    const { share, fs, target } = this.#init
    const found = await compareTarget(share.map, target, share.verify, { fs })
    must(found !== 'different', 'what has the final name is not the content')
    return found === 'equal'
  }

  async open(): Promise<void> {
    const { share, fs, target, now, checkpointBytes, maxOpenFiles } = this.#init
    const { verify } = share
    const partial = partialPath(target)
    this.#store = await openDownloadStore(this.map, { partial, target, verify, fs, now, checkpointBytes, maxOpenFiles })
  }

  async write(index: number): Promise<void> {
    await this.#opened.write(index, this.#init.share.leaves[index] ?? new Uint8Array())
  }

  /** Leaves that were written by now are safe when it resolves. */
  async checkpoint(): Promise<void> {
    const store = this.#opened
    const held = this.#held()
    await store.checkpoint()
    held.forEach((index) => this.#promised.durable.add(index))
  }

  /** As `get` does it: the nodes to their final place, then the content, then the record. */
  async complete(): Promise<void> {
    const store = this.#opened
    await store.complete()
    this.#promised.complete = true
  }

  async remember(): Promise<void> {
    const { share, fs, home, target } = this.#init
    const { root } = share.map
    const registry = await openShareRegistry(home, { fs })
    const nodes = await openNodeStore(registry.nodesPath(root), { root, fs })
    try {
      await this.#copyNodes(nodes)
      await nodes.flush()
    } finally {
      await nodes.close()
    }
    const { fingerprints } = this.#store ?? {}
    await registry.put(recordOf(share.map, target))
    if (fingerprints !== undefined) {
      await registry.putFingerprints(root, fingerprints)
    }
    this.#promised.remembered = true
  }

  /** Every leaf that is held has the right bytes. */
  async readHeld(): Promise<void> {
    for (const index of this.#held()) {
      const bytes = await this.#opened.read(index)
      must(
        Buffer.compare(bytes, this.#init.share.leaves[index] ?? new Uint8Array()) === 0,
        `leaf ${index} is held and wrong`
      )
    }
  }

  /** All of it is served from its final place, and nothing else is left. */
  async checkFinal(): Promise<void> {
    const { share, fs, target } = this.#init
    const store = await openSeedStore(share.map, target, { fs })
    try {
      for (const [index, leaf] of share.leaves.entries()) {
        must(Buffer.compare(await store.read(index), leaf) === 0, `leaf ${index} of the finished content is wrong`)
      }
    } finally {
      await store.close()
    }
  }

  async discard(): Promise<void> {
    const { fs, target } = this.#init
    await discardPartial(partialPath(target), { fs })
  }

  /** What was said to be safe is there. Call it when the store was opened anew, or `isDone`. */
  async judge(isDone: boolean): Promise<void> {
    const { fs, home, share, target } = this.#init
    const { durable, complete, nodes, remembered } = this.#promised
    must(isDone || !complete, 'the finished content lost its name')
    for (const index of isDone ? [] : durable) {
      must(this.#store?.has(index) === true, `leaf ${index} was on the disk and is lost`)
    }
    const { root } = share.map
    if (nodes && !isDone) {
      await this.#requireNodes(partialPaths(partialPath(target)).nodes)
    }
    if (remembered) {
      const registry = await openShareRegistry(home, { fs })
      must((await registry.get(root)) !== undefined, 'the record of the share is lost')
      await this.#requireNodes(registry.nodesPath(root))
    }
  }

  async close(): Promise<void> {
    await this.#store?.close()
    this.#store = undefined
  }

  get #opened(): DownloadStore {
    must(this.#store !== undefined, 'not opened')
    return this.#store
  }

  #held(): number[] {
    return this.#init.share.leaves.flatMap((_, index) => (this.#opened.has(index) ? [index] : []))
  }

  async #copyNodes(to: { put(cid: MadeShare['map']['root'], block: Uint8Array): Promise<void> }): Promise<void> {
    const { root } = this.map
    const block = await this.#init.share.nodes.get(root)
    if (block !== undefined) {
      await to.put(root, block)
    }
  }

  async #requireNodes(path: string): Promise<void> {
    const { root } = this.map
    if ((await this.#init.share.nodes.get(root)) === undefined) {
      return // a share of one leaf has none
    }
    const nodes = await openNodeStore(path, { root, fs: this.#init.fs })
    try {
      must((await nodes.get(root)) !== undefined, `the inner nodes in ${dirname(path)} are lost`)
    } finally {
      await nodes.close()
    }
  }
}

function recordOf(map: LeafMap, target: string): ShareRecord {
  return {
    root: map.root,
    name: 'target',
    path: target,
    kind: map.kind,
    bytes: map.totalBytes,
    files: map.files.length,
    leaves: map.leafCount,
    addedAt: 1,
    complete: true
  }
}
