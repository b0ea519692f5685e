import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeBlockAnswer } from '../../src/block/wire/codec.ts'
import { BLOCK_PROTOCOL } from '../../src/block/constants.ts'
import { asProvider, finish, Harness, routingTo } from './harness.ts'
import type { TestNode } from './harness.ts'

const harness = new Harness()
afterEach(() => harness.stop())

/** A node that shares a file of these bytes. */
async function seed(bytes: Uint8Array) {
  const node = await harness.node()
  const directory = await harness.directory()
  const path = join(directory, 'small.bin')
  await writeFile(path, bytes)
  const { root } = await node.services.transfer.share(path)
  return { node, root, path, directory }
}

/** A node that answers block requests with what a test says. */
async function liar(answer: (stream: Stream) => void): Promise<TestNode> {
  const node = await harness.node()
  await node.unhandle(BLOCK_PROTOCOL)
  await node.handle(BLOCK_PROTOCOL, (stream) => {
    stream.addEventListener('message', () => {
      answer(stream)
    })
  })
  return node
}

const streamsOf = (node: TestNode): Stream[] =>
  node.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === BLOCK_PROTOCOL))

describe('a block', () => {
  test('comes from a peer that shares it, and the next one over the same stream', async () => {
    const bytes = randomBytes(4096)
    const { node, root, directory } = await seed(bytes)
    const more = join(directory, 'more')
    await writeFile(more, 'more')
    const next = await node.services.transfer.share(more)
    const asker = await harness.node()
    const options = { providers: [asProvider(node)] }
    expect(Buffer.from(await asker.services.transfer.block(root, options))).toEqual(bytes)
    expect(Buffer.from(await asker.services.transfer.block(next.root, options)).toString()).toBe('more')
    expect(streamsOf(asker)).toHaveLength(1)
    expect(asker.services.transfer.shares()).toEqual([])
    expect(node.services.transfer.shares().map(({ bytesSent }) => bytesSent)).toEqual([4096, 4])
  })

  test('of a share is had by naming the share: inner nodes, and leaves', async () => {
    const { node, directory } = await seed(randomBytes(1))
    const large = randomBytes(2 * 1024 * 1024 + 5)
    await mkdir(join(directory, 'tree'))
    await writeFile(join(directory, 'tree', 'large'), large)
    const { root } = await node.services.transfer.share(join(directory, 'tree'))
    const leaf = await node.services.transfer.id(join(directory, 'small.bin'))
    const asker = await harness.node()
    const options = { providers: [asProvider(node)] }
    await expect(asker.services.transfer.block(root, options)).resolves.toBeInstanceOf(Uint8Array)
    await expect(asker.services.transfer.block(leaf, { ...options, root })).rejects.toMatchObject({
      name: 'ContentNotFoundError'
    })
    await writeFile(join(directory, 'first'), large.subarray(0, 1024 * 1024))
    const first = await asker.services.transfer.id(join(directory, 'first'))
    expect(Buffer.from(await asker.services.transfer.block(first, { ...options, root }))).toEqual(
      large.subarray(0, 1024 * 1024)
    )
  })

  test('comes from here when it is here, started or asleep', async () => {
    const bytes = randomBytes(100)
    const { node, root } = await seed(bytes)
    expect(Buffer.from(await node.services.transfer.block(root))).toEqual(bytes)
  })

  test('comes from a peer that is found', async () => {
    const bytes = randomBytes(10)
    const { node, root } = await seed(bytes)
    const asker = await harness.node()
    asker.services.transfer.use({ routing: routingTo(asProvider(node), Promise.resolve()) })
    expect(Buffer.from(await asker.services.transfer.block(root))).toEqual(bytes)
  })

  test('comes from the next peer when the first lies', async () => {
    const bytes = randomBytes(10)
    const { node, root } = await seed(bytes)
    const wrong = await liar((stream) => {
      stream.send(Buffer.concat([encodeBlockAnswer({ id: 1, bytes: 4 }), Buffer.from('lies')]))
    })
    const asker = await harness.node()
    const providers = [asProvider(wrong), asProvider(node)]
    expect(Buffer.from(await asker.services.transfer.block(root, { providers }))).toEqual(bytes)
  })

  test.each([
    ['sends wrong bytes', encodeBlockAnswer({ id: 1, bytes: 0 }), 'VerificationFailedError'],
    ['has it not', encodeBlockAnswer({ id: 1, refusal: 'not-held' }), 'ContentNotFoundError'],
    ['sends nonsense', Buffer.alloc(100, 0xff), 'ProvidersUnreachableError'],
    ['announces more than a block may have', Buffer.from('0708011080808008', 'hex'), 'ProvidersUnreachableError']
  ])('does not come from a peer that %s', async (_, answer, name) => {
    const bad = await liar((stream) => {
      stream.send(new Uint8Array(answer))
    })
    const asker = await harness.node()
    const cid = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
    await expect(asker.services.transfer.block(cid, { providers: [asProvider(bad)] })).rejects.toMatchObject({ name })
  })

  test('does not come from a peer that is silent', async () => {
    const bad = await liar(() => undefined)
    const asker = await harness.node()
    const cid = CID.parse('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')
    const block = asker.services.transfer.block(cid, { providers: [asProvider(bad)], timeoutMs: 300 })
    await expect(block).rejects.toMatchObject({ name: 'TransferStalledError' })
  })

  test('of a file that was edited is not given, and the share ends', async () => {
    const { node, root, path } = await seed(randomBytes(10))
    await appendFile(path, 'more')
    const asker = await harness.node()
    await expect(asker.services.transfer.block(root, { providers: [asProvider(node)] })).rejects.toMatchObject({
      name: 'ContentNotFoundError'
    })
    await vi.waitUntil(() => node.services.transfer.shares().length === 0, 20_000)
  })

  test('of another hash is refused', async () => {
    const { node } = await seed(randomBytes(10))
    const cid = CID.parse(
      'bafkrgqe3ohjcjplc6n4f3fwunlj6upltggn7xqujbsvnvyw764srszz4u4rshq6ztos4chl4plgg4ffyyxnayrtdi5oc4xb2332g645433aeg'
    )
    await expect(node.services.transfer.block(cid)).rejects.toMatchObject({ name: 'UnsupportedDagError' })
  })

  test('is not to be had before the start and after the stop', async () => {
    const { node, root } = await seed(randomBytes(10))
    await node.stop()
    await expect(node.services.transfer.block(root)).rejects.toMatchObject({ name: 'NotStartedError' })
  })
})

test('a file of one leaf is fetched as before', async () => {
  const bytes = randomBytes(4096)
  const { node, root, directory } = await seed(bytes)
  const leecher = await harness.node()
  const options = { output: directory, name: 'copy', providers: [asProvider(node)] }
  expect(await finish(leecher.services.transfer.get(root, options))).toMatchObject({ bytes: 4096 })
})
