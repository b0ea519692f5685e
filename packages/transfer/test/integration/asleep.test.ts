import { randomBytes } from 'node:crypto'
import { access, chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Share, ShareEvents } from '../../src/index.ts'
import { openShareRegistry } from '../../src/store/registry.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { asProvider, collect, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
/** What comes sooner on any machine, unless it never comes. */
const GUARD_MS = 60_000
const FAST = { bytesPerSecond: 1024 * MIB }
const harness = new Harness()
const tmpfs = tmpfsMaker()

afterEach(async () => harness.stop())

/** What a node says about its shares, as it says it. */
function watch({ services }: TestNode) {
  const said: { type: keyof ShareEvents; detail: object }[] = []
  for (const type of ['share:paused', 'share:resumed', 'share:changed', 'share:unreadable'] as const) {
    services.transfer.addEventListener(type, ({ detail }) => said.push({ type, detail }))
  }
  return said
}

/** A node that has shared this and was started anew: its share sleeps. */
async function asleep(path: string, isPrivate = false, between?: (home: string, share: Share) => Promise<void>) {
  const home = await harness.directory()
  const first = await harness.node({ directory: home })
  const share = await first.services.transfer.share(path, { private: isPrivate })
  await first.stop()
  await between?.(home, share)
  const node = await harness.node({ directory: home })
  return { home, node, share, said: watch(node), transfer: node.services.transfer }
}

async function newFile(directory: string, mebibytes = 1) {
  const path = join(directory, 'file.bin')
  const bytes = randomBytes(mebibytes * MIB)
  await writeFile(path, bytes)
  return { path, bytes }
}

const stateOf = async (home: string, { root }: Share) => readdir(join(home, root.toString()))

/** Another node that has all of a share. */
async function holderOf(node: TestNode, { root, secret }: Share): Promise<TestNode> {
  const holder = await harness.node()
  const output = await harness.directory()
  await finish(holder.services.transfer.get(root, { output, providers: [asProvider(node)], ...(secret && { secret }) }))
  return holder
}

describe('a share that sleeps, and whose disk refuses', { timeout: 2 * GUARD_MS }, () => {
  const asks: Record<string, (node: TestNode, share: Share) => Promise<unknown>> = {
    'a scrub': async ({ services }) => {
      expect(await services.transfer.scrub(FAST)).toEqual({ shares: 1, bytes: 0, damaged: 0, unreadable: 1 })
    },
    'a request for a block': async (node, { root }) => {
      const asker = await harness.node()
      await expect(asker.services.transfer.block(root, { providers: [asProvider(node)] })).rejects.toThrow()
    },
    'a peer that wants it': async (node, { root }) => {
      const getter = await harness.node()
      const output = await harness.directory()
      void collect(getter.services.transfer.get(root, { output, providers: [asProvider(node)] })).catch(() => undefined)
    }
  }

  test.each(Object.entries(asks))('stands still after %s, and goes on by itself', async (_, ask) => {
    const directory = join(await harness.directory(), 'disk')
    await mkdir(directory)
    const { path } = await newFile(directory)
    const { node, share, said, transfer } = await asleep(path)
    await rename(directory, `${directory}.away`)
    await ask(node, share)
    await expect
      .poll(() => said[0], { timeout: GUARD_MS })
      .toMatchObject({
        type: 'share:paused',
        detail: { errno: 'ENODEV' }
      })
    expect(transfer.shares()).toHaveLength(1)
    await rename(`${directory}.away`, directory)
    await expect.poll(() => said.at(-1)?.type, { timeout: GUARD_MS }).toBe('share:resumed')
    expect(await transfer.scrub(FAST)).toMatchObject({ shares: 1, damaged: 0, unreadable: 0 })
    expect(said.some(({ type }) => type === 'share:changed')).toBe(false)
  })

  test('is withdrawn when its file is gone, and the event says so', async () => {
    const { path } = await newFile(await harness.directory())
    const { node, share, said } = await asleep(path)
    await rm(path)
    await asks['a request for a block']?.(node, share)
    await expect
      .poll(() => said, { timeout: GUARD_MS })
      .toMatchObject([{ type: 'share:changed', detail: { damaged: [{ path: '', problem: 'was moved or removed' }] } }])
    expect(node.services.transfer.shares()).toEqual([])
  })

  test('a file in it that is its own leaf and is gone is one that was removed', async () => {
    const directory = join(await harness.directory(), 'tree')
    await mkdir(directory)
    await writeFile(join(directory, 'small'), 'small')
    await writeFile(join(directory, 'other'), 'other')
    const { node, said } = await asleep(directory)
    await rm(join(directory, 'small'))
    expect(await node.services.transfer.scrub(FAST)).toMatchObject({ shares: 1, damaged: 1, unreadable: 0 })
    expect(said).toMatchObject([{ type: 'share:changed', detail: { damaged: [{ path: 'small' }] } }])
  })
})

test.skipIf(process.platform === 'win32')(
  'a private share whose key others can read stays, and its event is told once until it was opened',
  async () => {
    const { path } = await newFile(await harness.directory())
    let key = ''
    const { transfer, said } = await asleep(path, true, async (home, { root }) => {
      key = join(home, root.toString(), 'secret.key')
      await chmod(key, 0o644)
    })
    const unreadable = { shares: 1, bytes: 0, damaged: 0, unreadable: 1 }
    expect(await transfer.scrub(FAST)).toEqual(unreadable)
    expect(await transfer.scrub(FAST)).toEqual(unreadable)
    expect(said).toMatchObject([{ type: 'share:unreadable', detail: { path, error: { code: 'ERR_SHARE_KEY' } } }])
    expect(transfer.shares()).toHaveLength(1)
    await chmod(key, 0o600)
    expect(await transfer.scrub(FAST)).toMatchObject({ shares: 1, damaged: 0, unreadable: 0 })
  }
)

describe('a share that is not where it was', { timeout: 2 * GUARD_MS }, () => {
  test('on another file system than it was is on a disk that is not there: nothing of it is forgotten', async () => {
    const { path } = await newFile(await harness.directory())
    const { home, share, said, transfer } = await asleep(path, true, async (home, { root }) => {
      const registry = await openShareRegistry(home)
      const record = await registry.get(root)
      expect(record?.devices).toEqual({ parent: expect.any(Number) as number, root: expect.any(Number) as number })
      await registry.put({ ...record!, devices: { parent: -1, root: -1 } })
      await rename(path, `${path}.away`)
    })
    const before = await stateOf(home, share)
    const get = transfer.get(share.root, { output: await harness.directory(), secret: share.secret! })
    await expect(collect(get)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENODEV' })
    expect(await transfer.scrub(FAST)).toMatchObject({ damaged: 0, unreadable: 1 })
    expect(await stateOf(home, share)).toEqual(before)
    await rename(`${path}.away`, path)
    await expect.poll(() => said.at(-1)?.type, { timeout: GUARD_MS }).toBe('share:resumed')
    // the numbers of a system that was started anew are noted
    const record = await (await openShareRegistry(home)).get(share.root)
    expect(record?.devices?.parent).not.toBe(-1)
  })

  test.skipIf(tmpfs === undefined).each([
    ['a file on a disk', (disk: string) => join(disk, 'file.bin')],
    ['all of a disk', (disk: string) => disk]
  ])('%s that is pulled out is not removed: not to a look at it, nor after a restart', async (_, pathOn) => {
    const disk = await harness.disk(tmpfs, '8m')
    const away = await harness.directory()
    await newFile(disk)
    const home = await harness.directory()
    const first = await harness.node({ directory: home })
    const { root } = await first.services.transfer.share(pathOn(disk))
    tmpfs?.move(disk, away)
    try {
      await expect(first.services.transfer.verify(root)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENODEV' })
      await first.stop()
      const again = await harness.node({ directory: home })
      const said = watch(again)
      expect(await again.services.transfer.scrub(FAST)).toMatchObject({ damaged: 0, unreadable: 1 })
      tmpfs?.move(away, disk)
      await expect.poll(() => said.at(-1)?.type, { timeout: GUARD_MS }).toBe('share:resumed')
      expect(await again.services.transfer.verify(root)).toEqual({ bytes: MIB, damaged: [] })
    } finally {
      // for the end of the test
      if ((await readdir(disk)).length === 0) {
        tmpfs?.move(away, disk)
      }
    }
  })

  test('and that nobody else has is remembered with its key, and takes the place of what was fetched in vain', async () => {
    const { path } = await newFile(await harness.directory())
    const { home, share, transfer } = await asleep(path, true)
    await rm(path)
    const before = await stateOf(home, share)
    const options = { output: await harness.directory(), secret: share.secret!, findTimeoutMs: 50 }
    await expect(collect(transfer.get(share.root, options))).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' })
    expect(await stateOf(home, share)).toEqual(before)
    expect(transfer.shares()).toMatchObject([{ path, isPrivate: true }])
  })

  test.each([
    ['is remembered where it is now', undefined, false],
    ['is remembered where it is now, with its key', undefined, true],
    ['is forgotten when it is not seeded', false, false],
    ['keeps its key when it is not seeded', false, true]
  ])('and was fetched again %s', async (_, seed, isPrivate) => {
    const { path, bytes } = await newFile(await harness.directory(), 2)
    const { home, node, share } = await asleep(path, isPrivate)
    const holder = await holderOf(node, share)
    await node.stop()
    await rm(path)
    const again = await harness.node({ directory: home })
    const output = await harness.directory()
    await finish(
      again.services.transfer.get(share.root, {
        output,
        name: 'copy',
        providers: [asProvider(holder)],
        ...(seed === undefined ? {} : { seed }),
        ...(share.secret && { secret: share.secret })
      })
    )
    expect(await sameBytes(join(output, 'copy'), bytes)).toBe(true)
    const record = await (await openShareRegistry(home)).get(share.root)
    expect(record?.path).toBe(seed === undefined ? join(output, 'copy') : isPrivate ? path : undefined)
    const hasKey = access(join(home, share.root.toString(), 'secret.key')).then(
      () => true,
      () => false
    )
    expect(await hasKey).toBe(isPrivate)
  })
})

describe('what a user does while a share is read', () => {
  /** A node with a home that shares a tree of two files. */
  async function tree() {
    const home = await harness.directory()
    const node = await harness.node({ directory: home })
    const directory = join(await harness.directory(), 'tree')
    await mkdir(directory)
    await writeFile(join(directory, 'a.txt'), randomBytes(2 * MIB))
    await writeFile(join(directory, 'b.bin'), randomBytes(2 * MIB))
    const { transfer } = node.services
    return { home, node, directory, transfer, share: await transfer.share(directory), said: watch(node) }
  }

  test('unsharing it ends its scrub without a word about damage', async () => {
    const { transfer, share, said, directory } = await tree()
    let unshared: Promise<void> | undefined
    const onProgress = (): void => {
      unshared ??= transfer.unshare(share.root).then(async () => rm(directory, { recursive: true }))
    }
    expect(await transfer.scrub({ ...FAST, onProgress })).toMatchObject({ shares: 0, damaged: 0, unreadable: 0 })
    await unshared
    expect(said).toEqual([])
  })

  test('unsharing it leaves nothing of it, though a look at it ends later', async () => {
    const { home, transfer, share } = await tree()
    let unshared: Promise<void> | undefined
    const onProgress = (): void => {
      unshared ??= transfer.unshare(share.root)
    }
    await transfer.verify(share.root, { onProgress })
    await unshared
    expect(await readdir(home)).toEqual([])
  })

  test('a scrub goes on, and blames nobody, when it cannot be noted how far it is', async () => {
    const { home, transfer, said } = await tree()
    await mkdir(join(home, 'scrub.json', 'in the way'), { recursive: true })
    expect(await transfer.scrub(FAST)).toEqual({ shares: 1, bytes: 4 * MIB, damaged: 0, unreadable: 0 })
    expect(said).toEqual([])
    expect(transfer.shares()).toHaveLength(1)
  })

  test('unsharing it while more of it is fetched does not bring back what was here', async () => {
    const { node, share } = await tree()
    const holder = await harness.node({ directory: await harness.directory() })
    const { transfer } = holder.services
    const options = { output: await harness.directory(), providers: [asProvider(node)] }
    await finish(transfer.get(share.root, { ...options, name: 'part', select: ['*.txt'] }))
    const rest = async (): Promise<void> => {
      for await (const event of transfer.get(share.root, { ...options, name: 'all' })) {
        if (event.type === 'started') {
          await transfer.unshare(share.root)
        }
      }
    }
    await expect(rest()).rejects.toThrow()
    expect(transfer.shares()).toEqual([])
  })
})
