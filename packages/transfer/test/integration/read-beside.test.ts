import { randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { afterEach, describe, expect, test } from 'vitest'
import type { ReadOptions } from '../../src/index.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { asProvider, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
/** On a machine that is busy with other things. */
const LONG_MS = 240_000
const harness = new Harness()
const tmpfs = tmpfsMaker()

afterEach(async () => harness.stop())

/** A node that shares a directory of these files. */
async function seed(files: Record<string, Uint8Array>, isPrivate = false, uploadBytesPerSecond = Infinity) {
  const [node, directory] = [await harness.node({ uploadBytesPerSecond }), await harness.directory()]
  await mkdir(join(directory, 'tree'))
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(directory, 'tree', name), bytes)
  }
  const { root, secret } = await node.services.transfer.share(join(directory, 'tree'), { private: isPrivate })
  return { node, directory, root, providers: [asProvider(node)], key: secret && { secret } }
}

async function readAll(node: TestNode, root: CID, options: ReadOptions): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of node.services.transfer.read(root, options)) {
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await sleep(10)
  }
}

const temporaries = async (home: string): Promise<string[]> => readdir(join(home, 'reads')).catch(() => [])

describe('a share of which a part is here', { timeout: LONG_MS }, () => {
  /** `a` is here, and `b` is not. */
  async function partly() {
    const files = { a: randomBytes(MIB), b: randomBytes(2 * MIB) }
    const seeder = await seed(files)
    const home = await harness.directory()
    const node = await harness.node({ directory: home })
    const options = { output: await harness.directory(), name: 'copy', select: ['a'], providers: seeder.providers }
    await finish(node.services.transfer.get(seeder.root, options))
    return { ...seeder, seeder: seeder.node, node, home, files }
  }

  test('that is unshared while another part of it is read stays so', async () => {
    const { node, home, root, providers } = await partly()
    const { transfer } = node.services
    const reading = transfer.read(root, { path: 'b', providers })
    await reading.next()
    await transfer.unshare(root)
    await reading.return()
    await until(async () => (await temporaries(home)).length === 0)
    await turn()
    expect(transfer.shares()).toEqual([])
  })

  test('is served again when another part of it could not be read', async () => {
    const { node, home, root, seeder, files } = await partly()
    await seeder.stop()
    await expect(readAll(node, root, { path: 'b', findTimeoutMs: 200 })).rejects.toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND'
    })
    await until(async () => (await temporaries(home)).length === 0)
    expect(node.services.transfer.shares()).toMatchObject([{ name: 'copy', have: 1 }])
    expect((await readAll(node, root, { path: 'a' })).equals(files.a)).toBe(true)
  })

  test.each([[['get', 'read']], [['read', 'get']]])('is read and fetched at the same time: %s', async (order) => {
    const { node, root, providers, directory, files } = await partly()
    const { transfer } = node.services
    const begin = {
      get: async () => finish(transfer.get(root, { output: directory, name: 'all', providers })),
      read: async () => readAll(node, root, { path: 'b', providers })
    }
    const [one, other] = order.map((name) => (name === 'get' ? begin.get() : begin.read()))
    const results = await Promise.all([one, other])
    expect(results.some((result) => result instanceof Buffer && result.equals(files.b))).toBe(true)
    expect(await sameBytes(join(directory, 'all/b'), files.b)).toBe(true)
  })
})

describe('a share of which nothing is here', { timeout: LONG_MS }, () => {
  test('is read and fetched at the same time', async () => {
    const files = { a: randomBytes(MIB) }
    const { root, providers, directory } = await seed(files)
    const node = await harness.node()
    const { transfer } = node.services
    const read = readAll(node, root, { path: 'a', providers })
    const got = finish(transfer.get(root, { output: directory, name: 'all', providers }))
    expect((await read).equals(files.a)).toBe(true)
    await got
    expect(await sameBytes(join(directory, 'all/a'), files.a)).toBe(true)
  })

  test('is fetched no more when its reader has left', async () => {
    const { node: seeder, root, providers } = await seed({ a: randomBytes(16 * MIB) }, false, 2 * MIB)
    const node = await harness.node()
    for await (const part of node.services.transfer.read(root, { path: 'a', providers })) {
      expect(part.byteLength).toBe(MIB)
      break
    }
    const sent = (): number => seeder.services.transfer.shares()[0]?.bytesSent ?? 0
    for (let [before, now] = [-1, sent()]; before < now; [before, now] = [now, sent()]) {
      await sleep(1000) // what was on its way
    }
    expect(sent()).toBeLessThan(12 * MIB)
  })
})

describe('a private share', { timeout: LONG_MS }, () => {
  const file = randomBytes(2 * MIB)

  test('is read with its key after somebody tried without, and the other way round', async () => {
    const { root, providers, key } = await seed({ file }, true)
    const node = await harness.node()
    const withKey = { path: 'file', providers, ...key }
    for (let time = 0; time < 2; time++) {
      const without = readAll(node, root, { path: 'file', providers })
      await expect(without).rejects.toMatchObject({ code: 'ERR_PATH_NOT_FOUND' })
      expect((await readAll(node, root, withKey)).equals(file)).toBe(true)
    }
    const reading = node.services.transfer.read(root, withKey)
    await reading.next()
    await expect(readAll(node, root, { path: 'file', providers })).rejects.toMatchObject({
      code: 'ERR_ALREADY_FETCHING'
    })
    await reading.return()
  })

  test('that is fetched with its key is not read without', async () => {
    const { root, providers, key, directory } = await seed({ file }, true, MIB)
    const node = await harness.node()
    const options = { output: directory, name: 'copy', providers, ...key }
    for await (const { type } of node.services.transfer.get(root, options)) {
      if (type === 'map') {
        await expect(readAll(node, root, { path: 'file' })).rejects.toMatchObject({ code: 'ERR_ALREADY_FETCHING' })
      }
    }
  })
})

describe('nothing is left of what was read', { timeout: LONG_MS }, () => {
  test('when the node stops while it is opened', async () => {
    const { root, providers } = await seed({ a: randomBytes(MIB) })
    for (let turns = 0; turns < 24; turns += 3) {
      const home = await harness.directory()
      const node = await harness.node({ directory: home })
      const reading = readAll(node, root, { path: 'a', providers }).catch((error: unknown) => error)
      await until(async () => (await temporaries(home)).length > 0)
      for (let each = 0; each < turns; each++) {
        await turn()
      }
      await node.stop()
      expect(await temporaries(home)).toEqual([])
      await reading
    }
  })

  test.skipIf(tmpfs === undefined)('when the disk is full, and the node lives on', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`file ${at}`, Buffer.from(`${at}`)]))
    const { root, providers } = await seed(files)
    const home = await harness.disk(tmpfs, '128k')
    const node = await harness.node({ directory: home })
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => {
      unhandled.push(reason)
    }
    process.on('unhandledRejection', note)
    await expect(readAll(node, root, { path: 'file 7', providers })).rejects.toMatchObject({ code: 'ERR_DISK' })
    await until(async () => (await temporaries(home)).length === 0)
    await node.stop()
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})
