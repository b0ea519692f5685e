import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { importShare, memoryNodeStore, PROFILES } from '@p2pshare/transfer/store'
import type { LeafMap, NodeStore } from '@p2pshare/transfer/store'

/** Leaves of 256 KiB: what a wrong one costs is little beside the share, as it is in shares of gigabytes. */
export const PROFILE = 'unixfs-v0-2015'

/** What is fetched: one file that honest peers serve, and hostile ones know all about. */
export interface Target {
  readonly path: string
  readonly bytes: Buffer
  readonly map: Pick<LeafMap, 'root' | 'leafCount' | 'leafBytes' | 'position'>
  readonly nodes: Pick<NodeStore, 'get'>
}

/** A file of random bytes in `directory`; the same every time. */
export async function makeTarget(directory: string, bytes: number): Promise<Target> {
  const path = join(directory, 'target.bin')
  await writeFile(path, seededRandom('byzantine/target').bytes(bytes))
  const nodes = memoryNodeStore()
  const { map } = await importShare(path, nodes, { profile: PROFILES[PROFILE], checkName: (name) => name })
  return { path, bytes: await readFile(path), map, nodes }
}

/** The right bytes of a leaf, to be changed at will. */
export function leafOf({ bytes, map }: Target, leaf: number): Uint8Array {
  const { offset } = map.position(leaf)
  return Uint8Array.from(bytes.subarray(offset, offset + map.leafBytes(leaf)))
}
