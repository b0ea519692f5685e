import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap, retryDelayMs } from '../src/bootstrap.ts'
import type { Bootstrap } from '../src/bootstrap.ts'

const QUICK = { minMs: 1, maxMs: 10 }

interface Settings {
  listen?: string
  privateKey?: PrivateKey
}

async function createNode(
  join: Multiaddr[],
  { listen = '/ip4/127.0.0.1/tcp/0', ...options }: Settings = {}
): Promise<Libp2p<{ bootstrap: Bootstrap }>> {
  const node = await createLibp2p({
    ...options,
    start: false,
    addresses: { listen: [listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { bootstrap: bootstrap(join, QUICK) }
  })
  onTestFinished(async () => node.stop())
  return node
}

async function next(node: Libp2p, type: 'peer:connect' | 'peer:disconnect'): Promise<void> {
  await new Promise((resolve) => {
    node.addEventListener(type, resolve, { once: true })
  })
}

function addressOf(node: Libp2p): Multiaddr {
  return node.getMultiaddrs()[0] ?? expect.fail('not listening')
}

test('a node joins through an address, with or without a peer id, when it starts', async () => {
  const seed = await createNode([])
  await seed.start()
  for (const address of [addressOf(seed), addressOf(seed).decapsulate('/p2p')]) {
    const node = await createNode([address])
    await node.start()
    await node.services.bootstrap.tried()
    expect(node.getPeers()).toMatchObject([{ publicKey: seed.peerId.publicKey }])
  }
})

test('waiting ends when every address was tried in vain', async () => {
  const node = await createNode([multiaddr('/ip4/127.0.0.1/tcp/1'), multiaddr('/ip4/127.0.0.1/tcp/2')])
  await node.start()
  await node.services.bootstrap.tried()
  expect(node.getPeers()).toEqual([])
  expect(node.services.bootstrap.state).toEqual({ addresses: 2, answered: false })
})

test('waiting ends at once for a node that joins nobody', async () => {
  const node = await createNode([])
  await node.start()
  await node.services.bootstrap.tried()
})

test('waiting ends with the reason of its signal', async () => {
  const node = await createNode([multiaddr('/ip4/127.0.0.1/tcp/1')])
  const reason = new Error('enough')
  await expect(node.services.bootstrap.tried({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const abort = new AbortController()
  const waiting = node.services.bootstrap.tried({ signal: abort.signal })
  abort.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})

/** Where no other process may take the port that this one gives back for a moment. */
const OWN_HOST = process.platform === 'linux' ? '127.9.0.1' : '127.0.0.1'

test('a peer that starts later, goes and comes back is found each time', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const first = await createNode([], { privateKey, listen: `/ip4/${OWN_HOST}/tcp/0` })
  await first.start()
  const address = addressOf(first)
  const listen = address.decapsulate('/p2p').toString()
  await first.stop()

  const node = await createNode([address])
  await node.start()
  await node.services.bootstrap.tried()
  expect(node.getPeers()).toEqual([])

  for (let round = 0; round < 2; round++) {
    const connected = next(node, 'peer:connect')
    const seed = await createNode([], { privateKey, listen })
    await seed.start()
    await connected
    const disconnected = next(node, 'peer:disconnect')
    await seed.stop()
    await disconnected
  }
  expect(node.services.bootstrap.state).toEqual({ addresses: 1, answered: true })
})

test.each([
  [1, 0, 500],
  [1, 1, 1_000],
  [2, 1, 2_000],
  [3, 0, 2_000],
  [7, 1, 60_000],
  [5_000, 1, 60_000]
])('after %d failures the pause grows to a limit (random %d: %d ms)', (failures, random, expected) => {
  expect(retryDelayMs(failures, random, { minMs: 1_000, maxMs: 60_000 })).toBe(expected)
})
