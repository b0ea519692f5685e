import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ShareSecret } from '../../src/index.ts'
import type { Share, ShareEvents } from '../../src/index.ts'
import { asProvider, collect, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()
afterEach(async () => harness.stop())

function secretOf({ secret }: Share): ShareSecret {
  if (secret === undefined) {
    throw new TypeError('the share is not private')
  }
  return secret
}

/** A directory that was shared privately by a node with a home. */
async function shared() {
  const directory = await harness.directory()
  const home = await harness.directory()
  const path = join(directory, 'diary')
  const large = randomBytes(2 * MIB + 77)
  await mkdir(path)
  await writeFile(join(path, 'day one.txt'), 'dear diary')
  await writeFile(join(path, 'photograph.raw'), large)
  const node = await harness.node({ directory: home })
  const share = await node.services.transfer.share(path, { private: true })
  return { directory, home, path, large, node, share, secret: secretOf(share) }
}

function changes(node: TestNode): Array<ShareEvents['share:changed']['detail']> {
  const said: Array<ShareEvents['share:changed']['detail']> = []
  node.services.transfer.addEventListener('share:changed', ({ detail }) => said.push(detail))
  return said
}

/** Change a byte so that neither size nor times tell: what a disk does that rots. */
async function rot(path: string): Promise<void> {
  const { atime, mtime } = await stat(path)
  const file = await open(path, 'r+')
  await file.write(Buffer.from([0]), 0, 1, 0)
  await file.write(Buffer.from([1, 2, 3, 4]), 0, 4, 1)
  await file.close()
  await utimes(path, atime, mtime)
}

describe('a private share of an earlier run', () => {
  test('is served under the same link, and its key is in one file, for its owner alone', async () => {
    const { directory, home, large, node, share, secret } = await shared()
    await node.stop()
    const again = await harness.node({ directory: home })
    expect(again.services.transfer.shares()).toMatchObject([{ name: 'diary', files: 2, isPrivate: true }])
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(again)], secret }
    await finish(leecher.services.transfer.get(share.root, options))
    expect(await sameBytes(join(directory, 'copy/photograph.raw'), large)).toBe(true)

    const key = secret.toFragment(share.root)
    const withKey: string[] = []
    for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name)
      if (entry.isFile() && (await readFile(file, 'latin1')).includes(key)) {
        withKey.push(entry.name)
        expect((await stat(file)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600)
      }
    }
    expect(withKey).toEqual(['secret.key'])
  })

  test('is verified and scrubbed as others are, and no longer served when it has rotted', async () => {
    const { home, path, node, share } = await shared()
    const { transfer } = node.services
    expect(await transfer.verify(share.root)).toEqual({ bytes: share.bytes, damaged: [] })
    await node.stop()
    const again = await harness.node({ directory: home })
    expect(await again.services.transfer.scrub({ bytesPerSecond: 1024 * MIB })).toMatchObject({ shares: 1, damaged: 0 })
    const said = changes(again)
    await rot(join(path, 'photograph.raw'))
    const { damaged } = await again.services.transfer.verify(share.root)
    expect(damaged).toEqual([{ path: 'photograph.raw', problem: '1 of 3 leaves do not match their hash' }])
    expect(said).toMatchObject([{ path, damaged }])
  })

  test('that rotted is found by a scrub', async () => {
    const { home, path, node } = await shared()
    await node.stop()
    await rot(join(path, 'photograph.raw'))
    const again = await harness.node({ directory: home })
    const said = changes(again)
    expect(await again.services.transfer.scrub({ bytesPerSecond: 1024 * MIB })).toMatchObject({ shares: 1, damaged: 1 })
    await expect.poll(() => said, { timeout: 60_000 }).toMatchObject([{ damaged: [{ path: 'photograph.raw' }] }])
    expect(again.services.transfer.shares()).toEqual([])
  })

  test('whose file was only touched is hashed and served on; one that was edited is not', async () => {
    const { directory, home, path, node, share, secret } = await shared()
    await node.stop()
    await utimes(join(path, 'photograph.raw'), new Date(), new Date())
    const again = await harness.node({ directory: home })
    const said = changes(again)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(again)], secret }
    await finish(leecher.services.transfer.get(share.root, options))
    expect(said).toEqual([])
    await leecher.stop()
    await writeFile(join(path, 'photograph.raw'), randomBytes(2 * MIB + 77))
    const other = await harness.node()
    const late = { ...options, name: 'late', findTimeoutMs: 2_000, stallTimeoutMs: 2_000 }
    await expect(collect(other.services.transfer.get(share.root, late))).rejects.toThrow()
    await expect.poll(() => said, { timeout: 60_000 }).toMatchObject([{ damaged: [{ path: 'photograph.raw' }] }])
  })

  test('is forgotten with its key when it is unshared', async () => {
    const { home, node, share } = await shared()
    await node.services.transfer.unshare(share.root)
    expect(await readdir(home, { recursive: true })).toEqual([])
  })

  test('is read by its key, here and elsewhere', async () => {
    const { home, large, node, share, secret } = await shared()
    await node.stop()
    const again = await harness.node({ directory: home })
    const other = await harness.node()
    const options = { path: 'photograph.raw', offset: MIB - 5, length: MIB, providers: [asProvider(again)], secret }
    for (const who of [again, other]) {
      const parts: Uint8Array[] = []
      for await (const part of who.services.transfer.read(share.root, options)) {
        parts.push(part)
      }
      expect(Buffer.concat(parts).equals(large.subarray(MIB - 5, 2 * MIB - 5))).toBe(true)
    }
    const wrong = again.services.transfer.read(share.root, { ...options, secret: ShareSecret.create() })
    await expect(wrong.next()).rejects.toMatchObject({ code: 'ERR_SEALED_LEAF' })
  })

  test('is not served without its key', async () => {
    const { directory, home, node, share, secret } = await shared()
    await node.stop()
    await rm(join(home, share.root.toString(), 'secret.key'))
    const again = await harness.node({ directory: home })
    await expect(again.services.transfer.verify(share.root)).rejects.toMatchObject({ code: 'ERR_SHARE_KEY' })
    const options = { output: directory, name: 'copy', secret }
    await expect(collect(again.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_SHARE_KEY'
    })
  })
})

describe('a private share that was fetched', () => {
  test('is served by a later run, and copied for who asks for it here with the right key', async () => {
    const { directory, node, large, share, secret } = await shared()
    const home = await harness.directory()
    const options = { output: directory, name: 'copy', secret }
    const second = await harness.node({ directory: home })
    await finish(second.services.transfer.get(share.root, { ...options, providers: [asProvider(node)] }))
    await node.stop()
    await second.stop()

    const again = await harness.node({ directory: home })
    const third = await harness.node()
    const providers = [asProvider(again)]
    await finish(third.services.transfer.get(share.root, { ...options, name: 'third', providers }))
    expect(await sameBytes(join(directory, 'third/photograph.raw'), large)).toBe(true)
    await finish(again.services.transfer.get(share.root, { ...options, name: 'fourth' }))
    expect(await sameBytes(join(directory, 'fourth/photograph.raw'), large)).toBe(true)
    const wrong = { ...options, name: 'fifth', secret: ShareSecret.create() }
    await expect(collect(again.services.transfer.get(share.root, wrong))).rejects.toMatchObject({
      code: 'ERR_SEALED_LEAF'
    })
    expect((await readdir(directory)).sort()).toEqual(['copy', 'diary', 'fourth', 'third'])
  })

  test('in part is remembered as that part, and the rest can be had later', async () => {
    const { directory, node, large, share, secret } = await shared()
    const home = await harness.directory()
    const options = { output: directory, secret, providers: [asProvider(node)] }
    const part = { ...options, name: 'part', priorities: [{ glob: '*.raw', priority: 'skip' as const }] }
    const second = await harness.node({ directory: home })
    await finish(second.services.transfer.get(share.root, part))
    await second.stop()
    const again = await harness.node({ directory: home })
    expect(await again.services.transfer.verify(share.root)).toMatchObject({ bytes: 10, damaged: [] })
    await finish(again.services.transfer.get(share.root, { ...options, name: 'all' }))
    expect(await sameBytes(join(directory, 'all/photograph.raw'), large)).toBe(true)
    expect(await again.services.transfer.verify(share.root)).toEqual({ bytes: share.bytes, damaged: [] })
  })
})
