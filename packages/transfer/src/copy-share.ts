import type { CID } from 'multiformats/cid'
import { LeafMismatchError, TargetExistsError } from './errors.ts'
import { heldIndex } from './share/content.ts'
import type { Content } from './share/content.ts'
import { compareTarget } from './store/compare-target.ts'
import { openDownloadStore } from './store/download-store.ts'
import { partialPath } from './store/partial.ts'
import type { LeafVerifier } from './store/recover.ts'
import { NO_TRAFFIC } from './traffic.ts'
import type { GetOptions, TransferEvent } from './types.ts'

/** What is to be copied where. */
export interface CopyInit {
  readonly root: CID
  readonly name: string
  readonly content: Content
  readonly verify: LeafVerifier
  readonly target: string
  /** Indices of the files that are wanted; `undefined`: all. */
  readonly files: ReadonlySet<number> | undefined
  readonly options: GetOptions
}

/** Whether a share that is here already has every leaf of the wanted files. */
export function holdsAll(content: Content, files: ReadonlySet<number> | undefined): boolean {
  for (let leaf = 0; leaf < content.map.leafCount; leaf++) {
    if ((files?.has(content.map.position(leaf).file) ?? true) && heldIndex(content, leaf) === undefined) {
      return false
    }
  }
  return true
}

/** `get` of a share that this node has already, to wherever it is wanted: nothing is fetched, everything is verified. */
export async function* copyShare(init: CopyInit): AsyncGenerator<TransferEvent, void, undefined> {
  const { root, name, target, files, verify } = init
  const { map } = init.content
  const { signal } = init.options
  const started = performance.now()
  const chosen = { ...(files === undefined ? {} : { files }), ...(signal === undefined ? {} : { signal }) }
  const bytes = map.files.reduce((sum, file, index) => sum + ((files?.has(index) ?? true) ? file.bytes : 0), 0)
  yield { type: 'started', root, name }
  const found = await compareTarget(map, target, verify, chosen)
  if (found === 'different') {
    throw new TargetExistsError(target)
  }
  const { length } = map.files
  const bytesHave = found === 'equal' ? bytes : 0
  yield { type: 'map', name, files: files?.size ?? length, leaves: map.leafCount, bytesTotal: bytes, bytesHave }
  if (found === 'absent') {
    await copyLeaves(init, chosen)
  }
  const seconds = (performance.now() - started) / 1000
  yield { type: 'done', root, bytes, bytesReceived: 0, seconds, output: target, traffic: NO_TRAFFIC, sources: [] }
}

async function copyLeaves(
  { content, target, verify }: CopyInit,
  chosen: { files?: ReadonlySet<number>; signal?: AbortSignal }
): Promise<void> {
  const { map } = content
  const copy = await openDownloadStore(map, { partial: partialPath(target), target, verify, ...chosen })
  try {
    for (let leaf = 0; leaf < map.leafCount; leaf++) {
      chosen.signal?.throwIfAborted()
      if (copy.wants(leaf) && !copy.has(leaf)) {
        const bytes = await content.store.read(heldIndex(content, leaf) ?? leaf)
        if (!(await verify(leaf, bytes))) {
          throw new LeafMismatchError(leaf)
        }
        await copy.write(leaf, bytes)
      }
    }
    await copy.complete()
  } finally {
    await copy.close()
  }
}
