import { randomBytes } from 'node:crypto'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { MAX_REPAIRS } from '../../src/fetch.ts'
import { asProvider, collect, finish, Harness, sameBytes } from './harness.ts'
import type { TestNode } from './harness.ts'

const MIB = 1024 * 1024
const harness = new Harness()
afterEach(() => harness.stop())

/** A node that shares a tree of a text and something large. */
async function seedTree(directory: string) {
  const node = await harness.node()
  const [text, large] = [randomBytes(2 * MIB), randomBytes(3 * MIB)]
  await mkdir(join(directory, 'tree'))
  await writeFile(join(directory, 'tree', 'a.txt'), text)
  await writeFile(join(directory, 'tree', 'b.bin'), large)
  return { node, text, large, root: (await node.services.transfer.share(join(directory, 'tree'))).root }
}

describe('more of a share than what is here', () => {
  /** A node that has the text alone, and nobody to have the rest from. */
  async function partOfIt(state?: string) {
    const directory = await harness.directory()
    const { node, root, text } = await seedTree(directory)
    const holder = await harness.node(state === undefined ? {} : { directory: join(directory, state) })
    const options = { output: directory, providers: [asProvider(node)] }
    await finish(holder.services.transfer.get(root, { ...options, name: 'text', select: ['*.txt'] }))
    await node.stop()
    return { directory, holder, root, text, options }
  }

  /** The text arrives at somebody else. */
  async function expectServed(holder: TestNode, { directory, root, text }: Awaited<ReturnType<typeof partOfIt>>) {
    const other = await harness.node()
    const options = { output: directory, name: 'other', select: ['*.txt'], providers: [asProvider(holder)] }
    await finish(other.services.transfer.get(root, options))
    expect(await sameBytes(join(directory, 'other', 'a.txt'), text)).toBe(true)
  }

  test.each([
    ['remembers shares', 'state'],
    ['does not', undefined]
  ])('that cannot be had leaves what is here served, by a node that %s', async (_, state) => {
    const part = await partOfIt(state)
    const { holder, root, options } = part
    await expect(collect(holder.services.transfer.get(root, { ...options, name: 'all' }))).rejects.toMatchObject({
      name: 'ProvidersUnreachableError'
    })
    expect(holder.services.transfer.shares()).toMatchObject([{ have: 2, leaves: 5 }])
    await expectServed(holder, part)
  })

  test('takes its place when it came', async () => {
    const part = await partOfIt('state')
    const { directory, holder, root, options } = part
    const again = await harness.node()
    await again.services.transfer.share(join(directory, 'tree'))
    const providers = [asProvider(again)]
    await finish(holder.services.transfer.get(root, { ...options, name: 'all', providers }))
    expect(holder.services.transfer.shares()).toMatchObject([{ have: 5, path: join(directory, 'all') }])
    await expectServed(holder, part)
  })
})

describe('content that is damaged before it has its final name', () => {
  test.each([
    ['a node that remembers shares', 'state', 'unixfs-v1-2025'],
    ['one that does not', undefined, 'unixfs-v0-2015']
  ] as const)('is fetched again, by %s', async (_, state, profile) => {
    const directory = await harness.directory()
    const node = await harness.node()
    await mkdir(join(directory, 'tree'))
    const [large, small] = [randomBytes(3 * MIB), randomBytes(1000)]
    await writeFile(join(directory, 'tree', 'large'), large)
    await writeFile(join(directory, 'tree', 'small'), small)
    const { root } = await node.services.transfer.share(join(directory, 'tree'), { profile })
    const leecher = await harness.node(state === undefined ? {} : { directory: join(directory, state) })
    const warnings: string[] = []
    const options = { output: directory, name: 'copy', providers: [asProvider(node)] }
    const content = join(directory, 'copy.p2pshare-part', 'content')
    for await (const event of leecher.services.transfer.get(root, options)) {
      if (event.type === 'progress' && event.bytesDone === event.bytesTotal && warnings.length === 0) {
        await truncate(join(content, 'large'), MIB)
        await truncate(join(content, 'small'), 1)
      }
      if (event.type === 'warning') {
        warnings.push(event.message)
      }
    }
    expect(warnings).toHaveLength(1)
    expect(await sameBytes(join(directory, 'copy', 'large'), large)).toBe(true)
    expect(await sameBytes(join(directory, 'copy', 'small'), small)).toBe(true)
    expect(leecher.services.transfer.shares()).toMatchObject([{ root }])
  })

  test('again and again is given up after MAX_REPAIRS times', async () => {
    const directory = await harness.directory()
    const node = await harness.node()
    await writeFile(join(directory, 'source'), randomBytes(2 * MIB))
    const { root } = await node.services.transfer.share(join(directory, 'source'))
    const leecher = await harness.node()
    let damaged = 0
    const options = { output: directory, name: 'copy', providers: [asProvider(node)] }
    const run = async (): Promise<void> => {
      for await (const event of leecher.services.transfer.get(root, options)) {
        if (event.type === 'progress' && event.bytesDone === event.bytesTotal) {
          damaged++
          await truncate(join(directory, 'copy.p2pshare-part', 'content'), MIB)
        }
      }
    }
    await expect(run()).rejects.toMatchObject({ name: 'LeafNotFoundError' })
    expect(damaged).toBe(MAX_REPAIRS + 1)
  })
})
