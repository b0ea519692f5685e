import type { CID } from 'multiformats/cid'
import { NotShareableError } from '../errors.ts'
import { withDigester } from '../import/digesting.ts'
import type { Digester } from '../import/digesting.ts'
import { importShare } from '../import/import-share.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { nameProblem, printable } from '../name-rules.ts'
import { importPrivate } from '../private/import-private.ts'
import { sealedView } from '../private/private-view.ts'
import type { ShareSecret } from '../private/secret.ts'
import type { Fingerprints } from '../store/fingerprint.ts'
import { memoryNodeStore } from '../store/memory-node-store.ts'
import type { NodeStore } from '../store/node-store.ts'
import type { ImportOptions } from '../types.ts'
import { publicView } from '../view.ts'
import type { View } from '../view.ts'

/** What an import may use. */
export interface ImportWith {
  /** Threads of the node. */
  readonly shared?: Digester | undefined
  /** Seal it with this. */
  readonly secret?: ShareSecret | undefined
}

/** A node store that knows what was put: the root, and so the file for them, is known only at the end of an import. */
export interface RecordingNodes extends NodeStore {
  readonly cids: readonly CID[]
}

/** What became of a path. */
export interface Imported {
  /** The root's real path on this machine. */
  readonly path: string
  readonly map: BuiltLeafMap
  readonly view: View
  readonly nodes: RecordingNodes
  /** By index into `view.layout.files`. */
  readonly fingerprints: Fingerprints
}

/** Read a path once, as a share that everybody can read or as one that is sealed. Keeps nothing on the disk. */
export async function importFrom(
  path: string,
  { workers, ...options }: ImportOptions,
  { shared, secret }: ImportWith
): Promise<Imported> {
  const nodes = recordingNodes()
  if (secret !== undefined) {
    const { map, layout, manifest, ...found } = await importPrivate(path, secret.cipher(), nodes, options)
    return { ...found, map, view: sealedView({ map, layout, manifest, secret }), nodes }
  }
  const checkName = (name: string): void => {
    checkShareable(path, name)
  }
  const found = await withDigester({ workers, shared }, async (digester) =>
    importShare(path, nodes, { ...options, digester, checkName })
  )
  return { path: found.path, map: found.map, view: publicView(found.map), nodes, fingerprints: found.fingerprints }
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
