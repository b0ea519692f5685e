import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { TransferEvent } from '../../src/index.ts'
import { tmpfsMaker } from '../support/tmpfs.ts'
import { asProvider, finish, Harness, routingTo } from './harness.ts'

const MIB = 1024 * 1024
const GUARD_MS = 120_000
const harness = new Harness()
const tmpfs = tmpfsMaker()

afterEach(async () => harness.stop())

async function seed(files: Record<string, Uint8Array>) {
  const [node, directory] = [await harness.node(), await harness.directory()]
  await mkdir(join(directory, 'tree'))
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(directory, 'tree', name), bytes)
  }
  const { root } = await node.services.transfer.share(join(directory, 'tree'))
  return { root, provider: asProvider(node), directory }
}

test('an empty file that is not chosen any more is left out', { timeout: GUARD_MS }, async () => {
  const { root, provider, directory } = await seed({ a: randomBytes(MIB), b: randomBytes(MIB), e: Buffer.of() })
  const { transfer } = (await harness.node()).services
  let isChosen = false
  for await (const { type } of transfer.get(root, { output: directory, name: 'copy', providers: [provider] })) {
    if (type === 'map' && !isChosen) {
      isChosen = true
      await transfer.choose(root, { select: ['a'] })
    }
  }
  expect((await readdir(join(directory, 'copy'))).filter((name) => name !== 'b')).toEqual(['a'])
})

test.skipIf(tmpfs === undefined)(
  'a choice that there is no room for is refused when leaves can be fetched, and the download goes on as it was',
  { timeout: GUARD_MS },
  async () => {
    const { root, provider } = await seed({ a: randomBytes(MIB), b: randomBytes(8 * MIB) })
    const output = await harness.disk(tmpfs, '64k')
    const node = await harness.node()
    const { transfer } = node.services
    const ready = Promise.withResolvers<undefined>()
    transfer.use({ routing: routingTo(provider, ready.promise) })
    const paused = Promise.withResolvers<undefined>()
    const tell = ({ type }: TransferEvent): void => {
      if (type === 'paused') {
        paused.resolve(undefined)
      }
    }
    async function* watched() {
      for await (const event of transfer.get(root, { output, name: 'copy', select: ['a'] })) {
        tell(event)
        yield event
      }
    }
    const getting = finish(watched())
    await expect.poll(async () => readdir(output), { timeout: GUARD_MS }).toHaveLength(1)
    // nothing more can be written there: what comes of the map is in memory
    const filler = join(output, 'filler')
    await expect(writeFile(filler, Buffer.alloc(MIB))).rejects.toMatchObject({ code: 'ENOSPC' })
    ready.resolve(undefined)
    await paused.promise
    const refused = expect(transfer.choose(root, { select: ['b'] })).rejects.toMatchObject({
      code: 'ERR_NOT_ENOUGH_SPACE'
    })
    await rm(filler)
    tmpfs?.resize(output, '4m')
    await refused
    await getting
    expect(await readdir(join(output, 'copy'))).toEqual(['a'])
  }
)
