import { hash } from 'node:crypto'
import { BlockKind, cidOf } from '../block-kind.ts'
import { NotShareableError } from '../errors.ts'
import { directoryNodes } from '../import/directory.ts'
import type { EncodedNode } from '../import/encode.ts'
import { FileDag } from '../import/file-dag.ts'
import type { BlockRef } from '../import/link-list.ts'
import { LinkList } from '../import/link-list.ts'
import { PROFILES } from '../import/profile.ts'
import { ProgressReporter } from '../import/progress.ts'
import { readUnchanged, withFile } from '../import/read-file.ts'
import { readPieces } from '../import/read-pieces.ts'
import { ReadSlots } from '../import/read-slots.ts'
import { ShareLimits } from '../import/share-limits.ts'
import { resolveRoot, walk } from '../import/walk.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import { nameProblem, printable } from '../name-rules.ts'
import { checkName, firstCollision } from '../paths.ts'
import { createFingerprints } from '../store/fingerprint.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import type { Fingerprint } from '../import/fingerprints.ts'
import type { NodeStore } from '../store/node-store.ts'
import type { ImportOptions } from '../types.ts'
import { DATA_NAME, MANIFEST_NAME, MAX_MANIFEST_BYTES, SEALED_DATA_BYTES } from './constants.ts'
import { PrivateLayout, sealedName } from './layout.ts'
import type { LeafCipher } from './leaf-cipher.ts'
import { encodeManifest } from './manifest.ts'

/** The profile of every sealed DAG; only its numbers of links matter, the leaves are our own. */
const PROFILE = PROFILES['unixfs-v1-2025']

/** What became of a path. */
export interface PrivateImport {
  /** The root's real path on this machine. */
  readonly path: string
  readonly map: BuiltLeafMap
  readonly layout: PrivateLayout
  /** By index into `layout.files`. */
  readonly fingerprints: Fingerprints
  /** Sealed leaves of the manifest. */
  readonly manifest: readonly Uint8Array[]
}

/**
 * Seal a file or directory without writing a byte of it: what is kept are the inner nodes, in `nodes`, and the manifest.
 * Symlinks, sockets and devices are left out, and without `hidden` names with a leading dot.
 *
 * @throws DiskError, SourceChangedError, NotShareableError; the signal's reason.
 */
export async function importPrivate(
  path: string,
  cipher: LeafCipher,
  nodes: NodeStore,
  options: ImportOptions = {}
): Promise<PrivateImport> {
  options.signal?.throwIfAborted()
  return new PrivateImporter(await resolveRoot(path), cipher, nodes, options).run()
}

class PrivateImporter {
  readonly #root: string
  readonly #cipher: LeafCipher
  readonly #nodes: NodeStore
  readonly #options: ImportOptions
  readonly #progress: ProgressReporter
  readonly #limits = new ShareLimits()
  readonly #slots = new ReadSlots(SEALED_DATA_BYTES)
  readonly #sealed = new LinkList()
  readonly #files: Array<{ path: string; bytes: number; seen: Fingerprint }> = []
  readonly #directories: string[] = []
  #kind: 'file' | 'directory' = 'file'

  constructor(root: string, cipher: LeafCipher, nodes: NodeStore, options: ImportOptions) {
    this.#root = root
    this.#cipher = cipher
    this.#nodes = nodes
    this.#options = options
    this.#progress = new ProgressReporter(options.onProgress)
  }

  async run(): Promise<PrivateImport> {
    const { signal, hidden = false } = this.#options
    for await (const step of walk(this.#root, { hidden, ...(signal && { signal }) })) {
      switch (step.type) {
        case 'directory':
          this.#kind = 'directory'
          if (step.path !== '') {
            this.#addEntry(step.name, step.path)
            this.#directories.push(step.path)
          }
          break
        case 'file':
          if (step.path !== '') {
            this.#addEntry(step.name, step.path)
          }
          await this.#file(step.place, step.path)
          break
        case 'skipped':
          this.#progress.skipped(step.path, step.reason)
          break
        case 'symlink':
          this.#progress.skipped(step.path, 'special')
          break
        case 'end':
          break
      }
    }
    this.#progress.end()
    return this.#finish()
  }

  async #finish(): Promise<PrivateImport> {
    const same = firstCollision([...this.#directories, ...this.#files.map(({ path }) => path)])
    if (same !== undefined) {
      throw new NotShareableError(this.#root, `receivers refuse ${same} in it: one entry on Windows and macOS`)
    }
    const manifest = { kind: this.#kind, files: this.#files, directories: this.#directories }
    const sealed = this.#sealManifest(encodeManifest(manifest))
    const top = new LinkList()
    if (this.#sealed.length > 0) {
      top.add(DATA_NAME, await this.#directory(this.#sealed))
    }
    top.add(MANIFEST_NAME, await this.#dag(sealed))
    const { kind, digest } = await this.#directory(top)
    const { signal } = this.#options
    const map = await buildLeafMap(cidOf(kind, digest), async (cid) => this.#nodes.get(cid), {
      checkName,
      ...(signal && { signal })
    })
    const layout = new PrivateLayout(map, manifest)
    return { path: this.#root, map, layout, fingerprints: this.#fingerprints(layout), manifest: sealed }
  }

  #addEntry(name: string, path: string): void {
    this.#limits.addEntry(path)
    const problem = nameProblem(name)
    if (problem !== undefined) {
      throw new NotShareableError(this.#root, `receivers refuse ${JSON.stringify(printable(name))} in it: ${problem}`)
    }
  }

  async #file(place: string, path: string): Promise<void> {
    const seen = await withFile(place, async (file) =>
      readUnchanged(file, async () => {
        const { size } = file.stats
        this.#limits.addLeaves(place, Math.ceil(size / SEALED_DATA_BYTES))
        if (size > 0) {
          const number = this.#sealed.length
          const dag = new FileDag(PROFILE)
          let leaf = 0
          // copied: a piece is in a buffer that is used again, and its number is known only when it is its turn
          for await (const { bytes, value } of readPieces(file, this.#slots, async (data) => data.slice())) {
            const sealed = this.#cipher.seal({ part: 'data', file: number, leaf: leaf++ }, value)
            await this.#keep(dag.push(hash('sha256', sealed, 'buffer'), sealed.byteLength))
            this.#progress.addBytes(bytes)
            this.#options.signal?.throwIfAborted()
          }
          const { nodes, root } = dag.finish()
          await this.#keep(nodes)
          this.#sealed.add(sealedName(number), root)
        }
      })
    )
    this.#files.push({ path, bytes: seen.size, seen })
    this.#progress.addFile()
  }

  #sealManifest(bytes: Uint8Array): Uint8Array[] {
    if (bytes.byteLength > MAX_MANIFEST_BYTES) {
      throw new NotShareableError(this.#root, `its names take more than ${MAX_MANIFEST_BYTES} bytes`)
    }
    const sealed: Uint8Array[] = []
    for (let at = 0; at < bytes.byteLength; at += SEALED_DATA_BYTES) {
      const place = { part: 'manifest', file: 0, leaf: sealed.length } as const
      sealed.push(this.#cipher.seal(place, bytes.subarray(at, at + SEALED_DATA_BYTES)))
    }
    return sealed
  }

  async #dag(leaves: readonly Uint8Array[]): Promise<BlockRef> {
    const dag = new FileDag(PROFILE)
    for (const leaf of leaves) {
      const digest = hash('sha256', leaf, 'buffer')
      // it is in no file: whoever opens the share again has it from its nodes
      await this.#nodes.put(cidOf(BlockKind.raw, digest), leaf)
      await this.#keep(dag.push(digest, leaf.byteLength))
    }
    const { nodes, root } = dag.finish()
    await this.#keep(nodes)
    return root
  }

  async #directory(links: LinkList): Promise<BlockRef> {
    const nodes = directoryNodes(links, PROFILE)
    let next = nodes.next()
    while (next.done !== true) {
      await this.#keep([next.value])
      next = nodes.next()
    }
    return next.value
  }

  async #keep(nodes: readonly EncodedNode[]): Promise<void> {
    for (const { kind, digest, bytes } of nodes) {
      await this.#nodes.put(cidOf(kind, digest), bytes)
    }
  }

  #fingerprints(layout: PrivateLayout): Fingerprints {
    const columns = createFingerprints(layout.files.length)
    const byPath = new Map(this.#files.map(({ path, seen }) => [path, seen]))
    for (const [index, { path }] of layout.files.entries()) {
      columns.mtimeMs[index] = byPath.get(path)?.mtimeMs ?? NaN
      columns.ino[index] = byPath.get(path)?.ino ?? NaN
    }
    return columns
  }
}
