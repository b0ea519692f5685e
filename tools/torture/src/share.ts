import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import { importShare, memoryNodeStore, PROFILES, verifyLeaf } from '@p2pshare/transfer/store'
import type { ImportedShare, NodeStore } from '@p2pshare/transfer/store'

/** A share that the shipped importer made, with all that a download of it would get. */
export interface MadeShare {
  readonly name: string
  readonly map: ImportedShare['map']
  /** Bytes by leaf. */
  readonly leaves: readonly Uint8Array[]
  /** Inner nodes. */
  readonly nodes: NodeStore
  verify(index: number, bytes: Uint8Array): boolean
}

/** Small leaves: what is looked for is in the order of calls, not in their size. */
const LEAF_BYTES = 1536

/** Sizes by path; `''` makes a share that is one file. */
const RECIPES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'one small file': { '': 700 },
  'one file': { '': 14 * LEAF_BYTES + 11 },
  'a directory': { 'a.bin': 4 * LEAF_BYTES, 'sub/b.bin': 3 * LEAF_BYTES + 1, 'sub/deep/c.bin': 900, 'sub/empty': 0 },
  'many small files': Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`d${at % 4}/f${at}`, 200 + 50 * at]))
}

/** One of each kind; the same bytes every time. */
export async function makeShares(): Promise<MadeShare[]> {
  const directory = await mkdtemp(join(tmpdir(), 'p2pshare-torture-'))
  try {
    const shares: MadeShare[] = []
    for (const [name, sizes] of Object.entries(RECIPES)) {
      shares.push(await makeShare(join(directory, name), name, sizes))
    }
    return shares
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** @param place - where its files are put, for as long as the import takes. */
export async function makeShare(
  place: string,
  name: string,
  sizes: Readonly<Record<string, number>>,
  leafBytes = LEAF_BYTES
): Promise<MadeShare> {
  for (const [path, bytes] of Object.entries(sizes)) {
    const file = path === '' ? place : join(place, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, seededRandom(`${name}/${path}`).bytes(bytes))
  }
  const nodes = memoryNodeStore()
  const profile = { ...PROFILES['unixfs-v1-2025'], chunkBytes: leafBytes }
  const { map, path: root } = await importShare(place, nodes, { profile, checkName: (text) => text })
  const files = await Promise.all(map.files.map(async ({ path }) => readFile(path === '' ? root : join(root, path))))
  const leaves = Array.from({ length: map.leafCount }, (_, index) => {
    const { file, offset } = map.position(index)
    return Uint8Array.from(files[file]?.subarray(offset, offset + map.leafBytes(index)) ?? [])
  })
  return { name, map, leaves, nodes, verify: (index, bytes) => verifyLeaf(map, index, bytes) }
}
