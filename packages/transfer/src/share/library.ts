import { basename } from 'node:path'
import type { Logger } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { withDigester } from '../import/digesting.ts'
import type { Digester } from '../import/digesting.ts'
import { importedNodes, importShare } from '../import/import-share.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import { NotShareableError } from '../errors.ts'
import { verifyLeaf } from '../leaf-block.ts'
import { nameProblem, printable } from '../name-rules.ts'
import { checkName } from '../paths.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { memoryNodeStore } from '../store/memory-node-store.ts'
import { openNodeStore } from '../store/node-file.ts'
import type { NodeStore } from '../store/node-store.ts'
import { openShareRegistry } from '../store/registry.ts'
import type { ShareRegistry } from '../store/registry.ts'
import { loadScrubCursor, saveScrubCursor } from '../store/scrub-cursor.ts'
import type { ScrubCursor } from '../store/scrub-cursor.ts'
import { openSeedStore } from '../store/seed-store.ts'
import type { ImportOptions } from '../types.ts'
import { seedContent } from './content.ts'
import type { Content } from './content.ts'
import type { ShareInfo } from './entry.ts'

/** A share that is open: its inner nodes, its map and its bytes. */
export interface OpenShare {
  readonly nodes: NodeStore
  readonly content: Content
}

/** The shares of this node over restarts. Without a directory it remembers nothing and inner nodes stay in memory. */
export class Library {
  readonly #directory: string | undefined
  readonly #log: Logger
  #registry: ShareRegistry | undefined

  constructor(directory: string | undefined, log: Logger) {
    this.#directory = directory
    this.#log = log
  }

  /** Whether shares outlive this node. */
  get remembers(): boolean {
    return this.#directory !== undefined
  }

  /** What was shared before. Damaged records are logged and left alone. */
  async open(): Promise<ShareInfo[]> {
    if (this.#directory === undefined) {
      return []
    }
    this.#registry = await openShareRegistry(this.#directory)
    const { records, warnings } = await this.#registry.list()
    for (const warning of warnings) {
      this.#log.error('%s is left out: %s', warning.path, warning.reason)
    }
    return records
  }

  /** Import in place, and remember. @param shared - threads of the node. */
  async import(
    path: string,
    { workers, ...options }: ImportOptions,
    shared?: Digester
  ): Promise<OpenShare & { readonly info: ShareInfo }> {
    const imported = recordingNodes()
    const checkName = (name: string): void => {
      checkShareable(path, name)
    }
    const { map, fingerprints, ...result } = await withDigester({ workers, shared }, async (digester) =>
      importShare(path, imported, { ...options, digester, checkName })
    )
    const info: ShareInfo = {
      root: result.root,
      name: basename(result.path),
      path: result.path,
      kind: map.kind,
      bytes: map.totalBytes,
      files: map.files.length,
      leaves: map.leafCount
    }
    const store = await openSeedStore(map, result.path, { fingerprints })
    const nodes = await this.#keep(result.root, imported)
    await this.remember(info, fingerprints, undefined)
    return { info, nodes, content: seedContent(map, store, { path: result.path }) }
  }

  /** Open a share that was remembered. Rejects with `SourceChangedError` when it is not what it was. */
  async wake(root: CID): Promise<OpenShare> {
    const registry = this.#registry
    const record = await registry?.get(root)
    if (registry === undefined || record === undefined) {
      throw new NotStartedError(`${root.toString()} is not remembered`)
    }
    const nodes = await openNodeStore(registry.nodesPath(root), { root })
    try {
      const map = await buildLeafMap(root, importedNodes(record.path, nodes), { checkName })
      const fingerprints = await registry.getFingerprints(root, record.files)
      const files = record.wanted === undefined ? undefined : new Set(record.wanted)
      const store = await openSeedStore(map, record.path, {
        ...(fingerprints === undefined ? {} : { fingerprints }),
        ...(files === undefined ? {} : { files }),
        // it may have been written to, and its times put back, or have rotted, while nobody looked
        verify: (index, bytes) => verifyLeaf(map, index, bytes)
      })
      return { nodes, content: seedContent(map, store, { path: record.path, ...(files && { files }) }) }
    } catch (error) {
      await nodes.close()
      throw error
    }
  }

  /** Where the inner nodes of a share stay; `undefined` when this library remembers nothing. */
  nodesPath(root: CID): string | undefined {
    return this.#registry?.nodesPath(root)
  }

  async #keep(root: CID, imported: RecordingNodes): Promise<NodeStore> {
    const path = this.nodesPath(root)
    if (path === undefined) {
      return imported
    }
    const kept = await openNodeStore(path, { root })
    for (const cid of imported.cids) {
      const block = await imported.get(cid)
      if (block !== undefined) {
        await kept.put(cid, block)
      }
    }
    await kept.flush()
    await imported.close()
    return kept
  }

  async remember(
    info: ShareInfo,
    fingerprints: Fingerprints | undefined,
    files: ReadonlySet<number> | undefined
  ): Promise<void> {
    const record = {
      ...info,
      addedAt: Date.now(),
      complete: true,
      ...(files === undefined ? {} : { wanted: [...files].sort((a, b) => a - b) })
    }
    // each waits for the disk twice, and works without the other
    await Promise.all([
      this.#registry?.put(record),
      ...(fingerprints === undefined ? [] : [this.#registry?.putFingerprints(info.root, fingerprints)])
    ])
  }

  /** What the files of a share look like now. */
  async rememberFingerprints(root: CID, fingerprints: Fingerprints): Promise<void> {
    await this.#registry?.putFingerprints(root, fingerprints)
  }

  /** How far a pass over all shares had come. */
  async loadScrub(): Promise<ScrubCursor | undefined> {
    return this.#directory === undefined ? undefined : loadScrubCursor(this.#directory)
  }

  async saveScrub(cursor: ScrubCursor | undefined): Promise<void> {
    if (this.#directory !== undefined) {
      await saveScrubCursor(this.#directory, cursor)
    }
  }

  async remove(root: CID): Promise<void> {
    await this.#registry?.remove(root)
  }
}

/** A node store that knows what was put: the root, and so the file for them, is known only at the end of an import. */
interface RecordingNodes extends NodeStore {
  readonly cids: readonly CID[]
}

function recordingNodes(): RecordingNodes {
  const nodes = memoryNodeStore()
  const cids: CID[] = []
  return {
    cids,
    has: (cid) => nodes.has(cid),
    get: (cid, options) => nodes.get(cid, options),
    put: (cid, block, options) => {
      cids.push(cid)
      return nodes.put(cid, block, options)
    },
    flush: (options) => nodes.flush(options),
    close: () => nodes.close()
  }
}

/** The user's own file: what receivers refuse is said before it is shared. */
function checkShareable(path: string, name: string): void {
  const problem = nameProblem(name)
  if (problem !== undefined) {
    throw new NotShareableError(path, `receivers refuse ${JSON.stringify(printable(name))} in it: ${problem}`)
  }
}
