import type { AbortOptions } from '@libp2p/interface'
import { inlineLeaves } from '../inline-leaves.ts'
import type { BuiltLeafMap } from '../leaf-map-compact.ts'
import { heldIndex } from '../share/content.ts'
import type { Content } from '../share/content.ts'
import type { DownloadStore } from '../store/download-store.ts'
import type { NodeStore } from '../store/node-store.ts'
import { Bitfield } from '../swarm/bitfield.ts'

/** What a download is made of when its map is known. */
export interface ContentParts extends AbortOptions {
  readonly map: BuiltLeafMap
  readonly store: DownloadStore
  readonly nodes: NodeStore
  /** Verified bytes were written. */
  readonly alive: () => void
  /** What is wanted of it. @default what the store wants */
  readonly wants?: (leaf: number) => boolean
}

/** What is already known of the wanted content goes into the store; the rest is missing. */
export async function prepareContent({ map, store, nodes, alive, signal, ...parts }: ContentParts): Promise<Content> {
  const wants = parts.wants ?? ((leaf: number) => store.wants(leaf))
  const content = emptyContent(map, store)
  for await (const { index, data } of inlineLeaves(map, (cid) => nodes.get(cid), { ...(signal && { signal }) })) {
    // its twins are inline too and come by themselves
    if (wants(index) && !store.has(index)) {
      await store.write(index, data, { ...(signal && { signal }) })
      alive()
    }
  }
  for (let leaf = 0; leaf < map.leafCount; leaf++) {
    if (wants(leaf)) {
      content.wants.set(map.canonical(leaf))
      await (store.has(leaf) ? undefined : fill(content, leaf))
    }
  }
  return content
}

/** Nothing is wanted of it yet. */
export function emptyContent(map: BuiltLeafMap, store: DownloadStore): Content {
  return {
    map,
    store,
    missing: new Bitfield(map.leafCount),
    wants: new Bitfield(map.leafCount),
    places: (leaf) => map.twins(leaf).filter((twin) => store.wants(twin) && !store.has(twin))
  }
}

/** A leaf that is here under another index is copied; otherwise it is missing. */
async function fill(content: Content, leaf: number): Promise<void> {
  const { map, store, missing } = content
  if (missing.has(map.canonical(leaf))) {
    return // looked for under an earlier index
  }
  const held = heldIndex(content, leaf)
  if (held === undefined) {
    missing.set(map.canonical(leaf))
  } else {
    await store.write(leaf, await store.read(held))
  }
}
