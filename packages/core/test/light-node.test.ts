import { writeFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { transfer } from '@p2pshare/transfer'
import type { Transfer } from '@p2pshare/transfer'
import { CID } from 'multiformats/cid'
import { expect, onTestFinished, test } from 'vitest'
import { createLightNode } from '../src/index.ts'
import type { P2PShareNode } from '../src/index.ts'
import { fetchAll } from './nodes.ts'
import { tempDirectory } from './temp.ts'

type LightNode = P2PShareNode<{ transfer: Transfer }>

async function startLightNode(): Promise<LightNode> {
  const node = await createLightNode({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { transfer: transfer() }
  })
  onTestFinished(async () => node.stop())
  return node
}

test('a node of transfer alone has exactly that', async () => {
  const node = await startLightNode()
  expect(Object.keys(node.services)).toEqual(['transfer'])
  expect(node.peers()).toEqual([])
  const root = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
  const search = node.find(root)[Symbol.asyncIterator]()
  expect(await search.next()).toMatchObject({ done: true })
})

test('it shares and fetches by ticket all the same', async () => {
  const path = join(await tempDirectory(), 'a.txt')
  await writeFile(path, 'hello')
  const [sender, receiver, output] = [await startLightNode(), await startLightNode(), await tempDirectory()]
  const { ticket } = await sender.share(path)
  await fetchAll(receiver, ticket, { output })
  expect(await readFile(join(output, 'a.txt'), 'utf8')).toBe('hello')
  expect(receiver.peers()).toMatchObject([{ path: { kind: 'direct' }, state: 'unknown' }])
})

test('it has a small file in memory by ticket, and by id from a peer that it names', async () => {
  const path = join(await tempDirectory(), 'a.txt')
  await writeFile(path, 'hello')
  const [sender, receiver] = [await startLightNode(), await startLightNode()]
  const { ticket, root } = await sender.share(path)
  expect(Buffer.from(await receiver.block(ticket)).toString()).toBe('hello')
  const providers = [{ id: sender.peerId, multiaddrs: [] }]
  expect(Buffer.from(await receiver.block(root, { providers })).toString()).toBe('hello')
  expect(receiver.shares()).toEqual([])
})

test('its limits are those of its transfer service, by ticket too', async () => {
  const path = join(await tempDirectory(), 'a.txt')
  await writeFile(path, 'hello')
  const node = await startLightNode()
  const { root, ticket } = await node.share(path)
  node.setLimits({ uploadBytesPerSecond: 4096 })
  node.limitShare(ticket, { uploadBytesPerSecond: 2048 })
  node.limitPeer(node.peerId, { downloadBytesPerSecond: 1024 })
  expect(node.limits()).toEqual({
    node: { uploadBytesPerSecond: 4096 },
    shares: [{ root, uploadBytesPerSecond: 2048 }],
    peers: [{ peer: node.peerId, downloadBytesPerSecond: 1024 }]
  })
  expect(() => node.setLimits({ uploadBytesPerSecond: 1 })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' })
  )
})
