import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '@p2pshare/testkit'
import type { CID } from 'multiformats/cid'
import { afterEach, describe, expect, test } from 'vitest'
import type { ReadOptions, TransferEvent } from '../../src/index.ts'
import { MAX_READ_AHEAD_BYTES } from '../../src/read/read-ahead.ts'
import { asProvider, collect, finish, forge, Harness, sameBytes, writeAlike } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
/** On a machine that is busy with other things. */
const LONG_MS = 240_000
const harness = new Harness()
afterEach(() => harness.stop())

/** A node that shares `bytes` as a file, and sends so much of it a second. */
async function seed(bytes: Uint8Array, uploadBytesPerSecond = Infinity) {
  const seeder = await harness.node({ uploadBytesPerSecond })
  const directory = await harness.directory()
  const path = join(directory, 'source.bin')
  await writeAlike(path, bytes)
  const { root } = await seeder.services.transfer.share(path)
  return { seeder, directory, path, root }
}

/** A node with a home, where what it reads is kept meanwhile. */
async function reader() {
  const home = await harness.directory()
  return { node: await harness.node({ directory: home }), home }
}

async function readAll(node: TestNode, root: CID, options: ReadOptions): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of node.services.transfer.read(root, options)) {
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Leaves of the only share of a node. */
const leavesOf = (node: TestNode): number => node.services.transfer.shares()[0]?.have ?? 0

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('alone', { timeout: LONG_MS }, () => {
  test('a part of a file comes before the rest, and the rest does not come', async () => {
    const bytes = randomBytes(24 * MIB)
    const { seeder, root } = await seed(bytes)
    const { node, home } = await reader()
    const [offset, length] = [17 * MIB + 1000, 2 * MIB]

    const read = await readAll(node, root, { offset, length, providers: [asProvider(seeder)] })

    expect(read.equals(bytes.subarray(offset, offset + length))).toBe(true)
    expect(leavesOf(node)).toBe(3)
    expect(seeder.services.transfer.shares()[0]?.bytesSent).toBeLessThan(3.1 * MIB)
    // it goes away with the node at the latest
    expect(await readdir(join(home, 'reads'))).toHaveLength(1)
    await node.stop()
    expect(await readdir(join(home, 'reads'))).toEqual([])
  })

  test('the first bytes come while the rest is still on its way', async () => {
    const bytes = randomBytes(12 * MIB)
    const { seeder, root } = await seed(bytes, 4 * MIB)
    const { node } = await reader()
    const parts: Uint8Array[] = []
    let atFirst: number | undefined
    for await (const part of node.services.transfer.read(root, { providers: [asProvider(seeder)] })) {
      atFirst ??= leavesOf(node)
      parts.push(part)
    }
    expect(atFirst).toBeLessThan(12)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  test('50 seeks read what is there, over one session, and nothing twice', async () => {
    const bytes = randomBytes(10 * MIB + 77)
    const { seeder, root } = await seed(bytes)
    const { node } = await reader()
    const random = seededRandom('seeks')
    for (let seek = 0; seek < 50; seek++) {
      const offset = random.int(bytes.byteLength)
      const length = 1 + random.int(100_000)
      const read = await readAll(node, root, { offset, length, providers: [asProvider(seeder)] })
      expect(read.equals(bytes.subarray(offset, offset + length))).toBe(true)
    }
    const { bytesSent } = seeder.services.transfer.shares()[0] ?? { bytesSent: Infinity }
    expect(bytesSent).toBeLessThan(bytes.byteLength * 1.01)
  })

  test('a reader that is slow has MAX_READ_AHEAD_BYTES ahead of it at most', async () => {
    const ahead = MAX_READ_AHEAD_BYTES / MIB
    const bytes = randomBytes((ahead + 6) * MIB)
    const { seeder, root } = await seed(bytes)
    const { node } = await reader()
    let leaf = 0
    for await (const part of node.services.transfer.read(root, { providers: [asProvider(seeder)] })) {
      if (leaf === 0) {
        await until(() => leavesOf(node) === ahead) // all that may come without another look
      }
      expect(leavesOf(node)).toBeLessThanOrEqual(leaf + ahead)
      expect(Buffer.compare(part, bytes.subarray(leaf * MIB, (leaf + 1) * MIB))).toBe(0)
      leaf++
    }
    expect(leaf).toBe(ahead + 6)
  })

  test('a download of the same share takes over from a reader, who reads on', async () => {
    const bytes = randomBytes(6 * MIB)
    const { seeder, root, directory } = await seed(bytes)
    const { node } = await reader()
    const providers = [asProvider(seeder)]
    const read = node.services.transfer.read(root, { providers })
    const first = await read.next()
    const done = finish(node.services.transfer.get(root, { output: directory, name: 'copy', providers }))
    const parts = [first.value ?? Buffer.of()]
    for await (const part of read) {
      parts.push(part)
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    await done
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('a file of a directory, a small one, and an empty one', async () => {
    const [seeder, { node }] = [await harness.node(), await reader()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree/sub'), { recursive: true })
    const large = randomBytes(3 * MIB)
    await writeFile(join(directory, 'tree/sub/large'), large)
    await writeFile(join(directory, 'tree/small'), 'a few bytes')
    await writeFile(join(directory, 'tree/empty'), '')
    for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015'] as const) {
      const { root } = await seeder.services.transfer.share(join(directory, 'tree'), { profile })
      const read = async (path: string): Promise<Buffer> =>
        readAll(node, root, { path, providers: [asProvider(seeder)] })
      expect((await read('small')).toString()).toBe('a few bytes')
      expect(await read('empty')).toHaveLength(0)
      expect((await read('/sub/large')).equals(large)).toBe(true)
    }
  })

  test('no byte of a peer that lies is handed out', async () => {
    const bytes = randomBytes(8 * MIB)
    const { seeder: liar, path, root, directory } = await seed(bytes)
    const honest = await harness.node()
    await writeFile(join(directory, 'honest.bin'), bytes)
    await honest.services.transfer.share(join(directory, 'honest.bin'))
    await forge(path, bytes)
    const { node } = await reader()
    let at = 0
    const providers = [asProvider(liar), asProvider(honest)]
    for await (const part of node.services.transfer.read(root, { providers })) {
      expect(Buffer.compare(part, bytes.subarray(at, at + part.byteLength))).toBe(0)
      at += part.byteLength
    }
    expect(at).toBe(bytes.byteLength)
  })

  test('a private share is read by its key', async () => {
    const [seeder, { node }] = [await harness.node(), await reader()]
    const directory = await harness.directory()
    const bytes = randomBytes(3 * MIB)
    await mkdir(join(directory, 'diary'))
    await writeFile(join(directory, 'diary/secret.bin'), bytes)
    const { root, secret } = await seeder.services.transfer.share(join(directory, 'diary'), { private: true })
    const options = { path: 'secret.bin', offset: MIB, length: MIB, providers: [asProvider(seeder)] }
    const expected = bytes.subarray(MIB, 2 * MIB)
    for (const who of [node, seeder]) {
      const read = await readAll(who, root, { ...options, ...(secret && { secret }) })
      expect(read.equals(expected)).toBe(true)
    }
  })
})

describe('of a share that is here', () => {
  test('any offset and length', async () => {
    const bytes = randomBytes(3 * MIB + 5)
    const { seeder, root } = await seed(bytes)
    const random = seededRandom('ranges')
    for (let turn = 0; turn < 30; turn++) {
      const offset = random.int(bytes.byteLength + 1)
      const length = random.int(2 * MIB)
      const read = await readAll(seeder, root, { offset, length })
      expect(read.equals(bytes.subarray(offset, offset + length))).toBe(true)
    }
  })

  test('what was edited is not handed out, and not shared any more', async () => {
    const { seeder, root, path } = await seed(randomBytes(2 * MIB))
    const changed = Promise.withResolvers<unknown>()
    seeder.services.transfer.addEventListener('share:changed', changed.resolve)
    await writeAlike(path, randomBytes(2 * MIB))
    await expect(readAll(seeder, root, {})).rejects.toMatchObject({ code: 'ERR_SOURCE_CHANGED' })
    await changed.promise
  })
})

describe('while it is fetched', { timeout: LONG_MS }, () => {
  test('what is read comes first, whatever the order of the download', async () => {
    const bytes = randomBytes(24 * MIB)
    const { seeder, root, directory } = await seed(bytes, 3 * MIB)
    const { node } = await reader()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const getting = finish(node.services.transfer.get(root, options))
    await until(() => leavesOf(node) > 0)
    const before = leavesOf(node)
    const offset = 23 * MIB + 5
    const read = await readAll(node, root, { offset })
    const after = leavesOf(node)
    expect(read.equals(bytes.subarray(offset))).toBe(true)
    expect(after - before).toBeLessThan(12) // in the order of the first pass it would be among the last
    await getting
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('a file that was not selected is, from then on', async () => {
    const [seeder, { node }] = [await harness.node({ uploadBytesPerSecond: 4 * MIB }), await reader()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree'))
    const [a, b] = [randomBytes(6 * MIB), randomBytes(2 * MIB)]
    await writeFile(join(directory, 'tree/a'), a)
    await writeFile(join(directory, 'tree/[b]'), b)
    await writeFile(join(directory, 'tree/c'), 'not wanted')
    const { root } = await seeder.services.transfer.share(join(directory, 'tree'))
    const options = { output: directory, name: 'copy', select: ['a'], providers: [asProvider(seeder)] }
    const getting = finish(node.services.transfer.get(root, options))
    await until(() => leavesOf(node) > 0)
    expect((await readAll(node, root, { path: '[b]' })).equals(b)).toBe(true)
    await getting
    expect((await readdir(join(directory, 'copy'))).sort()).toEqual(['[b]', 'a'])
    expect(await sameBytes(join(directory, 'copy/a'), a)).toBe(true)
    expect(await sameBytes(join(directory, 'copy/[b]'), b)).toBe(true)
  })

  test('a reader goes on alone when the download is given up', async () => {
    const bytes = randomBytes(6 * MIB)
    const { seeder, root, directory } = await seed(bytes, 6 * MIB)
    const { node } = await reader()
    const stop = new AbortController()
    const options = { output: directory, name: 'copy', signal: stop.signal, providers: [asProvider(seeder)] }
    const getting = collect(node.services.transfer.get(root, options)).catch((error: unknown) => error)
    await until(() => leavesOf(node) > 0)
    const parts: Uint8Array[] = []
    for await (const part of node.services.transfer.read(root, { providers: [asProvider(seeder)] })) {
      parts.push(part)
      stop.abort()
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    expect(await getting).toMatchObject({ name: 'AbortError' })
  })
})

describe('what cannot be read', () => {
  test('is said: no such path, a directory, behind the end, nobody has it, given up', async () => {
    const [seeder, { node }] = [await harness.node(), await reader()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree'))
    await writeFile(join(directory, 'tree/file'), 'bytes')
    const { root } = await seeder.services.transfer.share(join(directory, 'tree'))
    const providers = [asProvider(seeder)]
    const failure = async (options: ReadOptions, who = node): Promise<unknown> =>
      readAll(who, root, options).catch((error: unknown) => error)
    for (const who of [seeder, node]) {
      expect(await failure({ path: 'no', providers }, who)).toMatchObject({ code: 'ERR_PATH_NOT_FOUND' })
      expect(await failure({ providers }, who)).toMatchObject({ code: 'ERR_PATH_IS_DIRECTORY' })
      expect(await failure({ path: 'file', offset: 6, providers }, who)).toMatchObject({
        code: 'ERR_OFFSET_BEYOND_END'
      })
    }
    expect(await failure({ path: 'file', offset: -1, providers })).toMatchObject({ code: 'ERR_INVALID_OPTION' })
    const other = (await reader()).node
    expect(await failure({ path: 'file' }, other)).toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' })
    const signal = AbortSignal.abort()
    expect(await failure({ path: 'file', providers, signal })).toMatchObject({ name: 'AbortError' })
  })

  test('a reader that gives up while it waits hears so at once', async () => {
    const { seeder, root } = await seed(randomBytes(4 * MIB), 16 * 1024)
    const { node } = await reader()
    const stop = new AbortController()
    const read = node.services.transfer.read(root, { providers: [asProvider(seeder)], signal: stop.signal }).next()
    await until(() => node.services.transfer.shares().length > 0)
    stop.abort()
    await expect(read).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('a choice that changes while leaves are fetched', { timeout: LONG_MS }, () => {
  async function tree(uploadBytesPerSecond: number) {
    const [seeder, { node }] = [await harness.node({ uploadBytesPerSecond }), await reader()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree'))
    const contents = new Map(['a', 'b', 'c', 'd'].map((name) => [name, randomBytes(4 * MIB)]))
    for (const [name, bytes] of contents) {
      await writeFile(join(directory, 'tree', name), bytes)
    }
    const { root } = await seeder.services.transfer.share(join(directory, 'tree'))
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    return { node, root, directory, options, contents }
  }

  test('what is chosen is fetched too, what is not any more is left out', async () => {
    const { node, root, directory, options, contents } = await tree(4 * MIB)
    const { transfer } = node.services
    const events: TransferEvent[] = []
    for await (const event of transfer.get(root, { ...options, select: ['a', 'b'], order: 'sequential' })) {
      if (event.type === 'map' && events.every(({ type }) => type !== 'map')) {
        await transfer.choose(root, { select: ['a', 'c', 'd'], priorities: [{ glob: 'd', priority: 'skip' }] })
      }
      events.push(event)
    }
    const maps = events.flatMap((event) => (event.type === 'map' ? [[event.files, event.bytesTotal]] : []))
    expect(maps).toEqual([
      [2, 8 * MIB],
      [2, 8 * MIB]
    ])
    expect(events.at(-1)).toMatchObject({ type: 'done', bytes: 8 * MIB })
    expect((await readdir(join(directory, 'copy'))).sort()).toEqual(['a', 'c'])
    for (const name of ['a', 'c']) {
      expect((await readFile(join(directory, 'copy', name))).equals(contents.get(name) ?? Buffer.of())).toBe(true)
    }
  })

  test('a file that was whole when it was taken out stays', async () => {
    const { node, root, directory, options } = await tree(4 * MIB)
    const { transfer } = node.services
    let isChosen = false
    for await (const event of transfer.get(root, { ...options, order: 'sequential' })) {
      if (event.type === 'progress' && event.bytesDone >= 6 * MIB && !isChosen) {
        isChosen = true
        await transfer.choose(root, { select: ['d'] })
      }
    }
    expect(isChosen).toBe(true)
    expect(await readdir(join(directory, 'copy'))).toEqual(expect.arrayContaining(['a', 'd']))
  })

  test('what has a high priority is here first', async () => {
    const { node, root, options } = await tree(4 * MIB)
    const priorities = [{ glob: 'c', priority: 'high' as const }]
    const getting = finish(node.services.transfer.get(root, { ...options, priorities }))
    await until(() => leavesOf(node) > 0)
    const read = await readAll(node, root, { path: 'c' })
    expect(read).toHaveLength(4 * MIB)
    expect(leavesOf(node)).toBeLessThan(12)
    await getting
  })

  test('what cannot be is refused, and nothing changes', async () => {
    const { node, root, directory, options } = await tree(4 * MIB)
    const { transfer } = node.services
    await expect(transfer.choose(root, {})).rejects.toMatchObject({ code: 'ERR_NOT_FETCHING' })
    for await (const event of transfer.get(root, { ...options, select: ['a'] })) {
      if (event.type === 'map') {
        await expect(transfer.choose(root, { select: ['no'] })).rejects.toMatchObject({ code: 'ERR_NOTHING_SELECTED' })
        await expect(transfer.choose(root, { select: [''] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
      }
    }
    await expect(transfer.choose(root, { select: ['b'] })).rejects.toMatchObject({ code: 'ERR_NOT_FETCHING' })
    expect(await readdir(join(directory, 'copy'))).toEqual(['a'])
  })
})
