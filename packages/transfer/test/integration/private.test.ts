import { createHash, randomBytes } from 'node:crypto'
import { appendFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '@libp2p/identify'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import type { ProviderRouting } from '@p2pshare/interface'
import { createLibp2p } from 'libp2p'
import type { CID } from 'multiformats/cid'
import { base32 } from 'multiformats/bases/base32'
import { afterEach, describe, expect, test } from 'vitest'
import { ShareSecret, importId, transfer } from '../../src/index.ts'
import type { Share } from '../../src/index.ts'
import { asProvider, collect, fetchUntil, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'
import { Transcript } from './transcript.ts'

const MIB = 1024 * 1024
const harness = new Harness()
const readable: TestNode[] = []
afterEach(async () => {
  await Promise.all(readable.splice(0).map(async (node) => node.stop()))
  await harness.stop()
})

/** A node that encrypts nothing: what is recorded is all that its peers and those between them can see. */
async function readableNode(): Promise<TestNode> {
  const node = (await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [plaintext()],
    streamMuxers: [yamux()],
    services: { identify: identify(), transfer: transfer() }
  })) as unknown as TestNode
  readable.push(node)
  return node
}

function secretOf({ secret }: Share): ShareSecret {
  if (secret === undefined) {
    throw new TypeError('the share is not private')
  }
  return secret
}

async function makeTree(): Promise<{ directory: string; path: string; large: Buffer }> {
  const directory = await harness.directory()
  const path = join(directory, 'diary of a stranger')
  await mkdir(join(path, 'letters/unsent'), { recursive: true })
  await mkdir(join(path, 'nothing in here'))
  const large = randomBytes(3 * MIB + 77)
  await writeFile(join(path, 'letters/unsent/to my aunt.txt'), 'dear aunt, the treasure is under the old tree')
  await writeFile(join(path, 'photograph.raw'), large)
  await writeFile(join(path, 'blank'), '')
  return { directory, path, large }
}

test('a private directory arrives with its names, by its key alone', async () => {
  const { directory, path, large } = await makeTree()
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const share = await seeder.services.transfer.share(path, { private: true })
  expect(share).toMatchObject({ name: 'diary of a stranger', kind: 'directory', files: 3 })

  const options = { output: directory, name: 'copy', providers: [asProvider(seeder)], secret: secretOf(share) }
  const done = await finish(leecher.services.transfer.get(share.root, options))

  expect(done.bytes).toBe(share.bytes)
  expect(done.bytesReceived).toBeLessThan(share.bytes * 1.02)
  expect(await sameBytes(join(directory, 'copy/photograph.raw'), large)).toBe(true)
  expect(await readFile(join(directory, 'copy/letters/unsent/to my aunt.txt'), 'utf8')).toContain('treasure')
  expect((await stat(join(directory, 'copy/blank'))).size).toBe(0)
  expect((await stat(join(directory, 'copy/nothing in here'))).isDirectory()).toBe(true)
  expect((await readdir(directory)).sort()).toEqual(['copy', 'diary of a stranger'])
})

test('a single file, and who has fetched it serves it on', async () => {
  const directory = await harness.directory()
  const bytes = randomBytes(2 * MIB + 5)
  await writeFile(join(directory, 'secret.bin'), bytes)
  const [seeder, second, third] = [await harness.node(), await harness.node(), await harness.node()]
  const share = await seeder.services.transfer.share(join(directory, 'secret.bin'), { private: true })
  const options = { output: directory, secret: secretOf(share) }
  const providers = [asProvider(seeder)]
  await finish(second.services.transfer.get(share.root, { ...options, name: 'second', providers }))
  await seeder.stop()
  await finish(third.services.transfer.get(share.root, { ...options, name: 'third', providers: [asProvider(second)] }))
  expect(await sameBytes(join(directory, 'third'), bytes)).toBe(true)
})

test('only selected files are fetched, by their real names', async () => {
  const { directory, path } = await makeTree()
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const share = await seeder.services.transfer.share(path, { private: true })
  const options = { output: directory, name: 'copy', providers: [asProvider(seeder)], secret: secretOf(share) }
  const done = await finish(leecher.services.transfer.get(share.root, { ...options, select: ['*.txt'] }))
  expect(done.bytes).toBeLessThan(100)
  expect(await readdir(join(directory, 'copy'))).toEqual(['letters'])
})

test('a file that was edited is not served: its nonces meet no second plaintext', async () => {
  const directory = await harness.directory()
  await writeFile(join(directory, 'a'), 'x'.repeat(1000))
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const share = await seeder.services.transfer.share(join(directory, 'a'), { private: true })
  await appendFile(join(directory, 'a'), 'y')
  const options = { output: directory, name: 'b', providers: [asProvider(seeder)], secret: secretOf(share) }
  const said = await fetchUntil(
    (signal) => leecher.services.transfer.get(share.root, { ...options, findTimeoutMs: 50_000, signal }),
    async () => expect.poll(() => seeder.services.transfer.shares(), { timeout: 50_000 }).toEqual([])
  )
  expect(said.map(({ type }) => type)).not.toContain('done')
})

test('the same files shared again are another share with another key', async () => {
  const { path } = await makeTree()
  const seeder = await harness.node()
  const [first, second] = [
    await seeder.services.transfer.share(path, { private: true }),
    await seeder.services.transfer.share(path, { private: true })
  ]
  expect(first.root.equals(second.root)).toBe(false)
})

test('another key opens nothing, and says so', async () => {
  const { directory, path } = await makeTree()
  const [seeder, leecher] = [await harness.node(), await harness.node()]
  const share = await seeder.services.transfer.share(path, { private: true })
  const options = { output: directory, name: 'copy', providers: [asProvider(seeder)], secret: ShareSecret.create() }
  await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
    code: 'ERR_SEALED_LEAF'
  })
  expect(await readdir(directory)).toEqual(['diary of a stranger'])
})

describe('a transcript of everything that seeder, relay and routing see', () => {
  test('holds no key, no name and no hash of what was shared', async () => {
    const { directory, path, large } = await makeTree()
    const [seeder, leecher] = [await readableNode(), await readableNode()]
    const asked: CID[] = []
    const routing: ProviderRouting = {
      provide: async (root) => void asked.push(root),
      cancelProvide: async (root) => void asked.push(root),
      findProviders: async function* (root) {
        asked.push(root)
        yield* []
      }
    }
    seeder.services.transfer.use({ routing })
    leecher.services.transfer.use({ routing })
    const share = await seeder.services.transfer.share(path, { private: true })
    await seeder.services.transfer.announce(share.root)
    const { transcript, provider } = await Transcript.of(asProvider(seeder))
    const secret = secretOf(share)
    const options = { output: directory, name: 'copy', providers: [provider], secret }
    await finish(leecher.services.transfer.get(share.root, options))
    transcript.stop()

    const { bytes } = transcript
    expect(bytes.byteLength).toBeGreaterThan(large.byteLength) // it was recorded, and readable
    expect(bytes.includes(Buffer.from(share.root.multihash.digest))).toBe(true)
    expect(new Set(asked.map(String))).toEqual(new Set([share.root.toString()]))
    for (const [what, part] of Object.entries(await forbidden(path, large, secret, share.root))) {
      expect(bytes.includes(Buffer.from(part)), what).toBe(false)
      expect(bytes.includes(base32.baseEncode(part)), what).toBe(false)
      expect(bytes.includes(Buffer.from(part).toString('hex')), what).toBe(false)
    }
  })
})

/** What must not be seen: the key in whole and in part, names, plaintext, and every hash that names the plaintext. */
async function forbidden(path: string, large: Buffer, secret: ShareSecret, root: CID) {
  const written = base32.baseDecode(secret.toFragment(root))
  const chunks = { leaf: large.subarray(0, MIB), sealed: large.subarray(0, MIB - 16), file: large }
  const hashes = Object.entries(chunks).map(
    ([what, bytes]) => [`hash of ${what}`, createHash('sha256').update(bytes).digest()] as const
  )
  return {
    'share id': written.subarray(1, 17),
    key: written.subarray(17, 49),
    'half of the key': written.subarray(17, 33),
    'name of the directory': Buffer.from('diary of a'),
    'name below': Buffer.from('unsent'),
    'name of a file': Buffer.from('photograph'),
    'small plaintext': Buffer.from('treasure'),
    plaintext: large.subarray(1000, 1032),
    'root of the plain share': (await importId(path)).multihash.digest,
    ...Object.fromEntries(hashes)
  }
}
