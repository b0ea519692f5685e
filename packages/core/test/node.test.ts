import { stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { memory } from '@libp2p/memory'
import { detectLeaks } from '@p2pshare/testkit'
import { MemoryDatastore } from 'datastore-core'
import { expect, onTestFinished, test } from 'vitest'
import { createNode, defaultTransports } from '../src/index.ts'
import { startNode } from './nodes.ts'
import { tempDirectory } from './temp.ts'

async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('a node without a home is a new peer each time', async () => {
  const [first, second] = [await startNode(), await startNode()]
  expect(first.peerId.equals(second.peerId)).toBe(false)
  expect(first.notices).toEqual([])
})

test('a node with a home is the same peer each time', async () => {
  const home = await tempDirectory()
  const first = await startNode({ home })
  await first.stop()
  const second = await startNode({ home })
  expect(second.peerId.equals(first.peerId)).toBe(true)
  expect((await stat(join(home, 'identity.key'))).size).toBeGreaterThan(0)
})

test('a second node on one home is a peer of its own and says so; the third, alone again, is the first', async () => {
  const home = await tempDirectory()
  const first = await startNode({ home })
  const second = await startNode({ home })
  expect(second.notices).toMatchObject([{ code: 'home-in-use' }])
  expect(second.peerId.equals(first.peerId)).toBe(false)
  await second.stop()
  await first.stop()
  const third = await startNode({ home })
  expect(third.notices).toEqual([])
  expect(third.peerId.equals(first.peerId)).toBe(true)
})

test('limits are options of the node, and those of transfer are stronger', async () => {
  const node = await startNode({
    uploadBytesPerSecond: 4096,
    downloadBytesPerSecond: 8192,
    transfer: { downloadBytesPerSecond: 2048 }
  })
  expect(node.limits().node).toEqual({ uploadBytesPerSecond: 4096, downloadBytesPerSecond: 2048 })
})

test('addresses are those others can dial, with the peer id', async () => {
  const node = await startNode()
  expect(node.addresses()).toEqual([
    expect.stringMatching(new RegExp(`^/ip4/127\\.0\\.0\\.1/tcp/\\d+/p2p/${node.peerId.toString()}$`, 'u'))
  ])
})

test('announced addresses take the place of those found', async () => {
  const node = await startNode({ announce: ['/dns4/seed.example.org/tcp/4001'] })
  expect(node.addresses()).toEqual([`/dns4/seed.example.org/tcp/4001/p2p/${node.peerId.toString()}`])
})

test('connected peers are listed with the path to them', async () => {
  const seed = await startNode()
  const node = await startNode({ bootstrap: seed.addresses() })
  await node.services.bootstrap.tried()
  expect(node.peers()).toMatchObject([{ path: { kind: 'direct' } }])
  expect(node.peers()[0]?.id.equals(seed.peerId)).toBe(true)
})

test('nodes speak TLS when both can', async () => {
  const seed = await startNode()
  const node = await startNode({ bootstrap: seed.addresses() })
  await node.services.bootstrap.tried()
  const [connection] = node.libp2p.getConnections()
  expect([connection?.encryption, connection?.multiplexer]).toEqual(['/tls/1.0.0', '/yamux/1.0.0'])
})

test('a transport of your own is used beside TCP', async () => {
  const transports = [...defaultTransports(), memory()]
  const seed = await startNode({ listen: ['/memory/core-seed'], transports })
  const node = await startNode({ listen: [], transports, bootstrap: seed.addresses() })
  await node.services.bootstrap.tried()
  expect(node.libp2p.getConnections().map(({ remoteAddr }) => remoteAddr.toString().split('/p2p/')[0])).toEqual([
    '/memory/core-seed'
  ])
})

test('key, datastore and services of your own take the place of ours', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const datastore = new MemoryDatastore()
  const bootstrap = { tried: async (): Promise<void> => undefined }
  const seen: unknown[] = []
  const node = await startNode({
    privateKey,
    datastore,
    services: {
      bootstrap: () => bootstrap,
      mine: (components) => {
        seen.push(components.datastore)
        return 'mine'
      }
    }
  })
  expect(node.peerId.publicKey?.equals(privateKey.publicKey)).toBe(true)
  expect(node.services.bootstrap).toBe(bootstrap)
  expect(node.services['mine']).toBe('mine')
  expect(seen).toEqual([datastore])
})

test('a dozen nodes on one address join at the same moment', async () => {
  const seed = await startNode()
  const nodes = await Promise.all(
    Array.from({ length: 12 }, async () => startNode({ listen: [], bootstrap: seed.addresses() }))
  )
  await Promise.all(nodes.map(async (node) => node.services.bootstrap.tried()))
  expect(nodes.filter((node) => node.libp2p.getPeers().length === 1)).toHaveLength(12)
})

test('an address that is taken is a typed error, and nothing stays open', async () => {
  const home = await tempDirectory()
  const listen = [`/ip4/127.0.0.1/tcp/${await takenPort()}`]
  await expect(createNode({ home, listen, mdns: false })).rejects.toMatchObject({
    code: 'ERR_LISTEN',
    addresses: listen,
    message: expect.stringMatching(/^cannot listen on \S+: listen EADDRINUSE: .*$/) as string
  })
  expect((await startNode({ home })).notices).toEqual([])
})

test.each(['listen', 'announce', 'bootstrap'])(
  '%s that is no multiaddr is refused before anything is opened',
  async (option) => {
    const home = join(await tempDirectory(), 'home')
    await expect(createNode({ home, [option]: ['127.0.0.1:4001'] })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      option
    })
    await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' })
  }
)

test('an option that a service refuses is refused before anything is opened', async () => {
  const home = join(await tempDirectory(), 'home')
  await expect(createNode({ home, dht: { findTimeoutMs: -1 } })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
  await expect(stat(home)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('an aborted start leaves nothing open', async () => {
  const home = await tempDirectory()
  const reason = new Error('enough')
  await expect(createNode({ home, mdns: false, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect((await startNode({ home })).notices).toEqual([])
})

test('stopping closes connections, files and timers, and may be asked for twice', async () => {
  const home = await tempDirectory()
  const leaks = detectLeaks({ ignoreTimers: [/testkit/u] })
  const seed = await createNode({ home, listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false })
  const node = await createNode({ listen: [], mdns: false, bootstrap: [...seed.addresses(), '/ip4/127.0.0.1/tcp/1'] })
  await node.services.bootstrap.tried()
  await Promise.all([node.stop(), node.stop(), seed.stop()])
  await node.stop()
  await leaks.assertNone()
})

test('a stopped node says so when asked for more', async () => {
  const node = await startNode()
  await node.stop()
  await expect(node.share('/etc/hostname')).rejects.toMatchObject({ code: 'ERR_NOT_STARTED' })
  await expect(node.get('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku').next()).rejects.toMatchObject({
    code: 'ERR_NOT_STARTED'
  })
})
