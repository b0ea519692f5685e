import { MemoryBlockstore } from 'blockstore-core/memory'
import { importer } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { join } from 'node:path'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import type { Profile } from '../../../src/import/profile.ts'

/** What a test puts on the disk and into the oracle. */
export type Tree =
  | { readonly type: 'file'; readonly data: Uint8Array }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'directory'; readonly entries: Readonly<Record<string, Tree>> }

/** Put a tree at `place`, which does not exist yet. */
export async function writeTree(place: string, tree: Tree): Promise<void> {
  switch (tree.type) {
    case 'file':
      await writeFile(place, tree.data)
      break
    case 'symlink':
      await symlink(tree.target, place)
      break
    case 'directory':
      await mkdir(place)
      for (const [name, entry] of Object.entries(tree.entries)) {
        await writeTree(join(place, name), entry)
      }
  }
}

interface Candidate {
  path: string
  content?: Uint8Array
  link?: string
}

function* candidates(path: string, tree: Tree): Generator<Candidate> {
  switch (tree.type) {
    case 'file':
      yield { path, content: tree.data }
      break
    case 'symlink':
      yield { path, link: tree.target }
      break
    case 'directory':
      if (path !== '') {
        yield { path }
      }
      for (const [name, entry] of Object.entries(tree.entries)) {
        yield* candidates(path === '' ? name : `${path}/${name}`, entry)
      }
  }
}

/** Root of a tree according to `ipfs-unixfs-importer`, and all of its blocks. */
export async function oracle(tree: Tree, profile: Profile): Promise<{ root: CID; blocks: MemoryBlockstore }> {
  const blocks = new MemoryBlockstore()
  const source = [...candidates('', tree)] as Parameters<typeof importer>[0]
  let root: CID | undefined
  for await (const entry of importer(source, blocks, {
    profile: profile.name,
    chunker: fixedSize({ chunkSize: profile.chunkBytes }),
    layout: balanced({ maxChildrenPerNode: profile.maxLinks }),
    shardSplitStrategy: profile.hamtEstimate,
    shardSplitThresholdBytes: profile.hamtThresholdBytes,
    cidVersion: profile.cidVersion,
    rawLeaves: profile.rawLeaves,
    wrapWithDirectory: tree.type === 'directory'
  })) {
    root = entry.cid
  }
  if (root === undefined) {
    throw new Error('the oracle gave nothing')
  }
  return { root, blocks }
}
