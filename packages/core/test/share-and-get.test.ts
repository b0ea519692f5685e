import { randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import type { P2PShareNode } from '../src/index.ts'
import { fetchAll, startNode } from './nodes.ts'
import { tempDirectory } from './temp.ts'

const UNKNOWN = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')

async function writeSource(bytes = 3_000_000): Promise<{ path: string; content: Buffer }> {
  const path = join(await tempDirectory(), 'hello.bin')
  const content = randomBytes(bytes)
  await writeFile(path, content)
  return { path, content }
}

/** A node that others join through, a sender and a receiver that know nothing but it. */
async function startNetwork(): Promise<{ sender: P2PShareNode; receiver: P2PShareNode }> {
  const seed = await startNode()
  const [sender, receiver] = await Promise.all([
    startNode({ bootstrap: seed.addresses() }),
    startNode({ bootstrap: seed.addresses() })
  ])
  return { sender, receiver }
}

test('a file goes from one node to another by ticket', async () => {
  const { path, content } = await writeSource()
  const [sender, receiver, output] = [await startNode(), await startNode(), await tempDirectory()]
  const shared = await sender.share(path)
  expect(shared).toMatchObject({ name: 'hello.bin', bytes: content.byteLength })
  expect(shared.link).toBe(`p2pshare:${shared.ticket}`)

  const events = await fetchAll(receiver, shared.ticket, { output })
  expect(events.at(-1)).toMatchObject({ type: 'done', bytes: content.byteLength, output: join(output, 'hello.bin') })
  expect(await readFile(join(output, 'hello.bin'))).toEqual(content)
  expect(receiver.shares()).toMatchObject([{ name: 'hello.bin', have: shared.leaves }])
})

test('a part of a file is read by ticket, and nothing is kept; nothing runs that could be chosen from', async () => {
  const { path, content } = await writeSource()
  const [sender, receiver] = [await startNode(), await startNode()]
  const { ticket } = await sender.share(path)
  const parts: Uint8Array[] = []
  for await (const part of receiver.read(ticket, { offset: 2_000_000, length: 500_000 })) {
    parts.push(part)
  }
  expect(Buffer.concat(parts).equals(content.subarray(2_000_000, 2_500_000))).toBe(true)
  await expect(receiver.choose(ticket, { select: ['*'] })).rejects.toMatchObject({ code: 'ERR_NOT_FETCHING' })
})

test('a directory goes by link, as far as it was selected', async () => {
  const source = join(await tempDirectory(), 'holiday')
  await mkdir(join(source, 'raw'), { recursive: true })
  await writeFile(join(source, 'a.jpg'), 'a')
  await writeFile(join(source, 'raw', 'b.jpg'), 'b')
  await writeFile(join(source, 'raw', 'c.txt'), 'c')
  const [sender, receiver, output] = [await startNode(), await startNode(), await tempDirectory()]
  const { link } = await sender.share(source)
  await fetchAll(receiver, link, { output, select: ['*.jpg'] })
  expect((await readdir(join(output, 'holiday'), { recursive: true })).sort()).toEqual(['a.jpg', 'raw', 'raw/b.jpg'])
})

test('a file is found by its CID alone, through a node that only introduces', async () => {
  const { path, content } = await writeSource()
  const { sender, receiver } = await startNetwork()
  const { root } = await sender.share(path)

  const find = async (): Promise<string[]> => {
    const found = []
    for await (const provider of receiver.find(root)) {
      found.push(provider.id.toString())
    }
    return found
  }
  // on a busy machine a share is ready before the sender is in anybody's table
  await expect.poll(find).toContain(sender.peerId.toString())

  const output = await tempDirectory()
  await fetchAll(receiver, root.toString(), { output })
  expect(await readFile(join(output, root.toString()))).toEqual(content)
})

test('a file whose name no receiver accepts is shared under its root', async () => {
  const path = join(await tempDirectory(), 'two\nlines.txt')
  await writeFile(path, 'hello')
  const [sender, receiver, output] = [await startNode(), await startNode(), await tempDirectory()]
  const { ticket, root } = await sender.share(path)
  await fetchAll(receiver, ticket, { output })
  expect(await readdir(output)).toEqual([root.toString()])
})

test('the id of a file is the root that sharing it gives', async () => {
  const { path } = await writeSource(10)
  const node = await startNode()
  const id = await node.id(path)
  expect(node.shares()).toEqual([])
  expect((await node.share(path)).root.equals(id)).toBe(true)
})

test('a root that nobody has ends in an error that says so', async () => {
  const { receiver } = await startNetwork()
  const fetching = fetchAll(receiver, UNKNOWN, { output: await tempDirectory(), findTimeoutMs: 300 })
  await expect(fetching).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND' })
})

test('a ticket of a node that is gone ends in an error that says so', async () => {
  const { path } = await writeSource(10)
  const [sender, receiver, output] = [await startNode(), await startNode(), await tempDirectory()]
  const { ticket } = await sender.share(path)
  await sender.stop()
  await expect(fetchAll(receiver, ticket, { output, findTimeoutMs: 500 })).rejects.toMatchObject({ fault: 'network' })
})

test('text that names nothing is refused', async () => {
  const node = await startNode()
  await expect(fetchAll(node, 'p2pshare1nonsense')).rejects.toMatchObject({ code: 'ERR_INVALID_TICKET' })
  await expect(node.unshare('nonsense')).rejects.toMatchObject({ code: 'ERR_INVALID_TICKET' })
})

test('what is no longer shared cannot be fetched any more', async () => {
  const { path } = await writeSource(10)
  const [sender, receiver, output] = [await startNode(), await startNode(), await tempDirectory()]
  const { ticket, root } = await sender.share(path)
  await sender.unshare(root)
  expect(sender.shares()).toEqual([])
  await expect(fetchAll(receiver, ticket, { output, findTimeoutMs: 500 })).rejects.toMatchObject({ fault: 'network' })
})

test('shares are remembered in the home, and found again by CID after a restart', async () => {
  const { path, content } = await writeSource()
  const home = await tempDirectory()
  const seed = await startNode()
  const before = await startNode({ home, bootstrap: seed.addresses() })
  const { root } = await before.share(path)
  await before.stop()

  const after = await startNode({ home, bootstrap: seed.addresses() })
  expect(after.peerId.equals(before.peerId)).toBe(true)
  expect(after.shares().map((share) => share.root.toString())).toEqual([root.toString()])
  const [receiver, output] = [await startNode({ bootstrap: seed.addresses() }), await tempDirectory()]
  await fetchAll(receiver, root, { output })
  expect(await readFile(join(output, root.toString()))).toEqual(content)
})
