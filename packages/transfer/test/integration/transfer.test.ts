import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { TransferEvent } from '../../src/index.ts'
import { openLanes } from '../../src/session/handshake.ts'
import { streamLane } from '../../src/session/lane.ts'
import { Session } from '../../src/session/session.ts'
import { asProvider, collect, fetchUntil, finish, forge, Harness, routingTo, sameBytes, writeAlike } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()
afterEach(() => harness.stop())

/** A seeder that shares `bytes` as a file. */
async function seed(bytes: Uint8Array) {
  const seeder = await harness.node()
  const directory = await harness.directory()
  const path = join(directory, 'source.bin')
  await writeAlike(path, bytes)
  const share = await seeder.services.transfer.share(path)
  return { seeder, directory, path, share }
}

describe('what arrives', () => {
  test('a file arrives whole from one seeder, and is fetched once', async () => {
    const bytes = randomBytes(5 * MIB + 123)
    const { seeder, directory, share } = await seed(bytes)
    const leecher = await harness.node()

    const options = { output: directory, name: 'copy.bin', providers: [asProvider(seeder)] }
    const done = await finish(leecher.services.transfer.get(share.root, options))

    expect(done.bytes).toBe(bytes.byteLength)
    expect(done.bytesReceived).toBeLessThan(bytes.byteLength * 1.01)
    expect(await sameBytes(join(directory, 'copy.bin'), bytes)).toBe(true)
    expect(await readdir(directory)).toEqual(['copy.bin', 'source.bin'])
  })

  test.each(['unixfs-v1-2025', 'unixfs-v0-2015'] as const)('a directory arrives whole (%s)', async (profile) => {
    const [seeder, leecher] = [await harness.node(), await harness.node()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree/deep/empty'), { recursive: true })
    await writeFile(join(directory, 'tree/zero'), '')
    await writeFile(join(directory, 'tree/deep/one'), 'x')
    await writeFile(join(directory, 'tree/deep/ünï cödé'), 'same')
    await writeFile(join(directory, 'tree/twin'), 'same')
    const large = randomBytes(3 * MIB)
    await writeFile(join(directory, 'tree/deep/large'), large)
    await writeFile(join(directory, 'tree/large again'), large)
    const share = await seeder.services.transfer.share(join(directory, 'tree'), { profile })

    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const done = await finish(leecher.services.transfer.get(share.root, options))

    expect(await readFile(join(directory, 'copy/zero'))).toHaveLength(0)
    expect(await readFile(join(directory, 'copy/deep/one'), 'utf8')).toBe('x')
    expect(await readFile(join(directory, 'copy/deep/ünï cödé'), 'utf8')).toBe('same')
    expect(await readFile(join(directory, 'copy/twin'), 'utf8')).toBe('same')
    expect(await sameBytes(join(directory, 'copy/deep/large'), large)).toBe(true)
    expect(await sameBytes(join(directory, 'copy/large again'), large)).toBe(true)
    expect((await stat(join(directory, 'copy/deep/empty'))).isDirectory()).toBe(true)
    // equal leaves are fetched once
    expect(done.bytesReceived).toBeLessThan(3.1 * MIB)
  })

  test('an empty file arrives', async () => {
    const { seeder, directory, share } = await seed(new Uint8Array())
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    expect((await finish(leecher.services.transfer.get(share.root, options))).bytes).toBe(0)
    expect(await readFile(join(directory, 'copy'))).toHaveLength(0)
  })

  test('only selected files arrive', async () => {
    const [seeder, leecher] = [await harness.node(), await harness.node()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree/sub'), { recursive: true })
    const [a, b] = [randomBytes(2 * MIB), randomBytes(2 * MIB)]
    await writeFile(join(directory, 'tree/a.txt'), a)
    await writeFile(join(directory, 'tree/sub/b.bin'), b)
    const share = await seeder.services.transfer.share(join(directory, 'tree'))

    const options = { output: directory, name: 'copy', select: ['*.txt'], providers: [asProvider(seeder)] }
    const done = await finish(leecher.services.transfer.get(share.root, options))

    expect(done.bytes).toBe(2 * MIB)
    expect(done.bytesReceived).toBeLessThan(2.1 * MIB)
    expect(await readdir(join(directory, 'copy'))).toEqual(['a.txt'])
    expect(await sameBytes(join(directory, 'copy/a.txt'), a)).toBe(true)
  })

  test('leechers feed each other: the seeder sends far less than four copies', async () => {
    const bytes = randomBytes(24 * MIB)
    const { seeder, directory, share } = await seed(bytes)
    const leechers = await Promise.all([1, 2, 3, 4].map(() => harness.node()))
    const everybody = [seeder, ...leechers].map(asProvider)

    await Promise.all(
      leechers.map((leecher, index) => {
        const options = { output: join(directory, String(index)), name: 'copy', providers: everybody }
        return finish(leecher.services.transfer.get(share.root, options))
      })
    )

    for (const index of leechers.keys()) {
      expect(await sameBytes(join(directory, String(index), 'copy'), bytes)).toBe(true)
    }
    const [own] = seeder.services.transfer.shares()
    expect((own?.bytesSent ?? Infinity) / bytes.byteLength).toBeLessThan(2)
  })

  test('a finished download is a seed for others', async () => {
    const bytes = randomBytes(2 * MIB)
    const { seeder, directory, share } = await seed(bytes)
    const [second, third] = [await harness.node(), await harness.node()]
    const first = { output: directory, name: 'second', providers: [asProvider(seeder)] }
    await finish(second.services.transfer.get(share.root, first))
    await seeder.stop()

    const options = { output: directory, name: 'third', providers: [asProvider(second)] }
    await finish(third.services.transfer.get(share.root, options))
    expect(await sameBytes(join(directory, 'third'), bytes)).toBe(true)
  })
})

describe('what is here already', () => {
  test('is not fetched again, and is copied where it is wanted', async () => {
    const bytes = randomBytes(3 * MIB)
    const { seeder, directory, share } = await seed(bytes)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await finish(leecher.services.transfer.get(share.root, options))
    await seeder.stop()

    const again = await finish(leecher.services.transfer.get(share.root, options))
    const elsewhere = await finish(leecher.services.transfer.get(share.root, { output: directory, name: 'third' }))

    expect([again.bytesReceived, elsewhere.bytesReceived]).toEqual([0, 0])
    expect(await sameBytes(join(directory, 'third'), bytes)).toBe(true)
    expect(await readdir(directory)).toEqual(['copy', 'source.bin', 'third'])
  })

  test('is fetched again when its file was removed', async () => {
    const bytes = randomBytes(MIB)
    const { seeder, directory, share } = await seed(bytes)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await finish(leecher.services.transfer.get(share.root, options))
    await rm(join(directory, 'copy'))
    await finish(leecher.services.transfer.get(share.root, options))
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('a second get of the same root while the first runs is a typed error', async () => {
    const { seeder, directory, share } = await seed(randomBytes(4 * MIB))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      if (event.type === 'map') {
        const second = leecher.services.transfer.get(share.root, { ...options, name: 'other' })
        await expect(collect(second)).rejects.toMatchObject({ code: 'ERR_ALREADY_FETCHING' })
      }
    }
    expect(await readdir(directory)).toEqual(['copy', 'source.bin'])
  })
})

describe('calls that meet', () => {
  test('of two gets of one root at once, one runs and the other is a typed error', async () => {
    const { seeder, directory, share } = await seed(randomBytes(2 * MIB))
    const leecher = await harness.node()
    const get = (name: string) =>
      collect(leecher.services.transfer.get(share.root, { output: directory, name, providers: [asProvider(seeder)] }))
    const results = await Promise.allSettled([get('one'), get('two')])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const rejected = results.find((result) => result.status === 'rejected')
    expect(rejected?.reason).toMatchObject({ code: 'ERR_ALREADY_FETCHING' })
  })

  test('unshare ends a get that is under way', async () => {
    const { seeder, directory, share } = await seed(randomBytes(16 * MIB))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const getting = (async () => {
      for await (const event of leecher.services.transfer.get(share.root, options)) {
        if (event.type === 'map') {
          await leecher.services.transfer.unshare(share.root)
        }
      }
    })()
    await expect(getting).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
  })

  test('leaving the loop at done goes on seeding', async () => {
    const { seeder, directory, share } = await seed(randomBytes(MIB))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      if (event.type === 'done') {
        break
      }
    }
    expect(leecher.services.transfer.shares()).toMatchObject([{ name: 'copy', have: 1, leaves: 1 }])
  })
})

describe('interruption', () => {
  test('a retry that finds nobody loses nothing of what was verified', async () => {
    const bytes = randomBytes(32 * MIB)
    const { seeder, directory, path, share } = await seed(bytes)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      if (event.type === 'progress' && event.bytesDone > 0) {
        break
      }
    }
    await seeder.stop()
    await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_PROVIDERS_UNREACHABLE'
    })
    const again = await harness.node()
    await again.services.transfer.share(path)
    const events = await collect(
      leecher.services.transfer.get(share.root, { ...options, providers: [asProvider(again)] })
    )
    expect(events.find((event) => event.type === 'map')?.bytesHave).toBeGreaterThan(0)
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('a download that was aborted goes on where it stopped', async () => {
    const bytes = randomBytes(48 * MIB)
    const { seeder, directory, share } = await seed(bytes)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const stop = new AbortController()
    let before = 0
    await expect(async () => {
      for await (const event of leecher.services.transfer.get(share.root, { ...options, signal: stop.signal })) {
        if (event.type === 'progress' && event.bytesDone > 4 * MIB) {
          before = event.bytesDone
          stop.abort()
        }
      }
    }).rejects.toMatchObject({ name: 'AbortError' })

    const events = await collect(leecher.services.transfer.get(share.root, options))
    const map = events.find((event) => event.type === 'map')
    const done = events.at(-1)

    expect(map?.bytesHave).toBeGreaterThanOrEqual(before)
    expect(done?.type === 'done' && done.bytesReceived).toBeLessThan(bytes.byteLength - before + MIB)
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('leaving the loop stops the download and releases its place', async () => {
    const { seeder, directory, share } = await seed(randomBytes(8 * MIB))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      if (event.type === 'map') {
        break
      }
    }
    expect(leecher.services.transfer.shares()).toEqual([])
    await finish(leecher.services.transfer.get(share.root, options))
  })

  test('an aborted signal ends get before anything happens', async () => {
    const { directory, share } = await seed(randomBytes(10))
    const leecher = await harness.node()
    const get = leecher.services.transfer.get(share.root, { output: directory, signal: AbortSignal.abort() })
    await expect(collect(get)).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('shares are served again after a restart', async () => {
    const directory = await harness.directory()
    const bytes = randomBytes(3 * MIB)
    await writeFile(join(directory, 'source.bin'), bytes)
    const first = await harness.node({ directory: join(directory, 'state') })
    const share = await first.services.transfer.share(join(directory, 'source.bin'))
    await first.stop()

    const second = await harness.node({ directory: join(directory, 'state') })
    expect(second.services.transfer.shares()).toMatchObject([{ name: 'source.bin', bytes: 3 * MIB, have: 3 }])
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(second)] }
    await finish(leecher.services.transfer.get(share.root, options))
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })
})

describe.each(['unixfs-v1-2025', 'unixfs-v0-2015'] as const)('a download as a seed after a restart (%s)', (profile) => {
  test.each([
    ['a file of one leaf', { 'one.bin': 1000 }],
    ['a directory', { 'a/empty': 0, 'a/small': 1000, 'a/large': 1_500_000 }]
  ])('%s', async (_, sizes: Record<string, number>) => {
    const directory = await harness.directory()
    for (const [name, size] of Object.entries(sizes)) {
      await mkdir(join(directory, 'source', name, '..'), { recursive: true })
      await writeFile(join(directory, 'source', name), randomBytes(size))
    }
    const [top = ''] = await readdir(join(directory, 'source'))
    const seeder = await harness.node()
    const share = await seeder.services.transfer.share(join(directory, 'source', top), { profile })
    const state = { directory: join(directory, 'state') }
    const first = await harness.node(state)
    const providers = [asProvider(seeder)]
    await finish(first.services.transfer.get(share.root, { output: directory, name: 'first', providers }))
    await Promise.all([first.stop(), seeder.stop()])

    const second = await harness.node(state)
    const third = await harness.node()
    const options = { output: directory, name: 'third', providers: [asProvider(second)] }
    const done = await finish(third.services.transfer.get(share.root, options))

    expect(done.bytes).toBe(Object.values(sizes).reduce((sum, size) => sum + size, 0))
    expect(await third.services.transfer.id(join(directory, 'third'), { profile })).toEqual(share.root)
  })
})

describe('what goes wrong', () => {
  test('a peer that talks nonsense before the map is known ends its own session only', async () => {
    const { seeder, directory, share } = await seed(randomBytes(2 * MIB))
    await seeder.stop()
    const state = { directory: join(directory, 'state') }
    const first = await harness.node(state)
    await first.services.transfer.share(join(directory, 'source.bin'))
    await first.stop()
    const sleeping = await harness.node(state)
    const hostile = await harness.node()

    const connection = await hostile.dial(sleeping.getMultiaddrs())
    const lanes = await openLanes(connection, share.root, { signal: AbortSignal.timeout(5000) })
    const session = new Session({
      peer: sleeping.peerId,
      root: share.root,
      control: streamLane(lanes.control),
      data: streamLane(lanes.data)
    })
    session.send({ type: 'have', ranges: [{ start: 4_000_000, count: 1 }] })
    await session.closed

    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(sleeping)] }
    expect((await finish(leecher.services.transfer.get(share.root, options))).bytes).toBe(2 * MIB)
  })

  test('a peer with wrong bytes is dropped and the copy comes from an honest one', async () => {
    const bytes = randomBytes(16 * MIB)
    const { seeder: liar, directory, path, share } = await seed(bytes)
    const honest = await harness.node()
    await writeFile(join(directory, 'honest.bin'), bytes)
    await honest.services.transfer.share(join(directory, 'honest.bin'))
    await forge(path, bytes)
    const leecher = await harness.node()

    // the honest one is found when the liar is gone: whoever is faster does not decide the test
    const found = Promise.withResolvers<undefined>()
    leecher.services.transfer.use({ routing: routingTo(asProvider(honest), found.promise) })
    const events: TransferEvent[] = []
    const options = { output: directory, name: 'copy', providers: [asProvider(liar)] }
    for await (const event of leecher.services.transfer.get(share.root, options)) {
      events.push(event)
      if (event.type === 'peer' && event.state === 'dropped') {
        found.resolve(undefined)
      }
    }

    const dropped = events.filter((event) => event.type === 'peer' && event.state === 'dropped')
    expect(dropped).toHaveLength(1)
    expect(dropped[0]).toMatchObject({ peer: liar.peerId })
    const done = events.at(-1)
    const [copied, lied] = done?.type === 'done' ? done.sources : []
    expect(copied).toMatchObject({ peer: honest.peerId, bytes: bytes.byteLength, traffic: { wasted: { corrupt: 0 } } })
    expect(lied).toMatchObject({ peer: liar.peerId, bytes: 0 })
    expect(lied?.traffic.wasted.corrupt).toBeGreaterThanOrEqual(MIB)
    expect(await sameBytes(join(directory, 'copy'), bytes)).toBe(true)
  })

  test('when every source lies, the download fails and nothing gets the final name', async () => {
    const bytes = randomBytes(8 * MIB)
    const { seeder, directory, path, share } = await seed(bytes)
    await writeAlike(path, randomBytes(8 * MIB))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_VERIFICATION_FAILED'
    })
    await expect(stat(join(directory, 'copy'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('an edited source is not served', async () => {
    const { seeder, directory, path, share } = await seed(randomBytes(4 * MIB))
    await writeFile(path, randomBytes(4 * MIB))
    await utimes(path, new Date(0), new Date(0))
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await fetchUntil(
      (signal) => leecher.services.transfer.get(share.root, { ...options, signal }),
      async () => expect.poll(() => seeder.services.transfer.shares(), { timeout: 50_000 }).toEqual([])
    )
    // nobody has it any more
    const again = leecher.services.transfer.get(share.root, { ...options, stallTimeoutMs: 500 })
    await expect(collect(again)).rejects.toMatchObject({ code: 'ERR_TRANSFER_STALLED' })
    expect(await readdir(directory)).not.toContain('copy')
  })

  test('a different file at the target is never touched', async () => {
    const { seeder, directory, share } = await seed(randomBytes(2 * MIB))
    await writeFile(join(directory, 'copy'), 'mine')
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_TARGET_EXISTS'
    })
    expect(await readFile(join(directory, 'copy'), 'utf8')).toBe('mine')
    expect(await readdir(directory)).toEqual(['copy', 'source.bin'])
  })

  test('an equal file at the target is adopted without fetching its leaves', async () => {
    const bytes = randomBytes(4 * MIB)
    const { seeder, directory, share } = await seed(bytes)
    await writeFile(join(directory, 'copy'), bytes)
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const done = await finish(leecher.services.transfer.get(share.root, options))
    expect(done.bytesReceived).toBeLessThan(MIB)
    expect(await readdir(directory)).toEqual(['copy', 'source.bin'])
  })

  test('an unreachable provider is a typed error', async () => {
    const { seeder, directory, share } = await seed(randomBytes(100))
    const provider = asProvider(seeder)
    await seeder.stop()
    const leecher = await harness.node()
    const options = { output: directory, name: 'copy', providers: [provider] }
    await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
      code: 'ERR_PROVIDERS_UNREACHABLE'
    })
    expect(await readdir(directory)).toEqual(['source.bin'])
  })

  test('a selection that matches nothing is a typed error, and leaves nothing behind', async () => {
    const [seeder, leecher] = [await harness.node(), await harness.node()]
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree'))
    await writeFile(join(directory, 'tree/a.txt'), 'a')
    await symlink('a.txt', join(directory, 'tree/link'))
    const share = await seeder.services.transfer.share(join(directory, 'tree'))
    const options = { output: directory, name: 'copy', providers: [asProvider(seeder)] }
    const none = leecher.services.transfer.get(share.root, { ...options, select: ['*.mkv'] })
    await expect(collect(none)).rejects.toMatchObject({ code: 'ERR_NOTHING_SELECTED' })
    expect(await readdir(directory)).toEqual(['tree'])
    const events = await collect(leecher.services.transfer.get(share.root, options))
    expect(events).toContainEqual({ type: 'warning', message: 'left out: 1 symbolic link(s)' })
  })

  test('a name that receivers refuse is said when it is shared', async () => {
    const seeder = await harness.node()
    const directory = await harness.directory()
    await mkdir(join(directory, 'tree'))
    await writeFile(join(directory, 'tree/a\tb'), 'a')
    await expect(seeder.services.transfer.share(join(directory, 'tree'))).rejects.toMatchObject({
      code: 'ERR_NOT_SHAREABLE'
    })
  })

  test('a root that nobody has is a typed error', async () => {
    const { directory, share } = await seed(randomBytes(100))
    const leecher = await harness.node()
    await expect(collect(leecher.services.transfer.get(share.root, { output: directory }))).rejects.toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND'
    })
  })

  test.each(['../out', 'a/b', '..', 'nul\0'])(
    'a name that would leave the output folder is refused: %j',
    async (name) => {
      const { seeder, directory, share } = await seed(randomBytes(100))
      const leecher = await harness.node()
      const options = { output: directory, name, providers: [asProvider(seeder)] }
      await expect(collect(leecher.services.transfer.get(share.root, options))).rejects.toMatchObject({
        code: 'ERR_UNSAFE_PATH'
      })
    }
  )
})
