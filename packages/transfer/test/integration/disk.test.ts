import { randomBytes } from 'node:crypto'
import { copyFile, open, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ShareEvents, TransferEvent } from '../../src/index.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { asProvider, collect, fetchUntil, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
/** What comes sooner on any machine, unless it never comes. */
const GUARD_MS = 50_000
const harness = new Harness()
const tmpfs = tmpfsMaker()

afterEach(async () => harness.stop())

/** Take all the space there is, however much of a download came before this had its turn. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w')
  const full = async (): Promise<never> => {
    for (;;) {
      await file.write(Buffer.alloc(MIB / 4))
    }
  }
  await expect(full()).rejects.toMatchObject({ code: 'ENOSPC' })
  await file.close()
}

/** A node that shares one file of so many MiB. */
async function seed(mebibytes: number, directory: string, state?: string) {
  const node = await harness.node(state === undefined ? {} : { directory: state })
  const path = join(directory, 'file.bin')
  const bytes = randomBytes(mebibytes * MIB)
  await writeFile(path, bytes)
  const { root } = await node.services.transfer.share(path)
  return { node, path, bytes, root, provider: asProvider(node) }
}

/** What a node says about its shares, as it says it. */
function watch(node: TestNode) {
  const said: { type: keyof ShareEvents; detail: object }[] = []
  for (const type of ['share:paused', 'share:resumed', 'share:changed'] as const) {
    node.services.transfer.addEventListener(type, ({ detail }) => said.push({ type, detail }))
  }
  return said
}

/** Change a byte so that neither size nor times tell: what a disk does that rots. */
async function rot(path: string, position: number): Promise<void> {
  const { atime, mtime } = await stat(path)
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, position)
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, position)
  await file.close()
  await utimes(path, atime, mtime)
}

describe.skipIf(tmpfs === undefined)('a download to a disk', { timeout: 60_000 }, () => {
  test('that it does not fit on is refused before anything is written, with what is needed and what is there', async () => {
    const { root, provider } = await seed(6, await harness.directory())
    const output = await harness.disk(tmpfs, '4m')
    const getter = await harness.node()
    await expect(collect(getter.services.transfer.get(root, { output, providers: [provider] }))).rejects.toMatchObject({
      code: 'ERR_NOT_ENOUGH_SPACE',
      need: 6 * MIB,
      have: expect.any(Number)
    })
  })

  test('that becomes full pauses, says why, and goes on when there is space; others go on meanwhile', async () => {
    const { root, provider, bytes } = await seed(12, await harness.directory())
    const other = await seed(3, await harness.directory())
    const output = await harness.disk(tmpfs, '16m')
    const getter = await harness.node({ downloadBytesPerSecond: 6 * MIB })
    const events: TransferEvent[] = []
    for await (const event of getter.services.transfer.get(root, { output, name: 'copy', providers: [provider] })) {
      events.push(event)
      if (event.type === 'map') {
        await fill(join(output, 'filler'))
      }
      if (event.type === 'paused') {
        const elsewhere = await harness.directory()
        await finish(getter.services.transfer.get(other.root, { output: elsewhere, providers: [other.provider] }))
        await rm(join(output, 'filler'))
      }
    }
    const paused = events.find(({ type }) => type === 'paused')
    expect(paused).toMatchObject({ errno: 'ENOSPC', retryInMs: 1000 })
    expect(events.some(({ type }) => type === 'resumed')).toBe(true)
    expect(events.at(-1)?.type).toBe('done')
    expect(await sameBytes(join(output, 'copy'), bytes)).toBe(true)
  })

  test('that stays full ends after `diskTimeoutMs`, with what the disk says', async () => {
    const { root, provider } = await seed(12, await harness.directory())
    const output = await harness.disk(tmpfs, '16m')
    const getter = await harness.node({ downloadBytesPerSecond: 6 * MIB })
    const download = getter.services.transfer.get(root, { output, providers: [provider], diskTimeoutMs: 500 })
    const failing = (async () => {
      for await (const event of download) {
        if (event.type === 'map') {
          await fill(join(output, 'filler'))
        }
      }
    })()
    await expect(failing).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENOSPC' })
  })

  test('a share on a disk that is pulled out pauses, and goes on when it is back', async () => {
    const plugged = await harness.disk(tmpfs, '16m')
    const away = await harness.directory()
    const { node, root, provider, bytes } = await seed(3, plugged)
    const said = watch(node)
    tmpfs?.move(plugged, away)
    const getter = await harness.node()
    const output = await harness.directory()
    const download = finish(getter.services.transfer.get(root, { output, name: 'copy', providers: [provider] }))
    await expect.poll(() => said.length, { timeout: GUARD_MS }).toBeGreaterThan(0)
    expect(said[0]).toMatchObject({ type: 'share:paused', detail: { errno: 'ENODEV' } })
    tmpfs?.move(away, plugged)
    await download
    expect(said.at(-1)).toMatchObject({ type: 'share:resumed' })
    expect(await sameBytes(join(output, 'copy'), bytes)).toBe(true)
  })
})

describe('a shared file', () => {
  test('that is edited is served no more, and an event names it', async () => {
    const { node, path, root, provider } = await seed(3, await harness.directory())
    const said = watch(node)
    await writeFile(path, randomBytes(3 * MIB))
    const getter = await harness.node()
    const output = await harness.directory()
    const get = (signal: AbortSignal) =>
      getter.services.transfer.get(root, { output, providers: [provider], signal, stallTimeoutMs: GUARD_MS })
    await fetchUntil(get, async () => expect.poll(() => said, { timeout: GUARD_MS }).toHaveLength(1))
    expect(said).toMatchObject([
      {
        type: 'share:changed',
        detail: { path, damaged: [{ path: '', problem: '3 of 3 leaves do not match their hash' }] }
      }
    ])
    expect(node.services.transfer.shares()).toEqual([])
  })

  test('that was only touched, or replaced by a copy, is hashed and served on', async () => {
    const { node, path, root, provider, bytes } = await seed(3, await harness.directory())
    const said = watch(node)
    await copyFile(path, `${path}.copy`)
    await rm(path)
    await copyFile(`${path}.copy`, path)
    const getter = await harness.node()
    const output = await harness.directory()
    await finish(getter.services.transfer.get(root, { output, name: 'copy', providers: [provider] }))
    expect(await sameBytes(join(output, 'copy'), bytes)).toBe(true)
    expect(said).toEqual([])
  })

  test('that rotted while nobody looked is found by the first read after a restart, and no wrong leaf leaves', async () => {
    const state = await harness.directory()
    const { node, path, root } = await seed(3, await harness.directory(), state)
    await node.stop()
    await rot(path, MIB + 5)
    const again = await harness.node({ directory: state })
    const said = watch(again)
    const getter = await harness.node()
    const output = await harness.directory()
    const get = (signal: AbortSignal) =>
      getter.services.transfer.get(root, { output, providers: [asProvider(again)], signal, stallTimeoutMs: GUARD_MS })
    const events = await fetchUntil(get, async () => expect.poll(() => said, { timeout: GUARD_MS }).toHaveLength(1))
    expect(said).toMatchObject([{ type: 'share:changed', detail: { damaged: [{ path: '' }] } }])
    expect(events.filter((event) => event.type === 'peer' && event.state === 'dropped')).toEqual([])
  })
})

describe('verify and scrub', () => {
  test('verify says that all is right, then what is not', async () => {
    const { node, path, root } = await seed(3, await harness.directory())
    const { transfer } = node.services
    expect(await transfer.verify(root)).toEqual({ bytes: 3 * MIB, damaged: [] })
    await rot(path, 7)
    const said = watch(node)
    expect(await transfer.verify(root)).toEqual({
      bytes: 2 * MIB,
      damaged: [{ path: '', problem: '1 of 3 leaves do not match their hash' }]
    })
    expect(said.map(({ type }) => type)).toEqual(['share:changed'])
    await expect(transfer.verify(root)).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
  })

  test('scrub finds every rotten share, and goes on where another process stopped', async () => {
    const state = await harness.directory()
    const first = await seed(3, await harness.directory(), state)
    const second = join(await harness.directory(), 'second.bin')
    await writeFile(second, randomBytes(2 * MIB))
    await first.node.services.transfer.share(second)
    const stopping = new AbortController()
    const partly = first.node.services.transfer.scrub({
      bytesPerSecond: 1024 * MIB,
      signal: stopping.signal,
      onProgress: () => {
        stopping.abort()
      }
    })
    await expect(partly).rejects.toMatchObject({ name: 'AbortError' })
    await first.node.stop()
    await rot(second, 2 * MIB - 1)
    const again = await harness.node({ directory: state })
    const said = watch(again)
    expect(await again.services.transfer.scrub({ bytesPerSecond: 1024 * MIB })).toMatchObject({ shares: 2, damaged: 1 })
    expect(said).toMatchObject([{ type: 'share:changed', detail: { path: second } }])
    expect(await again.services.transfer.scrub({ bytesPerSecond: 1024 * MIB })).toMatchObject({ shares: 1, damaged: 0 })
  })

  test('scrub takes a file that was only touched for right, and says of one that is gone that it is', async () => {
    const state = await harness.directory()
    const { node, path } = await seed(2, await harness.directory(), state)
    const said = watch(node)
    await utimes(path, 1, 1)
    const scrub = async () => node.services.transfer.scrub({ bytesPerSecond: 1024 * MIB })
    expect(await scrub()).toMatchObject({ shares: 1, damaged: 0 })
    expect(said).toEqual([])
    await rm(path)
    expect(await scrub()).toMatchObject({ shares: 1, damaged: 1 })
    expect(said).toMatchObject([{ detail: { path, damaged: [{ problem: expect.any(String) as string }] } }])
  })
})
