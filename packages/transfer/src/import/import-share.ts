import { constants } from 'node:fs'
import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '@libp2p/interface'
import { BlockKind, blockKindOf } from '../block-kind.ts'
import { MAX_LEAF_BYTES } from '../constants.ts'
import { NotShareableError, SourceChangedError } from '../errors.ts'
import { leafDigest, rebuildLeaf } from '../leaf-block.ts'
import { buildLeafMap } from '../leaf-map-build.ts'
import type { GetNode } from '../leaf-map-build.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { firstCollision, pathsOf } from '../paths.ts'
import { createFingerprints } from '../store/fingerprint.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { hasErrno, nodeFs, onDisk, readFully } from '../store/fs.ts'
import type { NodeStore } from '../store/node-store.ts'
import { openBelow, placeBelow } from '../store/open-below.ts'
import { MISSING } from '../store/whereabouts.ts'
import { importPath } from './importer.ts'
import type { ImportPathOptions, ImportResult } from './importer.ts'
import { ShareLimits } from './share-limits.ts'

export interface ImportShareOptions extends Omit<ImportPathOptions, 'limits'> {
  /** Throws for a name that no receiver would create (`checkName` of paths.ts). */
  checkName: (name: string) => unknown
}

export interface ImportedShare extends Omit<ImportResult, 'fingerprints'> {
  readonly map: BuiltLeafMap
  /** By index into `map.files`. */
  readonly fingerprints: Fingerprints
}

/**
 * Import a path, keep its inner nodes, and build its leaf map without reading anything twice. Rejects like `importPath`
 * and `buildLeafMap`, early where a share would exceed a bound of constants.ts.
 */
export async function importShare(path: string, nodes: NodeStore, options: ImportShareOptions): Promise<ImportedShare> {
  const { checkName, ...rest } = options
  const { signal } = options
  const sink = { node: async (cid: CID, bytes: Uint8Array, put?: AbortOptions) => nodes.put(cid, bytes, put) }
  const { fingerprints, ...result } = await importPath(path, sink, { ...rest, limits: new ShareLimits() })
  await nodes.flush(signal && { signal })
  const { chunkBytes } = result.profile
  const map = await buildLeafMap(result.root, async (cid) => nodes.get(cid, signal && { signal }), {
    checkName,
    knownLeaf: (_cid, file) => {
      const size = fingerprints.get(file)?.size
      // an empty file was kept as a node
      return size !== undefined && size > 0 && size <= chunkBytes ? size : undefined
    },
    ...(signal && { signal })
  })
  const same = firstCollision(pathsOf(map))
  if (same !== undefined) {
    throw new NotShareableError(path, `receivers refuse ${same} in it: one entry on Windows and macOS`)
  }
  const columns = createFingerprints(map.files.length)
  for (const [index, file] of map.files.entries()) {
    const seen = fingerprints.get(file.path)
    columns.mtimeMs[index] = seen?.mtimeMs ?? NaN
    columns.ino[index] = seen?.ino ?? NaN
  }
  return { ...result, map, fingerprints: columns }
}

/**
 * The nodes of an imported share, for building its map again later: those of the store, and the files that are a leaf
 * of their own (the root, or dag-pb in a directory), whose block is rebuilt from the file at `root`.
 *
 * @param root - real path of the share, `ImportResult.path`.
 * @throws SourceChangedError (from the result) when such a file is not what it was.
 */
export function importedNodes(root: string, nodes: NodeStore, options: AbortOptions = {}): GetNode {
  return async (cid, path) => (await nodes.get(cid, options)) ?? rebuildFromFile(root, cid, path)
}

async function rebuildFromFile(root: string, cid: CID, path: string): Promise<Uint8Array> {
  const place = placeBelow(root, path)
  const handle = await openBelow(nodeFs, root, path, constants.O_RDONLY).catch((error: unknown) => {
    throw hasErrno(error, 'ENOENT', 'ENOTDIR') ? new SourceChangedError(place, MISSING, { cause: error }) : error
  })
  try {
    const { size } = await onDisk(place, async () => handle.stat())
    if (size > MAX_LEAF_BYTES) {
      throw new SourceChangedError(place, 'became longer')
    }
    const data = new Uint8Array(size)
    const bytesRead = await onDisk(place, async () => readFully(handle, data, 0))
    const block = rebuildLeaf(blockKindOf(cid) === BlockKind.raw ? 'raw' : 'pb-file', data.subarray(0, bytesRead))
    if (Buffer.compare(leafDigest('raw', block), cid.multihash.digest) !== 0) {
      throw new SourceChangedError(place, 'was modified')
    }
    return block
  } finally {
    await handle.close()
  }
}
