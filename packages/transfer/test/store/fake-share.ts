import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'
import type { FileEntry, LeafMap } from '../../src/leaf-map.ts'
import type { LeafVerifier } from '../../src/store/recover.ts'

const SHA2_256 = 0x12

export function sha256(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}

export function rawCID(bytes: Uint8Array): CID {
  return CID.createV1(raw.code, create(SHA2_256, sha256(bytes)))
}

export function v0CID(bytes: Uint8Array): CID {
  return CID.createV0(create(SHA2_256, sha256(bytes)))
}

/** Bytes that depend on `seed` alone; no two seeds give the same. */
export function bytesOf(seed: string, length: number): Uint8Array {
  return length === 0
    ? new Uint8Array()
    : Uint8Array.from(createHash('shake256', { outputLength: length }).update(seed).digest())
}

export interface FakeShare {
  readonly map: LeafMap
  readonly leaves: readonly Uint8Array[]
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly verify: LeafVerifier
}

/** A share of files cut into leaves of `leafBytes`; one file with the path `''` makes a share of kind `file`. */
export function fakeShare(
  content: Record<string, Uint8Array>,
  { leafBytes = 1000, directories = [] as readonly string[] } = {}
): FakeShare {
  const leaves: Uint8Array[] = []
  const positions: { file: number; offset: number }[] = []
  const files: FileEntry[] = []
  const found = new Set(directories)
  for (const [path, bytes] of Object.entries(content)) {
    const firstLeaf = leaves.length
    for (let offset = 0; offset < bytes.byteLength; offset += leafBytes) {
      positions.push({ file: files.length, offset })
      leaves.push(bytes.subarray(offset, offset + leafBytes))
    }
    files.push({ path, bytes: bytes.byteLength, firstLeaf, leafCount: leaves.length - firstLeaf })
    for (let parent = dirname(path); parent !== '.' && parent !== ''; parent = dirname(parent)) {
      found.add(parent)
    }
  }
  const at = <T>(list: readonly T[], index: number): T => {
    const value = list[index]
    if (value === undefined) {
      throw new RangeError(`leaf ${index}`)
    }
    return value
  }
  const digests = leaves.map(sha256)
  const keys = digests.map((digest) => Buffer.from(digest).toString('hex'))
  const map: LeafMap = {
    root: rawCID(Buffer.concat([...digests, Buffer.from(files.map(({ path }) => path).join('\n'))])),
    kind: '' in content ? 'file' : 'directory',
    leafCount: leaves.length,
    totalBytes: leaves.reduce((sum, leaf) => sum + leaf.byteLength, 0),
    files,
    directories: [...found].sort(),
    symlinks: [],
    nodeCount: 1,
    nodeBytes: 100,
    leafBytes: (index) => at(leaves, index).byteLength,
    cid: (index) => rawCID(at(leaves, index)),
    digest: (index) => at(digests, index),
    wrap: () => 'raw',
    position: (index) => at(positions, index),
    canonical: (index) => keys.indexOf(at(keys, index)),
    twins: (index) => keys.flatMap((key, twin) => (key === at(keys, index) ? [twin] : [])),
    find: (cid) => {
      const index = keys.indexOf(Buffer.from(cid.multihash.digest).toString('hex'))
      return index < 0 ? undefined : index
    }
  }
  const verify: LeafVerifier = (index, bytes) => Buffer.compare(sha256(bytes), at(digests, index)) === 0
  return { map, leaves, files: new Map(Object.entries(content)), verify }
}

/** One file of `leaves` leaves, the last a short one. */
export function fileShare(leaves: number, leafBytes = 1000): FakeShare {
  return fakeShare({ '': bytesOf('file', (leaves - 1) * leafBytes + 10) }, { leafBytes })
}

/** Put the files of a share where a user would have them. */
export async function writeShare({ map, files }: FakeShare, target: string): Promise<void> {
  if (map.kind === 'directory') {
    await mkdir(target)
  }
  for (const directory of map.directories) {
    await mkdir(join(target, directory), { recursive: true })
  }
  for (const [path, bytes] of files) {
    await writeFile(join(target, path), bytes)
  }
}

/** Every path below a directory, `/` at the end of directories; sorted. */
export async function tree(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1) + (entry.isDirectory() ? '/' : ''))
    .sort()
}

export async function readTree(directory: string): Promise<Map<string, Uint8Array>> {
  const files = (await tree(directory)).filter((path) => !path.endsWith('/'))
  return new Map(await Promise.all(files.map(async (path) => [path, await readFile(join(directory, path))] as const)))
}
