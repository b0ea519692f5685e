import { basename } from 'node:path'
import type { AbortOptions, Logger } from '@libp2p/interface'
import { NotStartedError } from '@p2pshare/interface'
import type { CID } from 'multiformats/cid'
import { importedNodes } from '../import/import-share.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { checkName } from '../paths.ts'
import { privateView } from '../private/private-view.ts'
import { loadSecret, saveSecret } from '../private/secret-file.ts'
import type { ShareSecret } from '../private/secret.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { nodeFs } from '../store/fs.ts'
import { openNodeStore } from '../store/node-file.ts'
import type { NodeStore } from '../store/node-store.ts'
import { openShareRegistry } from '../store/registry.ts'
import type { ShareRecord, ShareRegistry } from '../store/registry.ts'
import { loadScrubState, saveScrubState } from '../store/scrub-state.ts'
import type { ScrubState } from '../store/scrub-state.ts'
import { openSeedStore } from '../store/seed-store.ts'
import { devicesAt, requireThere } from '../store/whereabouts.ts'
import type { Devices } from '../store/whereabouts.ts'
import type { ImportOptions } from '../types.ts'
import { publicView } from '../view.ts'
import type { View } from '../view.ts'
import { seedContent } from './content.ts'
import type { Content } from './content.ts'
import type { ShareInfo } from './entry.ts'
import { importFrom } from './import-from.ts'
import type { ImportWith, RecordingNodes } from './import-from.ts'

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
  /** What the disk does not have: nothing is remembered, or it refused. */
  #scrub: ScrubState | undefined
  /** The file systems that shares were on when they were looked at last, by root. */
  readonly #devices = new Map<string, Devices>()

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
    return records.map(toInfo)
  }

  /** Import in place and remember. */
  async import(
    path: string,
    options: ImportOptions,
    { shared, secret }: ImportWith = {}
  ): Promise<OpenShare & { readonly info: ShareInfo }> {
    const imported = await importFrom(path, options, { shared, secret })
    const { map, view, fingerprints } = imported
    const { kind, totalBytes: bytes, files } = view.layout
    const info: ShareInfo = {
      root: map.root,
      name: basename(imported.path),
      path: imported.path,
      kind,
      bytes,
      files: files.length,
      leaves: map.leafCount,
      ...(secret === undefined ? {} : { isPrivate: true })
    }
    const store = view.serve(await openSeedStore(view.layout, imported.path, { fingerprints }))
    const nodes = await this.#keep(map.root, imported.nodes)
    await this.remember(info, fingerprints, undefined, secret)
    return { info, nodes, content: seedContent(map, store, { path: imported.path, view }) }
  }

  /**
   * Open a share that was remembered. When the signal aborts, nothing is noted of it any more.
   *
   * @throws SourceChangedError when it is not what it was; DiskError, with `ENODEV` when its disk is not there; what
   * `loadSecret` and `privateView` throw.
   */
  async wake(root: CID, { signal }: AbortOptions = {}): Promise<OpenShare> {
    const registry = this.#registry
    const record = await registry?.get(root)
    if (registry === undefined || record === undefined) {
      throw new NotStartedError(`${root.toString()} is not remembered`)
    }
    const { devices } = record
    if (devices !== undefined) {
      this.#devices.set(root.toString(), devices)
    }
    // before the map is made: what it needs of the files says less
    await requireThere(nodeFs, record.path, this.devicesOf(root))
    const nodes = await openNodeStore(registry.nodesPath(root), { root })
    try {
      const { map, view } = await openView(record, nodes, registry)
      const fingerprints = await registry.getFingerprints(root, record.files)
      const files = record.wanted === undefined ? undefined : new Set(record.wanted)
      const inner = await openSeedStore(view.layout, record.path, {
        devices: this.devicesOf(root),
        ...(fingerprints === undefined ? {} : { fingerprints }),
        ...(files === undefined ? {} : { files }),
        // it may have been written to, and its times put back, or have rotted, while nobody looked; what is sealed
        // is hashed at every read
        ...(view.secret === undefined ? { verify: (index, bytes) => view.verify(index, bytes) } : {})
      })
      const source = { path: record.path, view, ...(files && { files }) }
      await this.#noteDevices(record, signal)
      return { nodes, content: seedContent(map, view.serve(inner), source) }
    } catch (error) {
      await nodes.close()
      throw error
    }
  }

  /** The file systems that a share was on when it was looked at last, as far as that is known. */
  devicesOf(root: CID): Devices | undefined {
    return this.#devices.get(root.toString())
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
    files: ReadonlySet<number> | undefined,
    secret?: ShareSecret
  ): Promise<void> {
    if (this.#registry !== undefined && secret !== undefined) {
      // before the record: one without what opens it is of no use
      await saveSecret(this.#registry.secretPath(info.root), info.root, secret)
    }
    const devices = await this.#lookAtDevices(info)
    const record: ShareRecord = {
      ...info,
      addedAt: Date.now(),
      complete: true,
      ...(devices && { devices }),
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

  /** When everything was read last, and how far a pass is that has begun. */
  async loadScrub(): Promise<ScrubState> {
    return this.#scrub ?? (this.#directory === undefined ? {} : loadScrubState(this.#directory))
  }

  /** Never rejects: while the disk takes no note, this node knows it alone. */
  async saveScrub(state: ScrubState): Promise<void> {
    const isRefused = this.#scrub !== undefined
    this.#scrub = state
    if (this.#directory === undefined) {
      return
    }
    try {
      await saveScrubState(this.#directory, state)
      this.#scrub = undefined
    } catch (error) {
      if (!isRefused) {
        this.#log.error('how far a scrub is cannot be noted - %e', error)
      }
    }
  }

  /** The user does not share it any more: nothing of it stays, its key neither. */
  async remove(root: CID): Promise<void> {
    this.#devices.delete(root.toString())
    await this.#registry?.remove(root)
  }

  /** Its files are gone, and nobody misses them. One with a key is kept: only the user gives that away. */
  async forget(root: CID): Promise<void> {
    const record = await this.#registry?.get(root)
    if (record?.isPrivate !== true) {
      await this.remove(root)
    }
  }

  /** Numbers of file systems are others after a restart of the system. */
  async #noteDevices(record: ShareRecord, signal: AbortSignal | undefined): Promise<void> {
    const { devices: before } = record
    const devices = await this.#lookAtDevices(record)
    const isSame = before?.parent === devices?.parent && before?.root === devices?.root
    if (devices === undefined || isSame || signal?.aborted === true) {
      return
    }
    try {
      await this.#registry?.put({ ...record, devices })
    } catch (error) {
      this.#log.error('where %c is cannot be noted - %e', record.root, error)
    }
  }

  async #lookAtDevices({ root, path, files }: ShareInfo): Promise<Devices | undefined> {
    // where no file can be missing there is nothing to tell apart
    const devices = files === 0 ? undefined : await devicesAt(nodeFs, path)
    if (devices !== undefined) {
      this.#devices.set(root.toString(), devices)
    }
    return devices
  }
}

/** What users see of a record. */
function toInfo({ root, name, path, kind, bytes, files, leaves, isPrivate }: ShareRecord): ShareInfo {
  return { root, name, path, kind, bytes, files, leaves, ...(isPrivate && { isPrivate }) }
}

/** A remembered share, through its key if it has one. */
async function openView(
  { root, path, isPrivate }: ShareRecord,
  nodes: NodeStore,
  registry: ShareRegistry
): Promise<{ map: BuiltLeafMap; view: View }> {
  if (isPrivate !== true) {
    const map = await buildLeafMap(root, importedNodes(path, nodes), { checkName })
    return { map, view: publicView(map) }
  }
  const secret = await loadSecret(registry.secretPath(root), root)
  const map = await buildLeafMap(root, async (cid) => nodes.get(cid), { checkName })
  return { map, view: await privateView(map, nodes, secret) }
}
