import { mkdir, open, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { TransferEvent } from '../../src/index.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { asProvider, collect, Harness } from './harness.ts'

const KIB = 1024
const PAGE = 4 * KIB
const FILES = 100
const harness = new Harness()
const tmpfs = tmpfsMaker()

afterEach(async () => harness.stop())

/** A disk with so many bytes left, and what fills the rest. */
async function fullDisk(left: number): Promise<{ output: string; filler: string }> {
  const output = await harness.disk(tmpfs, '2m')
  const filler = join(output, 'filler')
  const file = await open(filler, 'w')
  const fill = async (size: number): Promise<number> =>
    file.write(Buffer.alloc(PAGE), 0, PAGE, size).then(
      async () => fill(size + PAGE),
      () => size
    )
  const size = await fill(0)
  await file.close()
  await truncate(filler, size - left)
  return { output, filler }
}

/** A share whose inner nodes take a few pages. */
async function seed() {
  const path = join(await harness.directory(), 'many')
  await mkdir(path)
  for (let file = 0; file < FILES; file++) {
    await writeFile(join(path, `a file with a name that takes some bytes of its node ${file}`), String(file))
  }
  const node = await harness.node()
  const { root } = await node.services.transfer.share(path)
  return { root, providers: [asProvider(node)] }
}

describe.skipIf(tmpfs === undefined)('a disk that is full before a download knows what it fetches', () => {
  test.each([
    ['its directory is made', 0],
    ['its first nodes are written', PAGE]
  ])('is waited for when %s, and the download goes on by itself', { timeout: 120_000 }, async (_, left) => {
    const { root, providers } = await seed()
    const { output, filler } = await fullDisk(left)
    const getter = await harness.node({ directory: await harness.directory() })
    const events: TransferEvent[] = []
    const options = { output, name: 'copy', providers }
    for await (const event of getter.services.transfer.get(root, options)) {
      events.push(event)
      if (event.type === 'paused') {
        await rm(filler)
      }
    }
    const types = events.map(({ type }) => type)
    expect(events.find(({ type }) => type === 'paused')).toMatchObject({ errno: 'ENOSPC' })
    expect(types.indexOf('paused')).toBeLessThan(types.indexOf('resumed'))
    expect(types.indexOf('resumed')).toBeLessThan(types.indexOf('map'))
    expect(types.at(-1)).toBe('done')
    expect(await readdir(join(output, 'copy'))).toHaveLength(FILES)
  })

  test('ends it after `diskTimeoutMs`, with what the disk says', { timeout: 120_000 }, async () => {
    const { root, providers } = await seed()
    const { output } = await fullDisk(0)
    const getter = await harness.node({ directory: await harness.directory() })
    const download = getter.services.transfer.get(root, { output, providers, diskTimeoutMs: 500 })
    await expect(collect(download)).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENOSPC' })
  })

  test('is not waited for when it is not there at all: the user named a wrong place', async () => {
    const { root, providers } = await seed()
    const file = join(await harness.directory(), 'file')
    await writeFile(file, '')
    const getter = await harness.node()
    await expect(
      collect(getter.services.transfer.get(root, { output: join(file, 'below'), providers }))
    ).rejects.toMatchObject({ code: 'ERR_DISK', errno: 'ENOTDIR' })
  })
})
