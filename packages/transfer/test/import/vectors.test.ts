import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryBlockstore } from 'blockstore-core/memory'
import { importer } from 'ipfs-unixfs-importer'
import { trickle } from 'ipfs-unixfs-importer/layout'
import type { CID } from 'multiformats/cid'
import { describe, expect, it, test } from 'vitest'
import { cidOf } from '../../src/block-kind.ts'
import { directoryNodes } from '../../src/import/directory.ts'
import { FileDag } from '../../src/import/file-dag.ts'
import { importId } from '../../src/import/import-id.ts'
import { LinkList } from '../../src/import/link-list.ts'
import { PROFILES } from '../../src/import/profile.ts'
import type { ProfileName } from '../../src/import/profile.ts'
import { compareNames } from '../../src/import/walk.ts'
import { leafDigest, verifyLeaf } from '../../src/leaf-block.ts'
import { buildLeafMap } from '../../src/leaf-map-build.ts'
import { nodesOf } from './support/nodes.ts'
import { KuboRandom } from './support/random.ts'
import { tempDir } from './support/temp.ts'

/*
 * The published vectors of IPIP-499. Their content is not in the document but in Kubo's test/cli/cid_profiles_test.go,
 * which makes it from seeds; the seed of the trickle file was found by trying.
 */

const V0 = 'unixfs-v0-2015'
const V1 = 'unixfs-v1-2025'

async function idOf(profile: ProfileName, content: Uint8Array | string): Promise<string> {
  const path = join(await tempDir(), 'file')
  await writeFile(path, content)
  return (await importId(path, { profile })).toString()
}

describe('files of IPIP-499', () => {
  test.each([
    ['hello world', V0, 'Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD'],
    ['hello world', V1, 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'],
    ['', V0, 'QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH'],
    ['', V1, 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku']
  ] as const)('%j in profile %s', async (content, profile, cid) => {
    expect(await idOf(profile, content)).toBe(cid)
  })

  test.each([
    [V0, 'chunk-v0-seed', 0, 'QmWmRj3dFDZdb6ABvbmKhEL6TmPbAfBZ1t5BxsEyJrcZhE'],
    [V0, 'chunk-v0-seed', 1, 'QmYyLxtzZyW22zpoVAtKANLRHpDjZtNeDjQdJrcQNWoRkJ'],
    [V1, 'chunk-v1-seed', 0, 'bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta'],
    [V1, 'chunk-v1-seed', 1, 'bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64']
  ] as const)('%s: a chunk of %s and %i bytes more', async (profile, seed, more, cid) => {
    const content = new KuboRandom(seed).bytes(PROFILES[profile].chunkBytes + more)
    expect(await idOf(profile, content)).toBe(cid)
  })

  it('has a two-level DAG for one byte more than 174 chunks of 256 KiB', async () => {
    const content = new KuboRandom('v0-seed').bytes(174 * 256 * 1024 + 1)
    expect(await idOf(V0, content)).toBe('QmV81WL765sC8DXsRhE5fJv2rwhS4icHRaf3J9Zk5FdRnW')
  })

  // a gibibyte is hashed but never written: the DAG builder is fed with its leaves
  test.each([
    [V0, 'v0-seed', 'QmUbBALi174SnogsUzLpYbD4xPiBSFANF4iztWCsHbMKh2', 'QmV81WL765sC8DXsRhE5fJv2rwhS4icHRaf3J9Zk5FdRnW'],
    [
      V1,
      'v1-2025-seed',
      'bafybeihmf37wcuvtx4hpu7he5zl5qaf2ineo2lqlfrapokkm5zzw7zyhvm',
      'bafybeibdsi225ugbkmpbdohnxioyab6jsqrmkts3twhpvfnzp77xtzpyhe'
    ]
  ] as const)('%s: as many leaves as a node may have, and one more', (name, seed, atCid, overCid) => {
    const profile = PROFILES[name]
    const random = new KuboRandom(seed)
    const at = new FileDag(profile)
    const over = new FileDag(profile)
    const wrap = profile.rawLeaves ? 'raw' : 'pb-file'
    for (let leaf = 0; leaf < profile.maxLinks; leaf++) {
      const digest = leafDigest(wrap, random.bytes(profile.chunkBytes))
      at.push(digest, profile.chunkBytes)
      over.push(digest, profile.chunkBytes)
    }
    over.push(leafDigest(wrap, random.bytes(1)), 1)
    const roots = [at, over].map((dag) => dag.finish().root).map(({ kind, digest }) => cidOf(kind, digest).toString())
    expect(roots).toEqual([atCid, overCid])
  })
})

describe('directories of IPIP-499', () => {
  /** Kubo's `createDeterministicFiles`: names of random letters, each file the letter x. */
  function names(seed: string, count: number, length: number, lastLength = length): string[] {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz01234567890-_'
    const random = new KuboRandom(seed)
    return Array.from({ length: count }, (_, index) => {
      const bytes = random.bytes(index === count - 1 ? lastLength : length)
      return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join('')
    })
  }

  function directoryOfX(name: ProfileName, entries: readonly string[]): string {
    const profile = PROFILES[name]
    const x = new FileDag(profile)
    x.push(leafDigest(profile.rawLeaves ? 'raw' : 'pb-file', Buffer.from('x')), 1)
    const { root } = x.finish()
    const links = new LinkList()
    for (const entry of entries.toSorted(compareNames)) {
      links.add(entry, root)
    }
    const nodes = directoryNodes(links, profile)
    for (let next = nodes.next(); ; next = nodes.next()) {
      if (next.done === true) {
        return cidOf(next.value.kind, next.value.digest).toString()
      }
    }
  }

  test.each([
    ['at the threshold', V0, names('hamt-unixfs-v0-2015', 4096, 30), 'QmX5GtRk3TSSEHtdrykgqm4eqMEn3n2XhfkFAis5fjyZmN'],
    [
      'over the threshold',
      V0,
      names('hamt-unixfs-v0-2015', 4033, 31),
      'QmeMiJzmhpJAUgynAcxTQYek5PPKgdv3qEvFsdV3XpVnvP'
    ],
    [
      'at the threshold',
      V1,
      names('hamt-unixfs-v1-2025', 4766, 11, 21),
      'bafybeic3h7rwruealwxkacabdy45jivq2crwz6bufb5ljwupn36gicplx4'
    ],
    [
      'over the threshold',
      V1,
      names('hamt-unixfs-v1-2025', 4766, 11, 22),
      'bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu'
    ]
  ] as const)('%s in profile %s', (_, profile, entries, cid) => {
    expect(directoryOfX(profile, entries)).toBe(cid)
  })

  test.each([
    [V0, 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'],
    [V1, 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354']
  ] as const)('%s: an empty directory', async (profile, cid) => {
    expect((await importId(await tempDir(), { profile })).toString()).toBe(cid)
  })

  it('preserves a symlink', async () => {
    // gateway-conformance fixtures/path_gateway_unixfs/symlink.car
    const path = join(await tempDir(), 'testfiles')
    await mkdir(path)
    await writeFile(join(path, 'foo'), 'content\n')
    await symlink('foo', join(path, 'bar'))
    expect((await importId(path, { profile: V0 })).toString()).toBe('QmWvY6FaqFMS89YAQ9NAPjVP4WZKA1qbHbicc9HeSKQTgt')
  })
})

describe('the trickle DAG of IPIP-499', () => {
  it('has a leaf map although its leaves are at different depths and of UnixFS type Raw', async () => {
    const chunk = 256 * 1024
    const content = new KuboRandom('trickle-test').bytes(45 * 1024 * 1024)
    const blocks = new MemoryBlockstore()
    let root: CID | undefined
    for await (const entry of importer([{ content: [content] }], blocks, {
      profile: V0,
      layout: trickle({ maxChildrenPerNode: 174, layerRepeat: 4 }),
      leafType: 'raw',
      reduceSingleLeafToSelf: false
    })) {
      root = entry.cid
    }
    expect(root?.toString()).toBe('QmbqR6g7YCpndLcCZZXkGyj13uMcSrwDYUvZ47vJqBVjUH')
    const map = await buildLeafMap(root!, nodesOf(blocks), { checkName: () => undefined })
    expect(map.leafCount).toBe(180)
    expect(map.inline).toEqual([])
    for (const index of [0, 1, 173, 174, 179]) {
      expect(verifyLeaf(map, index, content.subarray(index * chunk, (index + 1) * chunk))).toBe(true)
    }
  })
})
